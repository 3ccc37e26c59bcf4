"""Which exit statuses are right for a failed call: the written table behind faults.py.

0 done · 3 nothing here is meant · 4 refused · 5 stale, nothing was done · 6 some items skipped or failed · 8 the
journal and the disk disagree, hands off · 9 the environment failed. The first row that fits a call holds. Where a row gives
several, the account of what was done decides between them (campaign.check_truth)."""

import os
import re
from dataclasses import dataclass, field

GROUPS = {
    # A signal came: the call is made again.
    "interrupted": {"EINTR"},
    # Nothing more can be done on this volume, or by this process.
    "exhausted": {"EIO", "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENOMEM"},
    # It is not there, or the way to it is none.
    "absent": {"ENOENT", "ENOTDIR", "ELOOP"},
    "denied": {"EACCES", "EPERM"},
    # It was replaced, or is elsewhere.
    "moved": {"ESTALE", "EXDEV"},
}
# How intrude.c lists a lock that is dropped.
UNLOCK = "(unlock)"
ERRORS = [error for group in GROUPS.values() for error in sorted(group)]


def group(error):
    return next(name for name, errors in GROUPS.items() if error in errors)


def place(scene, point):
    """What a call is on, in one word."""
    path = point.descriptor if point.path == UNLOCK else os.path.join(point.descriptor, point.path)
    path = os.path.normpath(path.removesuffix(" (deleted)"))
    if not point.is_inside:
        if point.descriptor.startswith("pipe:"):
            return "pipe"
        return "other processes" if re.match(r"/proc/\d+/fd", path) else "outside" if point.descriptor else "nothing"
    home = scene.home()
    if not path.startswith(scene.runs):
        return "scene"
    if path.startswith(scene.home("trash", "files") + "/"):
        return "trashed"
    if path.startswith(scene.home("trash", "info") + "/"):
        return "info"
    if path.startswith(home + "/") and os.path.basename(path) in ("journal", "lock", "pins"):
        return os.path.basename(path)
    if path.startswith(os.path.join(scene.runs, ".policy")):
        return "state"
    return "root" if path == scene.runs else "item" if run_of(scene, point) else "other"


def run_of(scene, point):
    """The run that a call is on something of."""
    path = os.path.join(point.descriptor, point.path)
    return next((name for name in scene.names
                 if (path + "/").startswith(os.path.join(scene.runs, name) + "/")), None)


@dataclass(frozen=True)
class Row:
    what: str
    right: dict
    calls: frozenset = field(default=frozenset())
    places: frozenset = field(default=frozenset())
    operations: frozenset = field(default=frozenset())
    process: int = 0

    def fits(self, operation, point, where):
        # Dropping a lock is a call of its own.
        call = point.call + " " + UNLOCK if point.path == UNLOCK else point.call
        return ((not self.calls or call in self.calls) and (not self.places or where in self.places)
                and (not self.operations or operation in self.operations or operation.split()[0] in self.operations)
                and (not self.process or self.process == point.process))


def row(what, right, calls="", places="", operations="", process=0):
    """`right`: of each group of errors the statuses; `else` for the groups that are not named."""
    if isinstance(right, int):
        right = {"else": {right}}
    right = {name: {value} if isinstance(value, int) else set(value) for name, value in right.items()}
    right.setdefault("interrupted", {0})
    parts = [frozenset(text.split(", ")) if text else frozenset() for text in (calls, places, operations)]
    return Row(what, right, *parts, process)


READING = "statx, newfstatat, openat, openat2, getdents64, lseek, pread64, read, flock, readlinkat, ioctl"
# Reading that no signal interrupts; a signal that is said to have done so is an error like any other.
UNINTERRUPTED = "lseek"
# The command scans before and reports after; its worker makes the changes.
COMMAND, WORKER = 1, 2
TRASH = "restore, purge, recover"

