"""One training under guard: room before it starts, a lock in its run while it lives, room again when space runs short."""

import atexit
import os
import shutil
import time
import weakref

from . import work
from .lock import Lock, Refused
from .work import say

SPACE_INTERVAL = 5
APPLY_INTERVAL = 600

_said_missing = False


def _find(program):
    """The program, or None and a loud line once."""
    global _said_missing
    path = shutil.which(os.fspath(program))
    if path is None and not _said_missing:
        _said_missing = True
        bar = "=" * 72
        say(
            f"{bar}\npolicy: there is no program `{program}` on PATH: NO POLICY IS AT WORK beside this training,\n"
            f"policy: and its run has no lock. Install it, or say where it is: program=\"/path/to/policy\"\npolicy: {bar}"
        )
    return path


def _bytes(size):
    """`20GiB`, `5%` or a number of bytes, as (bytes, None) or (None, share)."""
    if isinstance(size, (int, float)):
        return int(size), None
    text = str(size).strip()
    try:
        if text.endswith("%"):
            return None, float(text[:-1]) / 100
        for power, letter in enumerate("KMGTP", 1):
            for suffix, base in ((letter + "iB", 1024), (letter + "B", 1000)):
                if text.endswith(suffix):
                    return int(float(text[: -len(suffix)]) * base**power), None
        return int(text[:-1] if text.endswith("B") else text), None
    except ValueError:
        raise ValueError(f"`{size}` is no size: write \"20GiB\", \"5%\" or a number of bytes") from None


def _make(run, made):
    """Makes the folder of a run, and says in `made` which of its parents were not there, the innermost first."""
    missing = []
    while not os.path.isdir(run):
        missing.append(run)
        run = os.path.dirname(run)
    for folder in reversed(missing):
        try:
            os.mkdir(folder)
        except FileExistsError:
            continue
        made.insert(0, folder)


def _unmake(made):
    """Of a run that does not start nothing stays, unless somebody else put something there."""
    for folder in made:
        try:
            os.rmdir(folder)
        except OSError:
            return


