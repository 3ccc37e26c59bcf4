"""Trees of runs for the campaigns, and an account of them by other means than the product's own.

A scene is a folder with `runs` and a policy. `Scene.account()` says where each run is now, in its place or in the
trash, by the bytes, modes and times of everything in it and by the journal, read with nothing but the operating
system's calls."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time

from journal import Damaged, History

POLICY = """version: 1
roots: [runs]
trash: { purge_after: 1s }
limits: { max_trash: 100, max_share: 100% }
rules:
  - { id: everything, trash: runs, after: 1h, where: name matches "exp*", allow: [{ code: P0330 }, { code: P0341 }] }
"""
ARCHIVING = """version: 1
roots: [runs]
trash: {{ purge_after: 30d }}
archive: {{ to: {target}, format: tar.gz }}
limits: {{ max_archive: 100 }}
rules:
  - {{ id: everything, archive: runs, after: 1h, where: name matches "exp*" }}
"""
RUNS = ("exp1", "exp2", "team/exp3", "team/deep/exp4")
# For where every call costs fourteen runs.
FEW_RUNS = ("exp1", "team/exp2")
OLD = time.time() - 3 * 86400
# What `trash purge` waits for under this policy, and a little.
PURGE_AFTER = 1.1


class Violation(Exception):
    """Something that must never happen."""


def make_run(path, name, is_rich=True):
    files = {
        "args.yaml": b"task: detect\nepochs: 2\n",
        "results.csv": b"epoch,metrics/mAP50(B)\n1,0.5\n2,0.6\n",
        "weights/best.pt": name.encode() * 700,
    }
    if is_rich:
        files |= {"weights/last.pt": name.encode() * 300, "a name\nof two lines": b"x"}
    for file, content in files.items():
        full = os.path.join(path, file)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as out:
            out.write(content)
        os.chmod(full, 0o640)
        os.utime(full, (OLD, OLD))
    os.symlink("best.pt", os.path.join(path, "weights", "link.pt"))
    os.utime(path, (OLD, OLD))


def fingerprint(path):
    """A digest of a tree: names, kinds, modes, sizes, times of files, contents and targets of links."""
    digest = hashlib.sha256()

    def add(full, relative):
        status = os.lstat(full)
        digest.update(repr((relative, oct(status.st_mode))).encode())
        if os.path.islink(full):
            digest.update(os.readlink(full).encode())
        elif os.path.isdir(full):
            for entry in sorted(os.listdir(full)):
                add(os.path.join(full, entry), relative + "/" + entry)
        else:
            with open(full, "rb") as file:
                digest.update(repr((status.st_size, status.st_mtime_ns)).encode() + file.read())

    add(path, "")
    return digest.hexdigest()


class Scene:
    def __init__(self, policy, folder, names=RUNS, is_rich=True, purge_after="1s", is_archiving=False):
        self.policy, self.folder, self.names = policy, folder, names
        self.runs, self.cold = self.path("runs"), self.path("cold")
        for name in (*names, "keep"):
            make_run(os.path.join(self.runs, name), name, is_rich)
        with open(self.path("p.yaml"), "w") as file:
            file.write(ARCHIVING.format(target=self.cold) if is_archiving
                       else POLICY.replace("purge_after: 1s", f"purge_after: {purge_after}"))
        if is_archiving:
            os.mkdir(self.cold)
        self.prints = {name: fingerprint(os.path.join(self.runs, name)) for name in (*names, "keep")}
        self.known = self.entries()
        self.digest = None

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def remove(self):
        shutil.rmtree(self.folder)

    def run(self, *arguments, prefix=(), check=None):
        done = subprocess.run(
            [*prefix, self.policy, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
            env={"PATH": "/usr/bin:/bin", "HOME": self.folder, "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"})
        done.text = (done.stdout + done.stderr).decode(errors="replace")
        if check is not None and done.returncode not in check:
            raise Violation(f"policy {' '.join(arguments)} ended with {done.returncode}: {done.text}")
        return done

    def plan(self):
        self.run("plan", "-p", "p.yaml", "-o", "plan.json", check=[0])
        with open(self.path("plan.json")) as file:
            self.digest = json.load(file)["digest"]

    # Operations: the arguments of each.
    def apply(self):
        return ["apply", "plan.json"]

    def archive(self):
        return self.apply()

    def restore(self):
        return ["trash", "restore", "--plan", self.digest, "--root", "runs"]

    def purge(self):
        return ["trash", "purge", "--root", "runs"]

    def recover(self):
        return ["recover", "--root", "runs"]

    def home(self, *parts):
        return os.path.join(self.runs, ".policy", str(os.getuid()), *parts)

    def records(self):
        """The product's own word on what is in the trash."""
        listed = self.run("trash", "list", "--root", "runs", "--format", "json", check=[0, 3])
        text = listed.stdout.decode()
        return json.loads(text)["items"] if text.strip() else []

    def history(self):
        try:
            return History(self.home("journal"))
        except Damaged as damage:
            raise Violation(f"the journal says what cannot be: {damage}") from damage

    def journal(self):
        """The journal's whole lines, read here and not by the product."""
        return self.history().lines

    def stored(self):
        files = self.home("trash", "files")
        return sorted(os.listdir(files)) if os.path.isdir(files) else []

    def entries(self):
        """Everything there is beside the runs and what the product keeps for itself."""
        found, apart = set(), (*self.names, "keep", ".policy", "../cold")
        for folder, folders, files in os.walk(self.folder):
            here = os.path.relpath(folder, self.folder)
            folders[:] = [name for name in folders
                          if os.path.relpath(os.path.join(folder, name), self.runs) not in apart]
            found |= {os.path.normpath(os.path.join(here, name)) for name in folders + files}
        return found

    def account(self, is_settled=True):
        """Where each run is: its own path, a trash record, or None where its purge has begun.

        Raises `Violation` unless each is whole in exactly one place and the journal says the same. Where it is settled,
        after a recovery, nothing may be left open."""
        history, stored = self.history(), self.stored()
        if is_settled and history.open():
            raise Violation(f"recovered, and still open: {history.open()}")
        committed = history.having("in trash")
        if is_settled and committed != stored:
            raise Violation(f"the journal has {committed} in the trash, and there are {stored}")
        if not is_settled and set(stored) - set(history.states):
            raise Violation(f"{stored} are in the trash, and the journal knows only of {sorted(history.states)}")
        more = self.entries() - self.known - {"plan.json", "calls"}
        if more:
            raise Violation(f"nobody's: {sorted(more)}")
        found = self.places(history, stored, is_settled)
        if is_settled:
            self.check_archives(history, found)
        return found

    def check_archives(self, history, found, may_stay=False):
        """Every archive is whole, for GNU tar and `sha256sum`, and is of a run that left its place, or that `may_stay`;
        nothing else is there."""
        folder, kept = os.path.join(self.cold, str(os.getuid())), history.kept()
        there = {os.path.join(folder, name) for name in os.listdir(folder)} if os.path.isdir(folder) else set()
        if there != {place for place, _ in kept.values()}:
            raise Violation(f"{sorted(there)} are where archives go, and the journal knows of {sorted(kept.values())}")
        for record, (place, name) in kept.items():
            last = name.split("/")[-1]
            with tempfile.TemporaryDirectory(prefix="campaign") as copy:
                unpacked = subprocess.run(
                    ["tar", "-xpzf", os.path.join(place, last + ".tar.gz"), "-C", copy], capture_output=True)
                checked = subprocess.run(
                    ["sha256sum", "--check", "--strict", "--quiet", os.path.join(place, "SHA256SUMS")], cwd=copy,
                    capture_output=True)
                if unpacked.returncode or checked.returncode:
                    raise Violation(f"the archive of {name}: {unpacked.stderr} {checked.stdout} {checked.stderr}")
                if fingerprint(os.path.join(copy, last)) != self.prints[name]:
                    raise Violation(f"the archive of {name} is not what it was")
            moved = [trash for trash, copied in history.copies.items() if copied == record]
            states = [history.states[trash] for trash in moved]
            if states not in (["in trash"], ["restored"]) and not (may_stay and found.get(name) == name):
                raise Violation(f"{name} is archived, and was not moved: {moved}")
        for trash, copied in history.copies.items():
            if history.states[trash] == "in trash" and copied not in kept:
                raise Violation(f"{trash} left its place for an archive that is not there")

    def places(self, history, stored, is_settled):
        prints = {record: fingerprint(self.home("trash", "files", record)) for record in stored}
        gone = {history.paths[record] for record in history.having("purging", "purged")}
        found = {}
        for name, wanted in self.prints.items():
            places = []
            full = os.path.join(self.runs, name)
            if os.path.lexists(full):
                if fingerprint(full) != wanted:
                    raise Violation(f"{name} is not what it was")
                places.append(name)
            for record in stored:
                if prints[record] == wanted:
                    if history.paths[record] != name:
                        raise Violation(f"{record} is {name}, and its record says {history.paths[record]}")
                    if is_settled and not os.path.isfile(self.home("trash", "info", record + ".trashinfo")):
                        raise Violation(f"{record} has no info file")
                    places.append(record)
            if len(places) > 1:
                raise Violation(f"{name} is in {len(places)} places: {places}")
            if not places and name not in gone:
                raise Violation(f"{name} is nowhere")
            found[name] = places[0] if places else None
        strays = [record for record in stored
                  if record not in found.values() and history.states[record] != "purging"]
        if strays:
            raise Violation(f"in the trash, and nobody's: {strays}")
        return found
