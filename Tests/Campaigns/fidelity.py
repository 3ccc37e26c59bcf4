#!/usr/bin/env python3
"""What comes back from the trash, or out of an archive, is what went there, and a full disk stops neither apply nor purge.

A run, a checkpoint and a nested run with everything that a file can have: modes (set-id and sticky bits too), foreign
owners, times to the nanosecond, extended attributes, access lists, holes, hard links, links, odd names. It is looked at
with find, getfattr, getfacl, filefrag, tar and rsync before, in the trash, and after a whole plan was taken back.
Usage: fidelity.py POLICY-PROGRAM; prints what was compared, exits 1 on any difference. Best as root: what cannot be
made or looked at here is said and counted."""

import os
import shutil
import subprocess
import sys
import tempfile
import time

import full
from scene import Scene, Violation

POLICY = """version: 1
roots: [runs]
trash: { purge_after: 1s }
limits: { max_trash: 100, max_share: 100% }
rules:
  - { id: whole, trash: runs, after: 1h, where: name matches "exp*", allow: [{ code: P0330 }, { code: P0341 }] }
  - { id: part, trash: checkpoints, after: 1h, where: run.name == "keep" and role == epoch, allow: [{ code: P0330 }] }
"""
ROOT = os.getuid() == 0
SKIPPED = []


def have(tool):
    if shutil.which(tool):
        return True
    SKIPPED.append(f"{tool} is not here")
    return False


def tool(*command, cwd, allowed=(0,)):
    done = subprocess.run(command, cwd=cwd, capture_output=True, env={"PATH": os.environ["PATH"], "LC_ALL": "C"})
    if done.returncode not in allowed:
        raise Violation(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode(errors='replace')[:400]}")
    return done.stdout


def embellish(run):
    """Gives a run everything."""
    def path(name):
        return os.path.join(run, name)

    def attempt(what, *command):
        done = subprocess.run(command, capture_output=True)
        if done.returncode != 0:
            SKIPPED.append(f"{what}: {done.stderr.decode(errors='replace').strip()[-120:]}")

    with open(path("weights/epoch3.pt"), "wb") as file:
        # 8 MiB, of which two blocks are there.
        file.write(b"begin")
        file.seek(5 << 20)
        file.write(b"middle")
        file.truncate(8 << 20)
        # Or filefrag shows blocks that have no place yet.
        os.fsync(file.fileno())
    for name, content in (("linked", b"one inode"), ("tool", b"#!/bin/sh\n"), (os.fsdecode(b"bad\xff name"), b"z"), ("empty", b"")):
        with open(path(name), "wb") as file:
            file.write(content)
    os.link(path("linked"), path("weights/the same"))
    os.link(path("weights/best.pt"), path("weights/best again.pt"))
    os.symlink("nowhere/at all", path("dangling"))
    os.makedirs(path("deep/er/and/deeper"))
    os.mkdir(path("sticky"))
    os.mkfifo(path("pipe"))
    os.chmod(path("sticky"), 0o3771)
    os.chmod(path("tool"), 0o6755)
    os.chmod(path("empty"), 0o400)
    if have("setfattr"):
        attempt("user attributes", "setfattr", "-n", "user.comment", "-v", "0x00ff10", path("weights/best.pt"))
        attempt("user attributes", "setfattr", "-n", "user.on.folder", "-v", "yes", path("weights"))
        attempt("user attributes", "setfattr", "-n", "user.on.run", "-v", "a" * 900, run)
        if ROOT:
            attempt("trusted attributes", "setfattr", "-n", "trusted.mark", "-v", "t", path("linked"))
            attempt("capabilities", "setfattr", "-n", "security.capability", "-v",
                    "0x0100000200040000000000000000000000000000", path("args.yaml"))
    if have("setfacl"):
        attempt("access lists", "setfacl", "-m", "u:60001:rw,g:60002:r,m:rw", path("weights/last.pt"))
        attempt("default access lists", "setfacl", "-d", "-m", "u:60001:rwx", path("deep"))
        attempt("access lists", "setfacl", "-m", "u:60001:rx", run)
    if ROOT:
        # Foreign owners inside the run; the run itself, and its checkpoints, stay the caller's.
        os.chown(path("linked"), 60001, 60002)
        os.chown(path("deep/er"), 60002, 60001)
        os.lchown(path("dangling"), 60001, 60001)
    else:
        SKIPPED.append("foreign owners need root")
    old = time.time_ns() - 3 * 86_400_000_000_000 + 123_456_789
    for folder, folders, files in os.walk(run, topdown=False):
        for number, name in enumerate(files + folders):
            os.utime(os.path.join(folder, name), ns=(old + number, old + 7 * number), follow_symlinks=False)
    os.utime(run, ns=(old - 5, old - 3))


