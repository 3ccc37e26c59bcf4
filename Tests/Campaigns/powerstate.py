"""One power cut: an operation, stopped, the power gone, what the product makes of it, and the account."""

import collections
import contextlib
import itertools
import os
import shutil
import tempfile

import cuts
import volumes
from powerscene import LAYOUTS, PIN, PINNED, PowerScene
from scene import Violation

# operation: what lies on the volumes before, and the command.
OPERATIONS = {
    "apply": ("planned", "apply"),
    "apply many": ("planned many", "apply"),
    "restore": ("applied", "restore"),
    "purge": ("applied", "purge"),
    "pin": ("pinned", "pin"),
    "archive": ("archiving", "archive"),
}
# Recovery is one more: after an operation was only killed, so that what it wrote is in memory, and may get lost.
RECOVERED = ["apply", "restore", "purge", "archive"]
# What a state that must not be shows itself by.
BROKEN = (Violation, OSError, ValueError, KeyError)

# `killed` is the step of the operation that a recovery comes after, `step` where the power goes (None: after the end),
# `dropped` a sync that is not done.
Case = collections.namedtuple("Case", "operation killed step dropped flags")


def names(scene):
    """What a synced path is, whatever it is called."""
    files = os.path.join(scene.runs, ".policy", str(os.getuid()), "trash", "files")

    def name(path):
        base = os.path.basename(path)
        if path == files:
            return "trash/files"
        if base in ("trash", "info", "journal", ".policy", "state", "pins.new"):
            return base
        if base.endswith(".trashinfo"):
            return "an info file"
        if path.startswith(scene.cold):
            # `exp1.RECORD.partial` and what is in it.
            inside = os.path.dirname(path).endswith(".partial")
            return ("an archive" if inside and ".tar" in base else base if inside
                    else "folder of an archive" if os.path.dirname(path) == os.path.join(scene.cold, str(os.getuid()))
                    else "owner's archives" if base == str(os.getuid()) else "archives")
        if base == str(os.getuid()):
            return "owner's folder" if path.startswith(scene.runs) else "owner's state folder"
        if path == scene.path("aside", "state") or os.path.dirname(path) == scene.path("aside", "state"):
            return "root's state folder"
        return "folder of a run" if path.startswith(scene.runs) else base

    return name


def start(scene, operation, killed=None):
    """Fills the volumes, and for a recovery does and kills what is to be recovered; the arguments that come next."""
    state, command = OPERATIONS[operation]
    scene.prepare(state)
    if killed is None:
        return getattr(scene, command)()
    trace = scene.path("killed")
    scene.run(*getattr(scene, command)(), prefix=scene.traced(trace, killed))
    if scene.paper:
        scene.paper.read(trace)
    if not cuts.was_killed(trace):
        raise Violation(f"{operation} was not reached {killed.call}")
    # `apply` recovers first, and then works on what the killed one left behind.
    return scene.apply() if operation == "apply" else scene.recover()


def steps(scene, operation, killed=None):
    arguments = start(scene, operation, killed)
    return cuts.steps(scene, arguments, names(scene))


def flags(kind, layout):
    if kind == "paper":
        return [(volumes.FORGOTTEN,)]
    return list(itertools.product([volumes.LOG_FLUSHED, volumes.LOG_DROPPED], repeat=LAYOUTS.index(layout) + 1))


@contextlib.contextmanager
def scene(program, top, kind, layout):
    """A scene in a folder of its own, and nothing left of it afterwards; this process must do nothing else."""
    volumes.hide()
    folder = tempfile.mkdtemp(dir=top)
    made = PowerScene(program, os.path.join(folder, "scene"), kind, layout)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