class Guard:
    """What `guard` and `attach` do; every method may be called at any time, and none raises but `begin` and `look`."""

    def __init__(self, policy, every=10, before=None, set=None, roots=None, need=None, low=None, patience=600,
                 program="policy", log=None):
        if every is not None and (not isinstance(every, int) or every < 1):
            raise ValueError(f"every={every!r}: write the number of epochs between two applies, or None")
        for name, params in (("before", before), ("set", set)):
            if params is not None and not hasattr(params, "items"):
                raise ValueError(f"{name}={params!r}: write params by name, such as {{\"recent\": 2}}")
        if not isinstance(patience, (int, float)) or patience < 0:
            raise ValueError(f"patience={patience!r}: write how many seconds to wait for the apply before the training")
        if need is not None and (_bytes(need)[0] is None or _bytes(need)[0] < 0):
            raise ValueError(f"need={need!r}: write a size such as \"20GiB\", or 0 to start anyhow")
        self.policy, self.every, self.before, self.need = policy, every, before, need
        self.low = None if low is None else _bytes(low)
        if self.low is not None and not 0 <= (self.low[0] if self.low[1] is None else self.low[1]) <= (
                float("inf") if self.low[1] is None else 1):
            raise ValueError(f"low={low!r}: write a size such as \"20GiB\", or a share up to \"100%\"")
        self.patience, self.program = patience, os.fspath(program)
        self.log = work.log_path(log)
        self.arguments = []
        for root in [roots] if isinstance(roots, (str, os.PathLike)) else roots or []:
            self.arguments += ["--root", os.path.abspath(os.fspath(root))]
        for name, value in (set or {}).items():
            self.arguments += ["--set", f"{name}={value}"]
        self.lock = self.work = self.run = None
        # The folder of a coming run that room was made for.
        self.looked = None
        self.next_space = self.next_apply = 0.0

    @property
    def is_active(self):
        return self.work is not None and self.looked is None

    def look(self, run):
        """Makes room for a run that is not there yet, and makes nothing of it. `Refused` where it has none."""
        self.end()
        if self._take(run):
            self._make_room()
            self.looked = os.path.dirname(self.run)

    def begin(self, run):
        """Locks the run and makes room for it. `Refused` where it has none, or is somebody else's."""
        looked = self.work if self.looked == os.path.dirname(os.path.abspath(os.fspath(run))) else None
        self.end()
        if not self._take(run):
            return
        self.work = looked or self.work
        self.next_space, self.next_apply = time.monotonic() + SPACE_INTERVAL, 0.0
        made = []
        try:
            try:
                _make(self.run, made)
                self.lock = Lock(self.run)
                self.lock.put()
                _remove_at_exit(self)
            except Refused:
                self.lock = None
                self.end()
                raise
            except Exception as problem:
                self.lock = None
                say(f"no lock in {self.run}: {problem}")
            if looked is None:
                self._make_room()
        except BaseException:
            _unmake(made)
            raise

    def _take(self, run):
        """Whether this process is the one that works for the run, and has a program to do it."""
        # One process of several is enough.
        if os.environ.get("RANK", "-1") not in ("-1", "0"):
            return False
        program = _find(self.program)
        if program is None:
            return False
        self.run = os.path.abspath(os.fspath(run))
        self.work = work.Work(self.policy, self.arguments, program, self.log)
        return True

    def _make_room(self):
        try:
            refusal = self.work.check(self.run, self.before, self.need, self.patience)
        except Exception as problem:
            refusal = None
            say(f"nothing was done before the training: {problem}")
        except BaseException:
            self.end()
            raise
        if refusal:
            self.end()
            raise Refused(refusal)

    def epoch(self, number):
        """An epoch is done, counted from 0: applies after each `every`-th of them, and when space runs short."""
        if self.work is None:
            return
        try:
            if self.every and (number + 1) % self.every == 0:
                self.work.apply_beside("epoch")
            self.next_space = 0.0
            self.watch()
        except Exception as problem:
            self._complain(problem)

    def watch(self):
        """Looks at the free space now and then; costs nothing in between, so call it as often as you like."""
        if self.work is None:
            return
        now = time.monotonic()
        if now < self.next_space:
            return
        self.next_space = now + SPACE_INTERVAL
        try:
            self.work.collect()
            if now < self.next_apply:
                return
            space = os.statvfs(self.run)
            size, free = space.f_blocks * space.f_frsize, space.f_bavail * space.f_frsize
            limit, share = self.low or (min(size // 20, 10 << 30), None)
            mark = limit if share is None else int(size * share)
            if free < mark and self.work.apply_beside("low-space"):
                # What can go has gone: not at once again.
                self.next_apply = now + APPLY_INTERVAL
                say(f"{free >> 20} MiB free at {self.run}: applying {self.policy}; see {self.log}")
        except Exception as problem:
            self._complain(problem)

    def end(self):
        """The training is over, in whatever way: the lock goes. An apply that is at work goes on by itself."""
        lock, self.lock, current, self.work, self.looked = self.lock, None, self.work, None, None
        try:
            if lock:
                lock.remove()
            if current:
                current.collect()
        except FileNotFoundError:
            pass
        except Exception as problem:
            say(f"the lock {lock and lock.path} stays: {problem}; it counts only as long as this process lives")

    def _complain(self, problem):
        self.work.say_once(f"{type(problem).__name__}: {problem}; the training goes on")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


_begun = weakref.WeakSet()


def _remove_at_exit(begun):
    """A process that ends in the middle of a training takes its locks along."""
    if not _begun:
        atexit.register(lambda: [guard.end() for guard in list(_begun)])
    _begun.add(begun)


def guard(policy, run, **options):
    """For any loop: a context that holds the lock of `run`.

        with guard("/home/you/policy.yaml", run="runs/mine/exp7", every=10) as guarded:
            for epoch in range(300):
                ...
                guarded.epoch(epoch)

    The options are those of `attach`. Raises `Refused` before the loop where the run has no room or is somebody else's."""
    guarded = Guard(policy, **options)
    guarded.begin(run)
    return guarded
