#!/usr/bin/env python3
"""Power cuts on ext4 and XFS at every change and sync of apply, archive, restore, purge, pin and recover.

The process is killed there, the file system's log flushed or dropped, the file system shut down and mounted again; then
the product recovers, and an account is taken of every run by other means than the product's own.

Usage: powercut.py POLICY-PROGRAM STATES      about so many cuts, spread over everything that there is
       powercut.py POLICY-PROGRAM syncs [KIND…]    leaves out one sync at a time: each must be missed by a cut after it
Needs root, loop devices, e2fsprogs, xfsprogs and strace. Prints what it tried; exits 1 on a violation, 2 where it cannot run."""

import collections
import itertools
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time

import powerstate
import powersyncs
import volumes
from powerscene import LAYOUTS

def work(job):
    """Carries out cases of one kind and layout."""
    program, top, kind, layout, cases = job
    results, violations = collections.Counter(), []
    with powerstate.scene(program, top, kind, layout) as scene:
        for case in cases:
            try:
                reached = powerstate.carry_out(scene, case)
            except powerstate.BROKEN as violation:
                reached = True
                violations.append(f"{kind}, {layout}: {powerstate.words(case)}: {violation}")
            results[(kind, powerstate.title(case)) if reached else "not reached"] += 1
    return results, violations


def spread(cases, count):
    """So many of them, of each operation as many as of any other where there are as many; the same every time."""
    groups = collections.defaultdict(list)
    for case in cases:
        groups[powerstate.title(case), case.killed].append(case)
    for group in groups.values():
        random.Random(1).shuffle(group)
    turns = sorted((place / len(group), number, place) for number, group in enumerate(groups.values())
                   for place in range(len(group)))
    # Half by share, so that the large operations are covered; half by turns, so that no small one is left out.
    ordered = list(groups.values())
    by_turns = sorted(turns, key=lambda turn: (turn[2], turn[1]))
    chosen = dict.fromkeys((number, place) for pair in zip(turns, by_turns) for _, number, place in pair)
    return [ordered[number][place] for number, place in itertools.islice(chosen, count)]


def cuts(program, top, wanted):
    is_small = wanted < 1000
    pairs = [(kind, layout) for kind in volumes.KINDS for layout in LAYOUTS]
    with multiprocessing.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        found = dict(zip(LAYOUTS, pool.map(powerstate.enumerate_cases, [
            (program, top, layout, 4 if is_small else 1) for layout in LAYOUTS], chunksize=1)))
    jobs, there_are = [], 0
    for kind, layout in pairs:
        all_of_it = [case._replace(flags=flags) for case in found[layout] for flags in powerstate.flags(kind, layout)]
        there_are += len(all_of_it)
        cases = spread(all_of_it, -(-wanted // len(pairs)))
        size = len(cases) if is_small else 100
        jobs += [(program, top, kind, layout, cases[start:start + size]) for start in range(0, len(cases), size)]
    results, violations = collections.Counter(), []
    with multiprocessing.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for counted, broken in pool.imap_unordered(work, jobs, chunksize=1):
            results.update(counted)
            violations += broken
    for violation in violations[:20]:
        print("power cut: VIOLATION:", violation)
    reached = {key: count for key, count in results.items() if isinstance(key, tuple)}
    total = sum(reached.values())

    def counts(index):
        return ", ".join(f"{sum(count for key, count in reached.items() if key[index] == name)} {name}"
                         for name in sorted({key[index] for key in reached}))

    print(f"power cuts: {total} states ({counts(0)}; {counts(1)}), {results['not reached']} not reached, "
          f"{len(violations)} violations")
    return not violations and total >= min(wanted, there_are) * 0.9


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    lacks = volumes.missing()
    if lacks:
        print("power cuts: NOT RUN, 0 states: this needs " + ", ".join(lacks))
        sys.exit(2)
    program = os.path.abspath(sys.argv[1])
    started = time.time()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # In memory where there is some: only what the file systems write there counts.
    top = tempfile.mkdtemp(prefix="policy-power-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    try:
        is_well = (powersyncs.prove(program, top, sys.argv[3:] or volumes.KINDS) if sys.argv[2] == "syncs" else cuts(program, top, int(sys.argv[2])))
    finally:
        shutil.rmtree(top, ignore_errors=True)
    print(f"power cuts: {time.time() - started:.0f} s")
    sys.exit(0 if is_well else 1)


if __name__ == "__main__":
    main()
