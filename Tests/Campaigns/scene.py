"""Trees of runs for the campaigns, and an account of them by other means than the product's own.

A scene is a folder with `runs` and a policy. `Scene.account()` says where each run is now, in its place or in the trash,
by the bytes, modes and times of everything in it, read with nothing but the operating system's calls."""

import hashlib
import json
import os
import shutil
import subprocess
import time

POLICY = """version: 1
roots: [runs]
trash: { purge_after: 1s }
limits: { max_trash: 100, max_share: 100% }
rules:
  - { id: everything, trash: runs, after: 1h, where: name matches "exp*", allow: [{ code: P0330 }, { code: P0341 }] }
"""
RUNS = ["exp1", "exp2", "team/exp3", "team/deep/exp4"]
OLD = time.time() - 3 * 86400
# What `trash purge` waits for in these scenes, and a little.
PURGE_AFTER = 1.1


class Violation(Exception):
    """Something that must never happen."""


def make_run(path, name):
    files = {
        "args.yaml": b"task: detect\nepochs: 2\n",
        "results.csv": b"epoch,metrics/mAP50(B)\n1,0.5\n2,0.6\n",
        "weights/best.pt": name.encode() * 700,
        "weights/last.pt": name.encode() * 300,
        "a name\nof two lines": b"x",
    }
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
    def __init__(self, policy, folder):
        self.policy, self.folder = policy, folder
        self.runs = self.path("runs")
        for name in RUNS:
            make_run(os.path.join(self.runs, name), name)
        make_run(os.path.join(self.runs, "keep"), "keep")
        with open(self.path("p.yaml"), "w") as file:
            file.write(POLICY)
        self.prints = {name: fingerprint(os.path.join(self.runs, name)) for name in RUNS + ["keep"]}
        self.digest = None

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def remove(self):
        shutil.rmtree(self.folder)

    def run(self, *arguments, prefix=(), check=None):
        done = subprocess.run(
            [*prefix, self.policy, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
            env={"PATH": "/usr/bin:/bin", "HOME": self.folder, "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"})
        if check is not None and done.returncode not in check:
            raise Violation(f"policy {' '.join(arguments)} ended with {done.returncode}: "
                            + (done.stdout + done.stderr).decode(errors="replace"))
        return done

    def plan(self):
        self.run("plan", "-p", "p.yaml", "-o", "plan.json", check=[0])
        with open(self.path("plan.json")) as file:
            self.digest = json.load(file)["digest"]

    # Operations: the arguments of each.
    def apply(self):
        return ["apply", "plan.json"]

    def restore(self):
        return ["trash", "restore", "--plan", self.digest, "--root", "runs"]

    def purge(self):
        return ["trash", "purge", "--root", "runs"]

    def recover(self):
        return ["recover", "--root", "runs"]

    def home(self, *parts):
        return os.path.join(self.runs, ".policy", str(os.getuid()), *parts)

    def records(self):
        """The journal's word on what is in the trash, as `policy trash list` gives it."""
        listed = self.run("trash", "list", "--root", "runs", "--format", "json", check=[0, 3])
        text = listed.stdout.decode()
        return json.loads(text)["items"] if text.strip() else []

    def journal(self):
        """The journal's whole lines, read here and not by the product."""
        try:
            with open(self.home("journal"), "rb") as file:
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return []
        found = []
        for line in lines:
            parts = line.split(b" ", 2)
            if len(parts) == 3 and parts[0].isdigit() and len(parts[2]) == int(parts[0]):
                found.append(json.loads(parts[2]))
        return found

    def account(self):
        """Where each run is: its own path, a trash record, or None where its purge has begun.

        Raises `Violation` unless each is whole in exactly one place and the records say the same."""
        files = self.home("trash", "files")
        stored = sorted(os.listdir(files)) if os.path.isdir(files) else []
        prints = {record: fingerprint(os.path.join(files, record)) for record in stored}
        items = {item["record"]: item for item in self.records()}
        if sorted(items) != stored:
            raise Violation(f"the records {sorted(items)} and the trash {stored} disagree")
        lines = self.journal()
        paths = {line["record"]: line["item"]["path"] for line in lines
                 if line["event"] == "intent" and line["op"] == "trash"}
        purged = {paths[line["record"]] for line in lines if line["event"] == "intent" and line["op"] == "purge"}
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
                    if items[record]["path"] != name:
                        raise Violation(f"{record} is {name}, and its record says {items[record]['path']}")
                    if not os.path.isfile(self.home("trash", "info", record + ".trashinfo")):
                        raise Violation(f"{record} has no info file")
                    places.append(record)
            if len(places) > 1:
                raise Violation(f"{name} is in {len(places)} places: {places}")
            if not places and name not in purged:
                raise Violation(f"{name} is nowhere")
            found[name] = places[0] if places else None
        strays = [record for record in stored if record not in found.values()]
        if strays:
            raise Violation(f"in the trash, and nobody's: {strays}")
        return found

    def settle(self, operation):
        """After whatever happened: recover, account, do it again, and take back what can be taken back."""
        self.run(*self.recover(), check=[0, 3])
        self.account()
        if operation == "purge":
            self.run(*self.purge(), check=[0, 3])
            found = self.account()
            left = [name for name, place in found.items() if place not in (name, None)]
            if left:
                raise Violation(f"purged twice, and {left} are still in the trash")
            return
        if operation == "apply":
            # 5: the first try used it up.
            self.run(*self.apply(), check=[0, 5])
            self.account()
        self.run(*self.restore(), check=[0, 3])
        found = self.account()
        away = [name for name, place in found.items() if place != name]
        if away:
            raise Violation(f"restored, and {away} are not back: {found}")
