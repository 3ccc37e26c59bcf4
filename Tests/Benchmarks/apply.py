#!/usr/bin/env python3
"""How fast things go to the trash and out of it, beside the bare calls, `rm -rf` and a delete in C.

Usage: apply.py POLICY-PROGRAM [ROUNDS]. Everything is made anew for each round, and the contenders take turns; medians are
printed as lines of a Markdown table. Works in the current directory's file system."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
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


def journal_span(folder):
    """Seconds from the begin of the apply to its end, and how many items were committed. The end is written when all
    commits are, and synced at once."""
    first = last = None
    count = 0
    with open(os.path.join(folder, "runs/.policy", str(os.getuid()), "journal"), "rb") as file:
        for line in file:
            parts = line.split(b" ", 2)
            if len(parts) != 3 or b'"event"' not in parts[2]:
                continue
            record = json.loads(parts[2])
            stamp = record["uptime_ns"]
            if record["event"] == "begin" and first is None:
                first = stamp
            if record["event"] == "commit":
                count += 1
            if record["event"] == "end":
                last = stamp
    return (last - first) / 1e9, count


def trash_round(policy, reference, folder):
    make_runs(os.path.join(folder, "runs"), RUNS, FOLDERS, 3)
    with open(os.path.join(folder, "p.yaml"), "w") as file:
        file.write(POLICY)
    subprocess.run([policy, "plan", "-p", "p.yaml", "-o", "plan.json"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    os.sync()
    whole, _ = seconds(policy, "apply", "plan.json", cwd=folder)
    span, count = journal_span(folder)
    if count != RUNS:
        sys.exit(f"apply: {count} of {RUNS} were moved")
    # The same renames, bare, out of the trash into a folder.
    os.mkdir(os.path.join(folder, "away"))
    files = os.path.join(folder, "runs/.policy", str(os.getuid()), "trash/files")
    bare = int(subprocess.run([reference, "rename", files, os.path.join(folder, "away")], check=True,
                              capture_output=True).stdout) / 1e9
    return {"whole": whole, "durable": span, "bare": bare}


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


def medians(rounds):
    return {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    policy, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory(dir=".") as top:
        top = os.path.abspath(top)
        reference = os.path.join(top, "reference")
        subprocess.run(["cc", "-O2", "-o", reference, os.path.join(HERE, "reference.c")], check=True)
        results = {"trash": [], "purge": []}
        for _ in range(rounds):
            for name, one in [("trash", trash_round), ("purge", purge_round)]:
                folder = os.path.join(top, "round")
                os.mkdir(folder)
                results[name].append(one(policy, reference, folder))
                shutil.rmtree(folder)
        trash, purge = medians(results["trash"]), medians(results["purge"])
    print(f"| trash {RUNS} runs of 3 files, durable | {RUNS / trash['durable']:,.0f} items/s | ≥ 5,000 |")
    print(f"| whole `apply`, scanning again included | {RUNS / trash['whole']:,.0f} items/s | |")
    print(f"| one durable trash beside a bare `renameat2` | {trash['durable'] / trash['bare']:.1f} × | |")
    files = PURGED_RUNS * FILES
    print(f"| purge {PURGED_RUNS} runs of {FILES} files | {files / purge['policy']:,.0f} files/s, "
          f"{purge['policy cpu']:.2f} s CPU | |")
    for name, title, wanted in [("c", "delete in C, one thread", "≤ 1.2"), ("rm", "`rm -rf`", "< 1"),
                                ("rm2", "`rm -rf`, two processes", "")]:
        print(f"| the same by {title}: time of `policy` ÷ its time | {purge['policy'] / purge[name]:.2f} "
              f"({purge[name + ' cpu']:.2f} s CPU) | {wanted} |")


if __name__ == "__main__":
    main()