def preludes(scene, operation, thin=1):
    """Where an operation may be killed so that its recovery has something else to do than after another kill: the kill,
    and the steps of the recovery. Tried are the places before a sync of what was just changed."""
    steps_of_it = steps(scene, operation)
    places = [step for last, step in itertools.pairwise(steps_of_it)
              if step.call[0] in cuts.SYNCS and last.call[0] not in cuts.SYNCS or step.call[0].startswith("rename")]
    found = {}
    for step in places[thin // 2::thin]:
        recovery = steps(scene, operation, step)
        found.setdefault(tuple((later.call[0], later.what) for later in recovery), (step, recovery))
    return list(found.values())


def enumerate_cases(job):
    """Every case of a layout but for the flags, in order. Of the places where a kill comes before a recovery, every `thin`th is tried."""
    program, top, layout, thin = job
    cases = []
    with scene(program, top, "ext4", layout) as made:
        for operation in OPERATIONS:
            for step in steps(made, operation) + [None]:
                cases.append(Case(operation, None, step, None, None))
        for operation in RECOVERED:
            for killed, recovery in preludes(made, operation, thin):
                cases += [Case(operation, killed, step, None, None) for step in recovery + [None]]
    return cases


def title(case):
    return "recover" if case.killed else case.operation


def carry_out(scene, case):
    """True where the state was reached; raises `Violation`."""
    arguments = start(scene, case.operation, case.killed)
    trace = scene.path("stopped")
    prefix = scene.traced(trace, case.step, case.dropped)
    if prefix is None:
        return False
    done = scene.run(*arguments, prefix=prefix)
    if scene.paper:
        scene.paper.read(trace)
    killed = cuts.was_killed(trace)
    if killed != (case.step is not None):
        return False
    said = None
    if not killed:
        # 5: the killed one used the plan up.
        if done.returncode != 0 and not (case.killed and done.returncode == 5):
            raise Violation(f"ended with {done.returncode}: {(done.stdout + done.stderr).decode(errors='replace')}")
        said = (scene.account(), scene.journal_bytes(), scene.pins())
    scene.cut(case.flags)
    settle(scene, case, said)
    return True


def settle(scene, case, said):
    """Recovers, takes the account, and does it again and back. `said` is what was so when the command had ended well."""
    journal = scene.journal_bytes()
    scene.run(*scene.recover(), check=[0])
    found = scene.account()
    if said and found != said[0]:
        raise Violation(f"it ended well, and then {said[0]} became {found}")
    if said and not journal.startswith(said[1].rstrip(b"\0")):
        raise Violation("it ended well, and records of the journal are lost")
    if said and scene.pins() != said[2]:
        raise Violation(f"it ended well, and the pins {said[2]} became {scene.pins()}")
    if case.operation == "pin":
        if PINNED not in scene.pins() or not scene.pins() <= {PINNED, PIN}:
            raise Violation(f"pinned are {scene.pins()}")
        scene.run(*scene.pin(), check=[0])
        if scene.pins() != {PINNED, PIN}:
            raise Violation(f"pinned again, and pinned are {scene.pins()}")
        return
    if case.operation == "purge":
        scene.run(*scene.purge(), check=[0, 3])
        left = [name for name, place in scene.account().items() if place not in (name, None)]
        if left:
            raise Violation(f"purged again, and {left} are still in the trash")
        return
    if case.operation.startswith(("apply", "archive")):
        # 5: the first try used the plan up. 6: undone on paper, a move leaves a new change time behind.
        again = scene.run(*scene.apply(), check=[0, 5, 6] if scene.paper else [0, 5])
        if again.returncode == 0:
            away = [name for name, place in scene.account().items() if (place == name) != (name == "keep")]
            if away:
                raise Violation(f"applied again, and {away} are not where they should be")
    scene.run(*scene.restore(), check=[0, 3, 6])
    away = {name: place for name, place in scene.account().items() if place != name}
    if away:
        raise Violation(f"restored, and not back are {away}")


def words(case):
    """A case for people."""
    at = f"before {case.step.call[0]} {case.step.call[1]} {case.step.what}".rstrip() if case.step else "at the end"
    killed = f", killed before {case.killed.call[0]} {case.killed.call[1]}, recovered," if case.killed else ""
    dropped = f", without {case.dropped.call[0]} {case.dropped.call[1]} ({case.dropped.what})" if case.dropped else ""
    return f"{case.operation}{killed}{dropped} cut {at}, " + " and ".join(volumes.FLAGS[flag] for flag in case.flags)
