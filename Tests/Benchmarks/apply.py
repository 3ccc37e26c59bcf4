"""How fast things go to the trash and out of it, beside the bare calls, `rm -rf` and a delete in C."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time

import volume
from measure import HERE

RUNS, FOLDERS = 20_000, 100
PURGED_RUNS, FILES = 2_000, 25
POLICY = """version: 1
roots: [runs]
trash: { purge_after: 1s }
limits: { max_trash: 100000, max_share: 100% }
rules:
  - { id: everything, trash: runs, after: 1h, where: name matches "exp*" }
"""
OLD = time.time() - 3 * 86400


def make_runs(top, runs, folders, files):
    for number in range(runs):
        run = os.path.join(top, f"g{number % folders}", f"exp{number}")
        os.makedirs(os.path.join(run, "weights"))
        for index in range(files):
            name = ["args.yaml", "results.csv"][index] if index < 2 else f"weights/epoch{index}.pt"
            path = os.path.join(run, name)
            with open(path, "w") as file:
                file.write("task: detect\nmode: train\nepochs: 2\n" if index == 0 else "x")
            os.utime(path, (OLD, OLD))


def seconds(*command, **more):
    start = time.monotonic()
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **more)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - start, cpu


def spans(folder):
    """Seconds of the moving phase: from the begin of the apply to its end, and from the first intent. The end is written
    when all commits are, and synced at once."""
    stamps = {}
    count = 0
    with open(os.path.join(folder, "runs/.policy", str(os.getuid()), "journal"), "rb") as file:
        for line in file:
            parts = line.split(b" ", 2)
            if len(parts) != 3 or b'"event"' not in parts[2]:
                continue
            record = json.loads(parts[2])
            stamps.setdefault(record["event"], record["uptime_ns"])
            count += record["event"] == "commit"
    if count != RUNS:
        sys.exit(f"apply: {count} of {RUNS} were moved")
    return (stamps["end"] - stamps["begin"]) / 1e9, (stamps["end"] - stamps["intent"]) / 1e9


def trash_round(policy, reference, folder):
    make_runs(os.path.join(folder, "runs"), RUNS, FOLDERS, 3)
    with open(os.path.join(folder, "p.yaml"), "w") as file:
        file.write(POLICY)
    subprocess.run([policy, "plan", "-p", "p.yaml", "-o", "plan.json"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    os.sync()
    whole, _ = seconds(policy, "apply", "plan.json", cwd=folder)
    phase, intents = spans(folder)
    # The same renames, bare, out of the trash into a folder.
    os.mkdir(os.path.join(folder, "away"))
    files = os.path.join(folder, "runs/.policy", str(os.getuid()), "trash/files")
    bare = int(subprocess.run([reference, "rename", files, os.path.join(folder, "away")], check=True,
                              capture_output=True).stdout) / 1e9
    return {"whole": whole, "phase": phase, "intents": intents, "bare": bare}


def few_round(policy, _, folder):
    """What an apply costs however little there is to be done: start-up, plan, look, worker, syncs."""
    make_runs(os.path.join(folder, "runs"), 1, 1, 3)
    with open(os.path.join(folder, "p.yaml"), "w") as file:
        file.write(POLICY)
    subprocess.run([policy, "plan", "-p", "p.yaml", "-o", "plan.json"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    os.sync()
    return {"one": seconds(policy, "apply", "plan.json", cwd=folder)[0]}


def purge_round(policy, reference, folder):
    result = {}
    for name in ["c", "rm", "rm2"]:
        make_runs(os.path.join(folder, name), PURGED_RUNS, 1, FILES)
    make_runs(os.path.join(folder, "runs"), PURGED_RUNS, 1, FILES)
    with open(os.path.join(folder, "p.yaml"), "w") as file:
        file.write(POLICY)
    subprocess.run([policy, "plan", "-p", "p.yaml", "-o", "plan.json"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run([policy, "apply", "plan.json"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    time.sleep(1.1)
    os.sync()
    result["policy"], result["policy cpu"] = seconds(policy, "trash", "purge", "--root", "runs", cwd=folder)
    os.sync()
    result["c"], result["c cpu"] = seconds(reference, "delete", os.path.join(folder, "c"))
    os.sync()
    result["rm"], result["rm cpu"] = seconds("rm", "-rf", os.path.join(folder, "rm"))
    os.sync()
    result["rm2"], result["rm2 cpu"] = seconds(
        "bash", "-c", "ls rm2/g0 | sed s,^,rm2/g0/, | xargs -P2 -n 100 rm -rf", cwd=folder)
    return result


def run(policy, rounds, folder):
    """Medians of both, and on what they were measured. Everything is made anew for each round, and contenders take turns."""
    results = {}
    with volume.fresh(folder) as (top, system):
        reference = os.path.join(folder, "reference")
        subprocess.run(["cc", "-O2", "-o", reference, os.path.join(HERE, "reference.c")], check=True)
        for _ in range(rounds):
            for one in (few_round, trash_round, purge_round):
                place = os.path.join(top, "round")
                os.mkdir(place)
                for name, value in one(policy, reference, place).items():
                    results.setdefault(name, []).append(value)
                shutil.rmtree(place)
                os.sync()
    return {"medians": {name: statistics.median(values) for name, values in results.items()}, "file system": system,
            "runs": RUNS, "purged files": PURGED_RUNS * FILES}
