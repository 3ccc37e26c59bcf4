"""A root directory whose inner parts belong to somebody who swaps them while root works there, and what is outside it.

    runs/pool/g0…   everybody may write here; `.policy` and `runs` are root's
      exp00…        root's runs, which the policy trashes: the even ones open to the attacker, the odd ones closed
      mine0         the attacker's own run, which the policy would trash as well
      other0…       a third user's runs, keep0… root's: no rule wants them
      open0…        a third user's, which everybody may move: what is in it is the third user's alone
      decoy0…       the attacker's, like runs; .link, .fifo, .hard: links outside, fifos, hard links to files outside
    attic/          the attacker's own place for what he moves out, on the same volume
    outside/        folders like a group of runs, of root, the attacker and the third user: nothing of it may change"""

import collections
import json
import os
import re
import subprocess

import outside
from scene import OLD, Violation, fingerprint

GROUPS, EACH_GROUP, EACH = 5, 50, 4
ATTACKER, THIRD = 65534, 65533
OWNERS = {"root": 0, "attacker": ATTACKER, "third": THIRD}
POLICY = """version: 1
roots: [runs]
trash: { purge_after: 1s }
limits: { max_trash: 1000, max_share: 100% }
rules:
  - { id: old, trash: runs, after: 1h, where: name matches "exp*", allow: [{ code: P0330 }, { code: P0341 }] }
  - { id: his, trash: runs, after: 1h, where: name matches "mine*", allow: [{ code: P0330 }, { code: P0341 }] }
"""
ROW = re.compile(r"^  (trashed|purged|restored|left) +\S+ \S+  (\S+)(?: +(.*))?$")


class ChangedOutside(Violation):
    """With how many changes there were."""

    def __init__(self, changes):
        super().__init__(f"{len(changes)} changes outside: " + "; ".join(changes[:4]))
        self.count = len(changes)


def make_run(path, owner, is_open=False):
    """A small run that is old; its inner folders are the attacker's where it is open."""
    inner = ATTACKER if is_open else owner
    mark = path.encode()
    for file, content, uid in [("args.yaml", b"task: detect\nepochs: 1\n# " + mark, owner),
                               ("results.csv", b"epoch,metrics/mAP50(B)\n1,0.5\n", owner),
                               ("weights/best.pt", mark, inner), ("weights/deep/a", mark, inner)]:
        full = os.path.join(path, file)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as out:
            out.write(content)
        os.utime(full, (OLD, OLD))
        os.chown(full, uid, uid)
    for folder, uid in [("weights/deep", inner), ("weights", inner), ("", owner)]:
        full = os.path.join(path, folder)
        os.chown(full, uid, uid)
        os.chmod(full, 0o777 if is_open else 0o755)
        os.utime(full, (OLD, OLD))


def make_folder(path, owner=0, mode=0o755):
    os.mkdir(path)
    os.chown(path, owner, owner)
    os.chmod(path, mode)
    return path