class Look:
    """One tree, or one file, as tools of the system see it: aspect → lines."""

    FIND = r"%y %m %U %G %n %s %b %i %T@ %l \t%P\n"

    def __init__(self, place, name, is_copy=False):
        # A copy has other inodes and other blocks, and was born later.
        # Everything is called `.`, wherever it lies, so that the looks can be compared.
        full_path = os.path.join(place, name)
        self.is_folder = os.path.isdir(full_path)
        cwd, it = (full_path, ".") if self.is_folder else (place, name)

        def text(*command):
            said = tool(*command, cwd=cwd)
            return said if self.is_folder else said.replace(os.fsencode(it), b".")

        def lines(*command):
            return sorted(text(*command).split(b"\n"))

        self.aspects = {
            "find": lines("find", it, "-printf", self.FIND.replace("%i ", "") if is_copy else self.FIND),
            "stat": lines("stat", "-c", "%f %u %g %h %s %b %Y %y" + ("" if is_copy else " %i %W"), it)}
        self.aspects["sha256sum"] = lines("find", it, "-type", "f", "-exec", "sha256sum", "{}", "+")
        # Whole answers about one file each, sorted: a walk is in the order of the directory.
        if have("getfattr"):
            self.aspects["getfattr"] = sorted(text("getfattr", "-R", "-P", "-h", "-d", "-m", "-", "-e", "hex", it).split(b"\n\n"))
        if have("getfacl"):
            self.aspects["getfacl"] = sorted(text("getfacl", "-R", "-P", "-n", it).split(b"\n\n"))
        if not is_copy and have("filefrag"):
            extents = text("find", it, "-type", "f", "-size", "+1M", "-exec", "filefrag", "-v", "{}", "+").split(b"\n")
            self.aspects["filefrag"] = [line for line in extents if line.strip()[:1].isdigit()]
        self.aspects["holes"] = self._holes(cwd, it)

    @staticmethod
    def _holes(cwd, it):
        found = []
        for folder, _, files in os.walk(os.path.join(cwd, it)) if it == "." else [(cwd, [], [it])]:
            for name in files:
                path = os.path.join(folder, name)
                if os.path.islink(path) or not os.path.isfile(path):
                    continue
                file, offset, size, spans = os.open(path, os.O_RDONLY), 0, os.path.getsize(path), []
                try:
                    while offset < size:
                        try:
                            start = os.lseek(file, offset, os.SEEK_DATA)
                        except OSError:
                            break
                        offset = os.lseek(file, start, os.SEEK_HOLE)
                        spans.append((start, offset))
                finally:
                    os.close(file)
                found.append(repr((os.path.relpath(path, cwd) if it == "." else ".", size, spans)).encode())
        return sorted(found)

    def facts(self):
        return sum(len(lines) for lines in self.aspects.values())

    def same(self, other, when):
        for aspect, lines in self.aspects.items():
            # A rename changes the ctime of what is renamed, and nothing else of it; no aspect shows that one.
            if lines != other.aspects[aspect]:
                gone, new = set(lines) - set(other.aspects[aspect]), set(other.aspects[aspect]) - set(lines)
                raise Violation(f"{when}: {aspect} differs: {sorted(gone)[:3]} → {sorted(new)[:3]}")
        return self.facts()


def fidelity(program, folder):
    scene = Scene(program, folder)
    with open(scene.path("p.yaml"), "w") as file:
        file.write(POLICY)
    runs = ["exp1", "exp2", "team/exp3", "team/deep/exp4"]
    for name in runs + ["keep"]:
        embellish(os.path.join(scene.runs, name))
    items = runs + ["keep/weights/epoch3.pt"]
    before = {name: Look(*os.path.split(os.path.join(scene.runs, name))) for name in items}
    archive, mirror = scene.path("before.tar"), scene.path("mirror")
    flags = ["--xattrs", "--xattrs-include=*", "--acls", "--numeric-owner", "--sparse"]
    tool("tar", "-cf", archive, *flags, "--exclude=./.policy", "-C", scene.runs, ".", cwd=folder)
    rsync = ["rsync", "-aHAXS", "--numeric-ids", "--exclude=/.policy"] if have("rsync") else None
    if rsync:
        tool(*rsync, scene.runs + "/", mirror + "/", cwd=folder)

    scene.plan()
    scene.run(*scene.apply(), check=[0])
    records = {item["path"]: item["record"] for item in scene.records()}
    if sorted(records) != sorted(items):
        raise Violation(f"{sorted(records)} were trashed, not {sorted(items)}")
    compared = 0
    for name in items:
        compared += before[name].same(Look(scene.home("trash", "files"), records[name]), f"{name} in the trash")
    scene.run("trash", "restore", "--plan", scene.digest, "--root", "runs", check=[0])
    for name in items:
        compared += before[name].same(Look(*os.path.split(os.path.join(scene.runs, name))), f"{name} taken back")
    # tar --compare reads content, mode, owner, time and links; rsync lists what it would have to do. Folders above what
    # went and came have new times.
    differences = tool("tar", "--compare", "-f", archive, *flags, "-C", scene.runs, cwd=folder, allowed=(0, 1))
    said = [line for line in differences.split(b"\n") if line and not is_parent(line.split(b":")[0], runs)]
    if said:
        raise Violation(f"tar --compare: {said[:5]}")
    if rsync:
        listed = tool(*rsync, "-n", "--itemize-changes", "--checksum", "--delete", mirror + "/", scene.runs + "/", cwd=folder)
        said = [line for line in listed.split(b"\n") if line and not is_parent(line.split(b" ", 1)[1], runs)]
        if said:
            raise Violation(f"rsync would change: {said[:5]}")
    entries = sum(len(look.aspects["find"]) - 1 for look in before.values())
    print(f"fidelity: {len(items)} items, {entries} entries, {len(before['exp1'].aspects)} looks "
          f"({', '.join(before['exp1'].aspects)}) in place, in the trash and back, tar --compare"
          + (" and rsync -aHAX" if rsync else "") + f": {compared} lines compared, 0 differences")
    return prove(before["exp1"], os.path.join(scene.runs, "exp1"))