TABLE = [
    # A failed sync is never tried again, not even after a signal: the pages may be gone.
    row("a sync", {"else": 9, "interrupted": 9}, "fsync, fdatasync, syncfs"),
    # Whether a file is still open elsewhere: where that cannot be told, nothing else is concluded from it.
    row("a lease", {"else": {0, 6}}, "fcntl", "trashed", process=WORKER),
    row("a file is opened to ask for a lease", {"else": {0, 6, 9}}, "openat2", "trashed", "purge", WORKER),
    row("a worker begins", {"else": 9, "interrupted": 9},
        "landlock_add_rule, landlock_restrict_self, prctl, clone3, clone, vfork, pipe2, fcntl, close_range"),
    row("how much a process may have: only asked for", {"else": {0, 9}, "interrupted": {0, 9}}, "prlimit64"),
    row("a descriptor or lock is let go", 0, f"close, flock {UNLOCK}"),
    row("reserved space is a help, no need", 0, "fallocate"),
    row("how full is it: only a pressure asks", {"else": {0, 5}}, "fstatfs"),

    # What is changed.
    row("a move", {"exhausted": 9, "else": 6}, "renameat2, renameat, linkat"),
    row("the journal is written", 9, "pwrite64, ftruncate", "journal"),
    row("the info file of what a recovery was to remove: that one stays", {"exhausted": 9, "else": {6, 9}, "absent": {0, 6, 9}},
        "unlinkat, statx", "info", "recover after purge"),
    row("info files only look nice: a restore is done without", 0, "unlinkat, statx", "info", "restore"),
    row("an info file", {"else": 9, "absent": {0, 9}}, "pwrite64, openat, unlinkat, statx", "info"),
    row("a removal", {"exhausted": 9, "else": 6}, "unlinkat", "trashed, state"),
    row("a folder of ours is made", {"else": 9, "absent": {4, 9}, "interrupted": {0, 9}}, "mkdirat, fchmod"),
    row("our lock", {"else": 9, "absent": {4, 9}}, "openat, flock", "lock"),

    # What the worker reads.
    row("the journal", {"else": 9, "absent": {0, 9}}, READING, "journal", process=WORKER),
    row("pins keep what they cannot be read for", {"exhausted": {6, 9}, "else": 6, "absent": 0}, READING, "pins",
        process=WORKER),
    row("an item before its move, or its neighbours", {"exhausted": {6, 9}, "else": 6}, READING, "item, other",
        "apply", WORKER),
    row("an item after its move: it goes back", {"exhausted": {6, 9}, "else": 6}, READING, "trashed", "apply", WORKER),
    row("an item before its way back", {"exhausted": 9, "else": 6}, READING, "trashed, other", "restore", WORKER),
    row("an item after its way back", {"else": {0, 9}}, READING, "item", "restore", WORKER),
    row("an item before or in its removal", {"exhausted": {6, 9}, "else": 6}, READING, "trashed", "purge", WORKER),
    # Told that it is gone, the recovery settles it so, and then sees it: hands off.
    row("a removal goes on", {"exhausted": 9, "else": 6, "absent": {6, 8}}, READING, "trashed", "recover after purge", WORKER),
    # What is in the trash with something in it that cannot be read is recorded with that gap: it can be restored, and
    # no purge will find it as it was.
    row("is it in the trash, and as what; nowhere, hands off", {"else": {0, 9}, "absent": {0, 8, 9}}, READING, "trashed",
        "recover after apply, recover after restore", WORKER),
    row("is it in its place: being in the trash is proof enough", {"else": {0, 9}, "absent": {0, 3, 8, 9}}, READING,
        "item, other, root", "recover", WORKER),
    row("the folder of one item, its pins", {"exhausted": {6, 9}, "else": {6, 9}, "absent": {0, 3, 4, 6, 9}}, READING,
        "state, root", "apply, purge", WORKER),
    row("where an item goes back to", {"else": {6, 9}, "absent": {3, 6, 9}}, READING, "root", "restore", WORKER),
    row("folders of ours, the root", {"else": 9, "absent": {0, 3, 4, 8, 9}, "interrupted": 0}, READING, "state, root",
        process=WORKER),

    # What the command reads.
    row("the scan of what may go: what cannot be read stays", {"else": {0, 5, 6}}, READING, "item, other", "apply",
        COMMAND),
    row("the scan of our folders", {"else": {5, 9}, "absent": {0, 3, 5}}, READING, "pins", "apply", COMMAND),
    # Also looked at for archives that a worker may have to reach: without, it does what it can.
    row("our folders, scanned and looked at", {"else": {0, 5, 9}, "absent": {0, 3, 5}}, READING,
        "root, state, journal", "apply", COMMAND),
    row("the root as it was typed", {"absent": {0, 3}, "else": 0}, "newfstatat", "root", TRASH, COMMAND),
    # The same.
    row("whose trash is there, and what archives", {"else": {0, 9}, "absent": {0, 3, 9}}, READING, "root, state, journal",
        "purge, recover, restore", COMMAND),
    row("what the world is like", {"else": {0, 5}}, READING, "outside, other processes, scene", "apply", COMMAND),
    row("what the world is like", 0, READING, "outside, scene, other processes"),

    # Processes and what they say to each other and to people.
    row("is it a terminal", 0, "ioctl", "pipe"),
    row("a report, an order, an answer", 9, "read, write", "pipe"),
    row("does the kernel confine", {"else": {0, 9}, "interrupted": {0, 9}}, "landlock_create_ruleset"),
    row("a worker ends, the runtime asks", 0, "wait4, socket, connect, sysinfo, sched_getaffinity, setpriority"),
]


def right(operation, point, where, error):
    """The row that fits, and its statuses; None where the table has none."""
    for entry in TABLE:
        if entry.fits(operation, point, where):
            statuses = entry.right.get(group(error), entry.right["else"])
            if error == "EINTR" and point.call in UNINTERRUPTED:
                statuses = entry.right["else"]
            # An older call takes the place of a `statx` that is forbidden, as in old containers.
            return entry, statuses | {0} if (point.call, error) == ("statx", "EPERM") else statuses
    return None, set()