class RaceScene:
    def __init__(self, program, folder, root_is_his=False):
        self.program, self.folder = program, make_folder(folder)
        self.runs, self.attic, self.out = self.path("runs"), self.path("attic"), self.path("outside")
        self._make_outside()
        make_folder(self.attic, ATTACKER, 0o777)
        make_folder(self.runs, ATTACKER if root_is_his else 0)
        self.planned, self.untouchable = {}, {}
        self._make_runs()
        self._make_attic()
        with open(self.path("p.yaml"), "w") as file:
            file.write(POLICY)
        self.digest = None
        self.before = self.account()

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def account(self):
        return outside.account(self.out, loose=["linked"])

    def _make_outside(self):
        make_folder(self.out)
        for name, uid in OWNERS.items():
            top = make_folder(os.path.join(self.out, name), uid)
            for number in range(EACH_GROUP):
                make_run(os.path.join(top, f"exp{number:02}"), uid)
            make_folder(os.path.join(top, "0"), uid)
            os.setxattr(os.path.join(top, "exp00", "args.yaml"), "trusted.mark", name.encode())
        linked = make_folder(os.path.join(self.out, "linked"), ATTACKER)
        for number in range(GROUPS * EACH):
            with open(os.path.join(linked, str(number)), "w") as file:
                file.write(f"precious {number}")
            os.utime(os.path.join(linked, str(number)), (OLD, OLD))

    def _make_runs(self):
        pool = make_folder(os.path.join(self.runs, "pool"), ATTACKER, 0o777)
        for group in range(GROUPS):
            top = make_folder(os.path.join(pool, f"g{group}"), ATTACKER, 0o777)
            for number in range(EACH_GROUP):
                full = os.path.join(top, f"exp{number:02}")
                make_run(full, 0, number % 2 == 0)
                self.planned[os.lstat(full).st_ino] = (f"pool/g{group}/exp{number:02}", number % 2 == 1, fingerprint(full))
            make_run(os.path.join(top, "mine0"), ATTACKER)
            for number in range(EACH):
                for name, uid in [("decoy", ATTACKER), ("other", THIRD), ("keep", 0)]:
                    full = os.path.join(top, f"{name}{number}")
                    make_run(full, uid)
                    self.untouchable[os.lstat(full).st_ino] = (full, fingerprint(full))
                # Everybody may move this one, and nobody but its owner remove what is in it.
                shared = make_folder(os.path.join(top, f"open{number}"), THIRD, 0o777)
                make_run(os.path.join(shared, "private"), THIRD)
                private = os.lstat(os.path.join(shared, "private")).st_ino
                self.untouchable[private] = (os.path.join(shared, "private"), fingerprint(os.path.join(shared, "private")))
                os.symlink(os.path.join(self.out, list(OWNERS)[number % 3], "exp00"), os.path.join(top, f".link{number}"))
                os.mkfifo(os.path.join(top, f".fifo{number}"))
                os.link(os.path.join(self.out, "linked", str(group * EACH + number)), os.path.join(top, f".hard{number}"))
            # A folder that looks the same, to stand in for the group.
            other = make_folder(os.path.join(self.attic, f"h{group}"), ATTACKER, 0o777)
            for number in range(0, EACH_GROUP, 10):
                full = os.path.join(other, f"exp{number:02}")
                make_run(full, ATTACKER)
                self.untouchable[os.lstat(full).st_ino] = (full, fingerprint(full))

    def _make_attic(self):
        for number, name in enumerate(OWNERS):
            victim = os.path.join(self.out, name)
            os.symlink(victim, os.path.join(self.attic, f"link{number}"))
            os.symlink(os.path.join(victim, "exp00", "weights"), os.path.join(self.attic, f"inner{number}"))
            os.symlink(self.out, os.path.join(self.attic, f"above{number}"))
        state = make_folder(os.path.join(self.attic, "state"), ATTACKER, 0o1777)
        make_folder(os.path.join(state, "0"), ATTACKER)
        for number in range(40):
            make_folder(os.path.join(self.attic, f"plug{number}"), ATTACKER)
        for number in range(4):
            junk = make_folder(os.path.join(self.attic, f"junk{number}"), ATTACKER, 0o777)
            os.symlink(os.path.join(self.out, "root"), os.path.join(junk, "exp00"))
            os.link(os.path.join(self.out, "linked", str(number)), os.path.join(junk, "hard"))
            os.mkfifo(os.path.join(junk, "fifo"))

    # The program under attack.

    def run(self, *arguments, prefix=()):
        done = subprocess.run(
            [*prefix, self.program, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
            env={"PATH": "/usr/bin:/bin", "HOME": self.folder, "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"},
            timeout=600)
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace")

    def plan(self):
        status, text = self.run("plan", "-p", "p.yaml", "-o", "plan.json")
        if status != 0:
            raise Violation(f"plan ended with {status}: {text}")
        with open(self.path("plan.json")) as file:
            self.digest = json.load(file)["digest"]

    def arguments(self, operation):
        return {"apply": ["apply", "plan.json"],
                "restore": ["trash", "restore", "--plan", self.digest, "--root", "runs"],
                "purge": ["trash", "purge", "--root", "runs"]}[operation]

    def rows(self, text):
        """What the program says it did with root's runs: (word, path relative to the root, reason)."""
        found = []
        for line in text.splitlines():
            match = ROW.match(line)
            if match:
                found.append([match.group(1), match.group(2), match.group(3) or ""])
            elif found and line.startswith(" " * 22):
                found[-1][2] = (found[-1][2] + " " + line.strip()).strip()
        paths = {path for path, _, _ in self.planned.values()}
        return [tuple(row) for row in found if row[1] in paths]

    # What must be true afterwards.

    def check_outside(self):
        changes = outside.differences(self.before, self.account())
        if changes:
            raise ChangedOutside(changes)

    def stored(self):
        """What lies in root's trash: record -> (inode, path); wherever the attacker moved `.policy` to."""
        found = {}
        for top in [os.path.join(self.runs, ".policy"), os.path.join(self.attic, "state"), os.path.join(self.attic, "link0")]:
            files = os.path.join(top, "0", "trash", "files")
            if not os.path.islink(top) and os.path.isdir(files):
                found.update({entry.name: (entry.inode(), entry.path) for entry in os.scandir(files)})
        return found

    def elsewhere(self):
        """Directories that are not in the trash: inode -> path."""
        found = {}
        for top in [self.runs, self.attic]:
            for path, folders, _ in os.walk(top):
                if "trash" in folders and os.path.basename(os.path.dirname(path)) in (".policy", "state", "link0"):
                    folders.remove("trash")
                for folder in folders:
                    full = os.path.join(path, folder)
                    if not os.path.islink(full):
                        found[os.lstat(full).st_ino] = full
        return found

    def check_inside(self, purged=frozenset()):
        """Everything is whole in one place, and only what was planned is in the trash. Returns the trash's paths."""
        stored, elsewhere = self.stored(), self.elsewhere()
        unplanned = [record for record, (inode, _) in stored.items() if inode not in self.planned]
        if unplanned:
            raise Violation(f"in the trash, and not planned: {unplanned}")
        inodes = collections.Counter(inode for inode, _ in stored.values())
        anywhere = {**elsewhere, **dict(stored.values())}
        for inode, (path, is_closed, wanted) in self.planned.items():
            places = inodes[inode] + (inode in elsewhere)
            if places != 1 and not (places == 0 and path in purged):
                raise Violation(f"{path} is in {places} places")
            if is_closed and path not in purged and fingerprint(anywhere[inode]) != wanted:
                raise Violation(f"{path}, now {anywhere[inode]}, is not what it was")
        for inode, (path, wanted) in self.untouchable.items():
            if inode not in elsewhere:
                raise Violation(f"{path} was moved or removed")
            if fingerprint(elsewhere[inode]) != wanted:
                raise Violation(f"{path}, now {elsewhere[inode]}, is not what it was")
        return sorted(self.planned[inode][0] for inode in inodes)
