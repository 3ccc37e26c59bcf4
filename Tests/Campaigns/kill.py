#!/usr/bin/env python3
"""kill -9 before system calls of apply, restore, purge, archive and recover, and of recoveries inside recoveries.

After each kill the product recovers, an independent account is taken (scene.py), what was interrupted is done again and
taken back. Where only a process of the program's own was killed, its exit status must be true.

Usage: kill.py POLICY-PROGRAM POINTS; prints what it tried, exits 1 on any violation or where too few were reached."""

import collections
import os
import sys
import time
from dataclasses import dataclass, field

import inject
from campaign import OPERATIONS, after, arguments, carry_out, conclude, prepare, settle, spread
from scene import Violation

# Calls that change something: before each of them a recovery can find another state of things.
CHANGING = {"renameat2", "renameat", "fsync", "fdatasync", "syncfs", "pwrite64", "mkdirat", "unlinkat", "fallocate",
            "fchmod", "ftruncate", "linkat"}
KILLED = 128 + 9
# Shares of the points: kills of the operations, of the recovery after one, of the recovery after that.
SINGLE, DOUBLE = 0.4, 0.4

PROGRAM = TOOL = None


@dataclass(frozen=True)
class Case:
    operation: str
    points: tuple = field(default=())

    def __str__(self):
        text = f"{self.operation} killed before {self.points[0]}"
        return text + "".join(f", then recovery killed before {point}" for point in self.points[1:])


def kill(scene, words, operation, point):
    """Whether it was reached, and the status with which the program outlived it; None where it did not."""
    is_reached, ended = TOOL.kill(scene, point, words)
    if ended.returncode == KILLED:
        return is_reached, None
    if ended.returncode > 128:
        raise Violation(f"{operation} died of signal {ended.returncode - 128}: {ended.text}")
    return is_reached, ended.returncode


def one(folder, case):
    """The kills of a case, one after the other, and what must hold after the last."""
    operation, counted = case.operation, collections.Counter()
    scene = prepare(PROGRAM, folder, operation)
    is_reached, status = kill(scene, arguments(scene, operation), operation, case.points[0])
    for point in case.points[1:]:
        scene.account(is_settled=False)
        is_reached, status = kill(scene, scene.recover(), "recover", point)
    kind = operation if len(case.points) == 1 else "recover" if len(case.points) == 2 else "recover in recover"
    counted[kind if is_reached else "not reached"] += 1
    if status is not None:
        counted["outlived"] += is_reached
    after(scene, operation if len(case.points) == 1 else "recover", status)
    settle(scene, operation)
    return counted


def listed(folder, case):
    """The points of a command that comes next: of the operation, or of the recovery after the kills of the case."""
    scene = prepare(PROGRAM, folder, case.operation)
    for index, point in enumerate(case.points):
        kill(scene, scene.recover() if index else arguments(scene, case.operation), case.operation, point)
    words = scene.recover() if case.points else arguments(scene, case.operation)
    return collections.Counter({(case, point): 1 for point in TOOL.points(scene, words)[1]})


def further(cases, name):
    """Each of the cases with one more kill, at each point there is; in a fixed order."""
    found, broken = carry_out(listed, cases, name)
    if broken:
        sys.exit("kill: cannot list the calls: " + broken[0])
    order = {case: index for index, case in enumerate(cases)}
    # A counter keeps the order in which its keys came, which within one case is that of the calls.
    pairs = sorted(found, key=lambda pair: order[pair[0]])
    return [Case(case.operation, (*case.points, point)) for case, point in pairs]


def changing(cases):
    return [case for case in cases if case.points[-1].call in CHANGING and case.points[-1].is_inside]


def choose(wanted):
    """Cases: kills of the operations, of recoveries after them, and of recoveries after those; each evenly spread."""
    single = further([Case(operation) for operation in (*OPERATIONS, "recover")], "kill")
    for operation in OPERATIONS:
        number = sum(case.operation == operation for case in single)
        if number < 100:
            sys.exit(f"kill: only {number} calls of {operation} were seen: does tracing work here?")
    half_done = changing(single)
    double = further(spread(half_done, max(6, wanted // 20)), "kill")
    triple = further(spread(changing(double), max(4, wanted // 40)), "kill")
    # What one kind has too few of, the next makes up for.
    first = min(len(single), int(wanted * SINGLE))
    third = min(len(triple), wanted - first - min(len(double), int(wanted * DOUBLE)))
    second = min(len(double), wanted - first - third)
    return part(single, first) + part(double, second) + part(triple, third), len(half_done)


def part(cases, number):
    """Two of three before calls that change something, as far as there are; the rest before any others."""
    most = spread(changing(cases), max(number * 2 // 3, number - len(cases) + len(changing(cases))))
    known = set(most)
    return most + spread([case for case in cases if case not in known], number - len(most))


def main():
    global PROGRAM, TOOL
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    PROGRAM, wanted, started = os.path.abspath(sys.argv[1]), int(sys.argv[2]), time.time()
    TOOL = inject.Tool()
    chosen, half_done = choose(wanted)
    counts, violations = carry_out(one, chosen, "kill")
    kinds = (*OPERATIONS, "recover", "recover in recover")
    reached = sum(counts[kind] for kind in kinds)
    summary = (f"{reached} points (" + ", ".join(f"{counts[kind]} {kind}" for kind in kinds)
               + f"), {half_done} half-done states, {counts['outlived']} outlived by the "
               f"program, {counts['not reached']} not reached")
    conclude("kill -9", summary, violations, reached + len(violations), int(wanted * 0.9), started)


if __name__ == "__main__":
    main()
