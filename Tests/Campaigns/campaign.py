"""What the campaigns share: many cases in two processes, a spread sample, what follows an interruption."""

import collections
import multiprocessing
import os
import sys
import tempfile
import time

from scene import FEW_RUNS, RUNS, Scene, Violation

OPERATIONS = ("apply", "restore", "purge", "archive")
# What must be so whatever else happened. Anything may be done where the status says that the environment failed, or
# where the program says that it has no idea (70).
ALL_DONE, NONE_DONE, SOME_LEFT = (0,), (3, 4, 5, 7, 8), (6,)
PROCESSES = 2
MOST_SHOWN = 60


def prepare(program, folder, operation, is_rich=True):
    """A scene where the operation is what comes next; for `recover` there is nothing to settle."""
    # What is to be purged may be purged at once, so that no campaign has to wait.
    purge_after = "0s" if operation == "purge" else "30d"
    scene = Scene(program, folder, RUNS if is_rich else FEW_RUNS, is_rich, purge_after,
                  is_archiving=operation == "archive")
    scene.plan()
    if operation not in ("apply", "archive"):
        scene.run(*scene.apply(), check=[0])
    return scene


def arguments(scene, operation):
    return getattr(scene, operation)()


def done(scene, operation, found):
    """The runs with which the operation has done what it is for; half a purge is none."""
    if operation == "restore":
        return [name for name in scene.names if found[name] == name]
    if operation == "purge":
        history = scene.history()
        left = {history.paths[record] for record in scene.stored()}
        return [name for name in scene.names if found[name] is None and name not in left]
    return [name for name in scene.names if found[name] not in (name, None)]


def check_truth(scene, operation, status, found):
    """`found` is the account when it has ended."""
    if operation == "recover":
        return
    number, all_of_them = len(done(scene, operation, found)), len(scene.names)
    is_true = {ALL_DONE: number == all_of_them, NONE_DONE: number == 0, SOME_LEFT: number < all_of_them}
    for statuses, holds in is_true.items():
        if status in statuses and not holds:
            raise Violation(f"{operation} ended with {status}, and {number} of {all_of_them} are done: {found}")


def after(scene, operation, status):
    """After a run that ended with a status, or was killed (None): account, recover where that is due, account."""
    found = scene.account(is_settled=status == 0)
    if status is not None:
        check_truth(scene, operation, status, found)
    if status != 0:
        scene.run(*scene.recover(), check=[0])
        found = scene.account()
    return found


def settle(scene, operation):
    """Does again what was interrupted, and takes back what can be taken back."""
    if operation == "purge":
        scene.run(*scene.purge(), check=[0])
        found = scene.account()
        if len(done(scene, "purge", found)) < len(scene.names):
            raise Violation(f"purged again, and not all are gone: {found}")
        if os.listdir(scene.home("trash", "info")):
            raise Violation(f"info files of what is gone: {os.listdir(scene.home('trash', 'info'))}")
        return
    if operation in ("apply", "archive"):
        apply_again(scene)
    trashed = [record for record in scene.account().values() if record in scene.stored()]
    if trashed:
        scene.run("trash", "restore", *trashed, "--root", "runs", check=[0])
    found = scene.account()
    if len(done(scene, "restore", found)) < len(scene.names):
        raise Violation(f"restored, and not all are back: {found}")


def apply_again(scene):
    # 5: the first try used the plan up.
    if scene.run(*scene.apply(), check=[0, 5]).returncode == 5:
        scene.plan()
        scene.run(*scene.apply(), check=[0])
    found = scene.account()
    if len(done(scene, "apply", found)) < len(scene.names):
        raise Violation(f"applied again, and not all are in the trash: {found}")


def spread(things, number):
    """That many of them, evenly spread, the first among them."""
    things = list(things)
    if number >= len(things):
        return things
    return [things[index * len(things) // number] for index in range(number)]


def carry_out(function, cases, name):
    """Counts and violations of all the cases, each in a folder of its own: `function(folder, case)` gives a counter."""
    counts, violations = collections.Counter(), []
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        tasks = ((function, case) for case in cases)
        for number, (counted, broken) in enumerate(pool.imap_unordered(_one, tasks, chunksize=4)):
            counts.update(counted)
            violations += broken
            if number % 1000 == 999 and sys.stdout.isatty():
                print(f"{name}: {number + 1} of {len(cases)} …", flush=True)
    return counts, violations


def _one(task):
    function, case = task
    with tempfile.TemporaryDirectory(prefix="campaign") as top:
        try:
            return function(os.path.join(top, "scene"), case), []
        except Violation as violation:
            return collections.Counter(), [f"{case}: {violation}"]


def conclude(name, summary, violations, reached, wanted, started):
    """Prints violations and one line of figures, and ends the program."""
    for violation in violations[:MOST_SHOWN]:
        print(f"{name}: VIOLATION: {' '.join(violation.split())[:500]}")
    if len(violations) > MOST_SHOWN:
        print(f"{name}: and {len(violations) - MOST_SHOWN} more")
    too_few = reached < wanted
    print(f"{name}: {summary}, {len(violations)} violations, {time.time() - started:.0f} s"
          + (f"; TOO FEW: {wanted} were wanted" if too_few else ""))
    sys.exit(1 if violations or too_few else 0)
