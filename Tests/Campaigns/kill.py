#!/usr/bin/env python3
"""kill -9 before system calls of apply, restore, purge and recover, and of recovery inside recovery.

After each the product recovers, an independent account is taken (scene.py), and what was interrupted is done again and
taken back. Usage: kill.py POLICY-PROGRAM POINTS; prints what it tried, exits 1 on any violation."""

import collections
import multiprocessing
import os
import random
import sys
import tempfile
import time

import inject
from scene import PURGE_AFTER, Scene, Violation

OPERATIONS = ["apply", "restore", "purge"]
# Calls that change something: what a recovery can find half-done.
CHANGING = {"renameat2", "fsync", "fdatasync", "pwrite64", "mkdirat", "unlinkat", "fallocate", "fchmod"}
BATCH = 12


def prepare(program, folder, operation):
    scene = Scene(program, folder)
    scene.plan()
    if operation != "apply":
        scene.run(*scene.apply(), check=[0])
    return scene


def arguments(scene, operation):
    return getattr(scene, operation)()


def batch(job):
    """Carries out kill points: each (operation, point of it, points of recoveries after it)."""
    program, cases = job
    results = collections.Counter()
    violations = []
    with tempfile.TemporaryDirectory() as top:
        scenes = [prepare(program, os.path.join(top, str(number)), case[0]) for number, case in enumerate(cases)]
        time.sleep(PURGE_AFTER)
        for scene, (operation, point, recoveries) in zip(scenes, cases):
            try:
                killed = scene.run(*arguments(scene, operation), prefix=inject.killing(point)).returncode == -9
                results[operation if killed else "not reached"] += 1
                for recovery in recoveries:
                    killed = scene.run(*scene.recover(), prefix=inject.killing(recovery)).returncode == -9
                    results["recover" if killed else "recover not reached"] += 1
                scene.settle(operation)
            except Violation as violation:
                violations.append(f"{operation} killed before {point}, recoveries before {recoveries}: {violation}")
    return results, violations


def enumerate_points(program):
    """operation -> its points; (operation, point) -> the points of a recovery after that kill."""
    found = {}
    with tempfile.TemporaryDirectory() as top:
        for operation in OPERATIONS:
            scene = prepare(program, os.path.join(top, operation), operation)
            time.sleep(PURGE_AFTER)
            found[operation] = inject.points(scene, arguments(scene, operation))[1]
            if len(found[operation]) < 50:
                sys.exit(f"kill: only {len(found[operation])} calls of {operation} were seen: is strace working?")
            for number, point in enumerate(point for point in found[operation] if point[0] in CHANGING):
                scene = prepare(program, os.path.join(top, f"{operation}{number}"), operation)
                time.sleep(PURGE_AFTER if operation == "purge" else 0)
                scene.run(*arguments(scene, operation), prefix=inject.killing(point))
                found[operation, point] = inject.points(scene, scene.recover())[1]
    return found


def cases(found, wanted, seed):
    """Every single point first as far as they go, each third with recoveries killed as well; then pairs at random."""
    chosen = random.Random(seed)
    singles = [(operation, point, ()) for operation in OPERATIONS for point in found[operation]]
    pairs = [(*key, (point,)) for key in found if isinstance(key, tuple) for point in found[key]]
    chosen.shuffle(singles)
    chosen.shuffle(pairs)
    deep = [(operation, point, (first, chosen.choice(found[operation, point]))) for operation, point, (first,) in pairs]
    mixed = []
    for number in range(len(singles) + len(pairs)):
        source = singles if number % 2 == 0 and singles else pairs if number % 4 == 1 or not deep else deep
        source = source or singles or pairs or deep
        mixed.append(source.pop())
    total, result = 0, []
    for case in mixed:
        if total >= wanted:
            break
        result.append(case)
        total += 1 + len(case[2])
    return result


def main():
    if len(sys.argv) != 3 or not inject.have_strace():
        sys.exit(__doc__ if len(sys.argv) != 3 else "kill: strace is missing: apt-get install strace")
    program, wanted = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    started = time.time()
    found = enumerate_points(program)
    chosen = cases(found, wanted, 1)
    # Purges last: their scenes have to wait.
    jobs = [(program, chosen[index:index + BATCH]) for index in range(0, len(chosen), BATCH)]
    results, violations = collections.Counter(), []
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for counted, broken in pool.imap_unordered(batch, jobs):
            results.update(counted)
            violations += broken
    for violation in violations[:20]:
        print("kill: VIOLATION:", violation)
    killed = sum(results[operation] for operation in OPERATIONS + ["recover"])
    print(f"kill -9: {killed} points (" + ", ".join(f"{results[name]} {name}" for name in OPERATIONS + ["recover"])
          + f"), {results['not reached'] + results['recover not reached']} not reached, {len(violations)} violations, "
          f"{time.time() - started:.0f} s")
    if violations or killed < wanted * 0.8:
        sys.exit(1)


if __name__ == "__main__":
    main()