def archives(program, folder):
    """Archived by the product, unpacked by the product and by GNU tar: each time the same as before."""
    scene = Scene(program, folder, is_archiving=True)
    runs = ["exp1", "exp2", "team/exp3", "team/deep/exp4"]
    for name in runs:
        embellish(os.path.join(scene.runs, name))
        os.remove(os.path.join(scene.runs, name, "pipe"))
        os.utime(os.path.join(scene.runs, name), ns=(1, time.time_ns() - 3 * 86_400_000_000_000))
    before = {name: Look(*os.path.split(os.path.join(scene.runs, name)), is_copy=True) for name in runs}
    scene.plan()
    scene.run(*scene.apply(), check=[0])
    ours, tars = scene.path("ours"), scene.path("tars")
    compared = 0
    for place, name in scene.history().kept().values():
        last = os.path.basename(name)
        for where in (ours, tars):
            os.makedirs(os.path.join(where, os.path.dirname(name)), exist_ok=True)
        scene.run("archive", "extract", name, "--root", "runs", "--to", os.path.join(ours, os.path.dirname(name)),
                  check=[0])
        tool("tar", "--xattrs", "--xattrs-include=*", "--numeric-owner", "--warning=no-unknown-keyword", "-xpzf",
             os.path.join(place, last + ".tar.gz"), "-C", os.path.join(tars, os.path.dirname(name)), cwd=folder)
        for where, who in ((ours, "policy"), (tars, "tar")):
            look = Look(*os.path.split(os.path.join(where, name)), is_copy=True)
            compared += before[name].same(look, f"{name} unpacked by {who}")
    if len(os.listdir(ours)) != 3 or not compared:
        raise Violation(f"{os.listdir(ours)} were unpacked")
    print(f"fidelity: {len(runs)} archives, unpacked by policy and by tar, {len(before['exp1'].aspects)} looks each: "
          f"{compared} lines compared, 0 differences")


def is_parent(name, runs):
    """Whether only something in it came and went: the root, a project folder, the folder of a trashed checkpoint."""
    path = os.fsdecode(name).strip().removeprefix("./").rstrip("/")
    return path in ("", ".", "keep/weights") or any(run.startswith(path + "/") for run in runs)


def prove(before, run):
    """The looks must be able to see each kind of difference."""
    target, changes = os.path.join(run, "weights/best.pt"), {
        "content": lambda path: open(path, "r+b").write(b"!"), "mode": lambda path: os.chmod(path, 0o600),
        "time": lambda path: os.utime(path, ns=(1, 1)), "holes": lambda path: os.truncate(path, 1 << 22),
        "links": lambda path: os.link(path, path + " once more")}
    if ROOT:
        changes["owner"] = lambda path: os.chown(path, 60002, -1)
    if shutil.which("setfattr"):
        changes["attribute"] = lambda path: subprocess.run(["setfattr", "-n", "user.new", "-v", "1", path], check=True)
    if shutil.which("setfacl"):
        changes["access list"] = lambda path: subprocess.run(["setfacl", "-m", "u:60002:r", path], check=True)
    seen, last = 0, before
    for what, change in changes.items():
        change(target)
        now = Look(os.path.dirname(run), os.path.basename(run))
        try:
            last.same(now, what)
            raise SystemExit(f"fidelity: a change of {what} is not seen")
        except Violation:
            seen += 1
        last = now
    print(f"fidelity: {seen} of {len(changes)} changes made on purpose were seen ({', '.join(changes)})")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    try:
        with tempfile.TemporaryDirectory(prefix="fidelity-") as folder:
            fidelity(program, os.path.join(folder, "scene"))
            archives(program, os.path.join(folder, "archives"))
        full.disks(program, SKIPPED)
    except Violation as violation:
        sys.exit(f"fidelity: VIOLATION: {violation}")
    finally:
        for text in sorted(set(SKIPPED)):
            print(f"fidelity: NOT SHOWN: {text}")


if __name__ == "__main__":
    main()
