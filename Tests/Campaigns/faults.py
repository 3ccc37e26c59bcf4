#!/usr/bin/env python3
"""Every call of apply, restore, purge and recover, failing with each of fourteen errors.

After each the product recovers, an independent account is taken (scene.py), what failed is done again and taken back.
The exit status must be one that the table in expected.py gives for such a call and error, and true: 0 only where all is
done, `nothing was done` only where nothing was.

Usage: faults.py POLICY-PROGRAM RUNS|all [CALL]; prints what it tried, exits 1 on any violation or where too few were
reached. With CALL, such as `fdatasync`, only that one fails."""

import collections
import os
import random
import re
import sys
import tempfile
import time
from dataclasses import dataclass, replace

import expected
import inject
from campaign import after, arguments, carry_out, conclude, prepare, settle, spread
from scene import Violation

OPERATIONS = ("apply", "restore", "purge", "recover", "recover after apply", "recover after restore",
              "recover after purge")
# Calls that cannot fail by their contract, and what is the runtime's own and not the product's.
NEVER = {"exit", "exit_group", "gettid", "getpid", "getuid", "geteuid", "getgid", "getegid", "uname", "futex", "brk",
         "rt_sigreturn", "rt_sigprocmask", "rt_sigaction", "mmap", "munmap", "mprotect", "madvise", "sched_yield",
         "umask", "getppid", "set_robust_list", "rseq", "set_tid_address", "arch_prctl", "sigaltstack", "getrandom"}
# What an interrupted command leaves for the recovery: killed before its second move, or fourth removal.
BEFORE = {"apply": ("renameat2", 2), "restore": ("renameat2", 2), "purge": ("unlinkat", 4)}

PROGRAM = TOOL = None


@dataclass(frozen=True)
class Case:
    operation: str
    point: inject.Point
    error: str
    where: str

    def __str__(self):
        return f"{self.operation}: {self.error} from {self.point}, {self.where}"


def ends(operation):
    """What is run, and what was before it."""
    return operation.split()[0], operation.split()[-1]


def scene_of(folder, operation):
    """A scene where the operation is next, and its arguments."""
    command, base = ends(operation)
    scene = prepare(PROGRAM, folder, base, is_rich=False)
    if command != base:
        call, number = BEFORE[base]
        for process in (2, 1):
            is_reached, _ = TOOL.kill(scene, inject.Point(process, call, True, number), arguments(scene, base))
            if is_reached:
                break
        else:
            raise Violation(f"{base} has no {call} {number}")
    return scene, arguments(scene, command)


def one(folder, case):
    scene, words = scene_of(folder, case.operation)
    command, base = ends(case.operation)
    run = expected.run_of(scene, case.point)
    is_reached, ended = TOOL.fail(scene, case.point, case.error, words)
    status = ended.returncode
    if not is_reached:
        return collections.Counter({"not reached": 1})
    if not case.point.is_inside:
        case = replace(case, point=TOOL.struck, where=expected.place(scene, TOOL.struck))
    try:
        entry, right = expected.right(case.operation, case.point, case.where, case.error)
        if is_told_gone(case):
            # Then it is settled as gone; the next recovery finds it, or finds it and keeps its hands off.
            if status not in right:
                raise Violation(f"{sorted(right)} is right for `{entry.what if entry else 'no row'}`")
            scene.run(*scene.recover(), check=[0, 8])
            return collections.Counter({"reached": 1, f"status {status}": 1})
        after(scene, command, status)
        if run is not None and is_structure(case) and scene.account()[run] != run:
            raise Violation(f"{run} could not be read, and was moved")
        if status not in right:
            raise Violation(f"{sorted(right)} is right for `{entry.what if entry else 'no row'}`")
        if command == base and command != "recover":
            settle(scene, command)
    except Violation as violation:
        raise Violation(f"at {case.point}, {case.where}: {violation}; it ended with {status} and said: {ended.text.strip()}") from None
    return collections.Counter({"reached": 1, f"status {status}": 1})


def is_told_gone(case):
    """Whether the system says of a trash, of what is to go from it, or of an info file, that it is not there."""
    if expected.group(case.error) != "absent":
        return False
    if case.where in ("root", "state"):
        return case.operation != "apply"
    return (case.operation in ("purge", "recover after purge") and case.point.call == "statx"
            and case.where in ("trashed", "info"))


def is_structure(case):
    """Whether the scan cannot know what there is (I9): such a run stays. `statx` has an older call to fall back on."""
    return (case.operation == "apply" and case.point.process == 1 and case.point.call in ("statx", "getdents64")
            and case.where == "item" and (case.point.path or case.point.call == "getdents64")
            and case.error != "EINTR" and (case.point.call, case.error) != ("statx", "EPERM"))


def enumerate_cases():
    """Every call on something of the scene; of those elsewhere, whose number the machine makes, the first of a kind."""
    found, calls, kinds = [], 0, 0
    for operation in OPERATIONS:
        with tempfile.TemporaryDirectory(prefix="campaign") as top:
            scene, words = scene_of(os.path.join(top, "scene"), operation)
            seen = set()
            for point in TOOL.points(scene, words)[1]:
                if point.call in NEVER:
                    continue
                if not point.is_inside:
                    kind = (point.process, point.call, re.sub(r"\d+", "N", f"{point.descriptor} {point.path}"))
                    if kind in seen:
                        continue
                    seen.add(kind)
                    kinds += 1
                calls += 1
                where = expected.place(scene, point)
                found += [Case(operation, point, error, where) for error in expected.ERRORS]
    return found, calls, kinds


def main():
    global PROGRAM, TOOL
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    PROGRAM, started = os.path.abspath(sys.argv[1]), time.time()
    TOOL = inject.Tool()
    cases, calls, kinds = enumerate_cases()
    if calls < 500:
        sys.exit(f"faults: only {calls} calls were seen: does tracing work here?")
    if len(sys.argv) == 4:
        cases = [case for case in cases if case.point.call == sys.argv[3]]
    total = len(cases)
    if sys.argv[2] != "all":
        # Shuffled within the operations, so that a spread sample meets every error.
        chosen = random.Random(1)
        cases = spread(sorted(cases, key=lambda case: (case.operation, chosen.random())), int(sys.argv[2]))
    counts, violations = carry_out(one, cases, "faults")
    statuses = ", ".join(f"{number} × {name}" for name, number in sorted(counts.items()) if name.startswith("status"))
    summary = (f"{counts['reached']} of {total} runs without a violation ({calls} calls × {len(expected.ERRORS)} "
               f"errors; {kinds} of the calls stand for their kind outside the scene), {statuses}, "
               f"{counts['not reached']} not reached")
    conclude("faults", summary, violations, counts["reached"] + len(violations), int(len(cases) * 0.9), started)


if __name__ == "__main__":
    main()
