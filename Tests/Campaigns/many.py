#!/usr/bin/env python3
"""kill -9 of an apply that moves hundreds of runs: the batches of the other campaigns are small, and never overlap.

While one batch is moved, a second thread syncs the intents of the next one and writes its info files. The worker is killed
before one of its calls, on either thread; then the program recovers, and by the file system and the journal, read here,
every run must be in exactly one place, with its record and its info file where that is the trash. A second apply moves
the rest.

Usage: many.py POLICY-PROGRAM POINTS; prints what it tried, exits 1 on any violation or where too few were reached."""

import collections
import os
import random
import subprocess
import sys
import tempfile
import time

import cuts
from journal import Damaged, History
from scene import OLD, POLICY

RUNS = 600
# Calls, and how many of them one thread makes at most.
CALLS = {"renameat2": RUNS, "pwrite64": 256, "openat": 256, "fdatasync": 4, "syncfs": 2, "fsync": 9, "getdents64": 6 * RUNS}


def make(folder):
    for number in range(RUNS):
        run = os.path.join(folder, "runs", f"g{number % 7}", f"exp{number}")
        os.makedirs(os.path.join(run, "weights"))
        for name, text in (("args.yaml", f"task: detect\nmode: train\nepochs: 2\nname: exp{number}\n"),
                           ("results.csv", "epoch,metrics/mAP50(B)\n1,0.5\n2,0.6\n"), ("weights/epoch2.pt", "x")):
            file = os.path.join(run, name)
            with open(file, "w") as out:
                out.write(text)
            os.utime(file, (OLD, OLD))
    with open(os.path.join(folder, "p.yaml"), "w") as file:
        file.write(POLICY.replace("max_trash: 100", f"max_trash: {RUNS}").replace("purge_after: 1s", "purge_after: 30d"))


def policy(program, folder, *words, prefix=()):
    return subprocess.run([*prefix, program, *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "HOME": folder, "SWIFT_BACKTRACE": "enable=no"})


def account(folder, wrong):
    """Which runs lie in the trash; what is wrong is added to `wrong`."""
    home = os.path.join(folder, "runs", ".policy", str(os.getuid()))
    try:
        history = History(os.path.join(home, "journal"))
    except Damaged as damage:
        wrong.append(f"the journal says what cannot be: {damage}")
        return set()
    stored = set(os.listdir(os.path.join(home, "trash", "files")))
    infos = set(os.listdir(os.path.join(home, "trash", "info")))
    committed = set(history.having("in trash"))
    if history.open():
        wrong.append(f"{len(history.open())} are still open")
    if stored != committed:
        wrong.append(f"in the trash and not in the journal, or the other way: {sorted(stored ^ committed)[:3]}")
    if infos != {record + ".trashinfo" for record in stored}:
        wrong.append("info files and things in the trash differ")
    trashed = set()
    for record in stored:
        path = history.paths.get(record, "")
        trashed.add(path)
        with open(os.path.join(home, "trash", "files", record, "args.yaml")) as file:
            if not path.endswith("/" + file.read().split()[-1]):
                wrong.append(f"{record} is not what its record says")
    for number in range(RUNS):
        path = f"g{number % 7}/exp{number}"
        if os.path.exists(os.path.join(folder, "runs", path, "args.yaml")) == (path in trashed):
            wrong.append(f"{path} is in {'two places' if path in trashed else 'none'}")
    return trashed


def one(program, folder, call, number, counted):
    """What is wrong after a kill before the `number`-th `call` of one thread of the worker, and what followed."""
    make(folder)
    wrong = []
    plan = policy(program, folder, "plan", "-p", "p.yaml", "-o", "plan.json")
    if plan.returncode != 0 or "nothing to do" in plan.stdout:
        sys.exit(f"many: plan ended with {plan.returncode}: {plan.stdout}{plan.stderr}")
    trace = os.path.join(folder, "trace")
    prefix = ["strace", "-f", "-o", trace, "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"]
    ended = policy(program, folder, "apply", "plan.json", prefix=prefix)
    if not cuts.was_killed(trace):
        counted["not reached"] += 1
        return []
    counted[call] += 1
    if not os.path.isdir(os.path.join(folder, "runs", ".policy")):
        return wrong
    recovered = policy(program, folder, "recover", "--root", "runs")
    if recovered.returncode not in (0, 3):
        return [f"recover ended with {recovered.returncode}: {recovered.stdout}{recovered.stderr}"]
    trashed = account(folder, wrong)
    counted["half-done"] += 0 < len(trashed) < RUNS
    if ended.returncode == 0 and len(trashed) < RUNS:
        wrong.append(f"it ended with 0, and {len(trashed)} of {RUNS} are moved")
    for words in (["plan", "-p", "p.yaml", "-o", "plan2.json"], ["apply", "plan2.json"]):
        if len(trashed) < RUNS and not wrong:
            again = policy(program, folder, *words)
            if again.returncode != 0:
                wrong.append(f"then {words[0]} ended with {again.returncode}: {again.stdout}{again.stderr}")
    if not wrong and len(account(folder, wrong)) != RUNS:
        wrong.append("a second apply did not move the rest")
    return wrong


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, wanted, started = os.path.abspath(sys.argv[1]), int(sys.argv[2]), time.time()
    # A fixed order of random points, so that a run can be repeated.
    numbers, counted, violations = random.Random(1), collections.Counter(), 0
    calls = list(CALLS)
    for index in range(wanted):
        call = calls[index % len(calls)]
        number = numbers.randrange(CALLS[call]) + 1
        with tempfile.TemporaryDirectory(prefix="campaign") as folder:
            wrong = one(program, folder, call, number, counted)
        for text in wrong[:3]:
            print(f"VIOLATION: killed before {call} {number}: {text}", flush=True)
        violations += bool(wrong)
    reached = sum(counted[call] for call in CALLS)
    print(f"kill -9 among {RUNS} moves: {reached} points (" + ", ".join(f"{counted[call]} {call}" for call in CALLS)
          + f"), {counted['half-done']} half done, {counted['not reached']} not reached, {violations} violations "
          f"({time.time() - started:.0f} s)")
    sys.exit(1 if violations or reached < wanted // 2 else 0)


if __name__ == "__main__":
    main()
