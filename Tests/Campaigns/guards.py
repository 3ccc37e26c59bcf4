#!/usr/bin/env python3
"""Takes guards out of the product, one at a time in a copy of the sources, and expects a campaign to go red.

A campaign that stays green without a guard does not test it. Usage: guards.py [--scratch FOLDER] [NAME…]; a name may be
any part of one. Each campaign is first run on the product as it is, where it must be green. With a scratch folder that is
kept the next call builds faster, and `--only build` and `--only run` may be two calls. Exits 1 where a campaign is red
with every guard in place, or says the wrong thing without one."""

import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# `edits`: (file, text that must be there exactly once, text instead). `command`: a campaign that must print VIOLATION and
# fail; POLICY stands for the program. `stays_green`: something else stands behind the guard, and that is what is shown.
Guard = collections.namedtuple("Guard", "name edits command stays_green", defaults=(False,))

NO_CONFINEMENT = [
    ("Sources/PolicyFiles/Descriptors/PathResolution.swift",
     "POLICY_RESOLVE_BENEATH | POLICY_RESOLVE_NO_SYMLINKS | POLICY_RESOLVE_NO_MAGICLINKS | POLICY_RESOLVE_NO_XDEV",
     "POLICY_RESOLVE_BENEATH & 0"),
    ("Sources/PolicyFiles/Descriptors/PathResolution.swift", "let flags = flags | O_CLOEXEC | O_NOFOLLOW",
     "let flags = flags | O_CLOEXEC"),
]
# The kernel's confinement of the workers; a mount below the root is below the root for it as well.
NO_LANDLOCK = ("Sources/CLinux/Worker.c", "if (version < 2) return 0;", "if (version < 9999) return 0;")
NO_SAME_FOLDER = (
    "Sources/PolicyApply/Trash/TreeRemoval.swift",
    "guard folder.status.isSameObject(as: status), !folder.status.isOnAnotherMount(than: parent.status) else {",
    "guard folder.status.inode > 0 else {")
NO_LAST_LOOK = (
    "Sources/PolicyApply/Trash/TreeRemoval.swift", "if isTop || uid != 0 { return folder }",
    "if isTop || uid != 0 || folder.status.inode > 0 { return folder }")

NO_OPEN_FILES = (
    "Sources/PolicyScan/States/StateEvidence.swift", "return hasOpenFile ? .openFile : nil",
    "return hasOpenFile && isIncomplete ? .openFile : nil")
# Long enough for each of them to be missed.
SOAK = ["soak.py", "POLICY", "90"]
GUARDS = [
    Guard("race: paths below the root are resolved without links", [*NO_CONFINEMENT, NO_LANDLOCK],
          ["race.py", "POLICY", "1500", "restore"]),
    Guard("race: paths below the root, with Landlock behind it", NO_CONFINEMENT, ["race.py", "POLICY", "1500", "restore"],
          stays_green=True),
    Guard("race: purge enters only what it has looked at", [*NO_CONFINEMENT, NO_SAME_FOLDER, NO_LAST_LOOK, NO_LANDLOCK],
          ["race.py", "POLICY", "1500", "purge"]),
    Guard("race: purge enters no folder that was moved in since", [NO_LAST_LOOK], ["race.py", "POLICY", "6000", "purge"]),
    Guard("race: what was moved is compared once more", [
        ("Sources/PolicyApply/Trash/TrashMover.swift", "guard let difference else {",
         "guard let difference, difference.isEmpty else {")], ["race.py", "POLICY", "2500"]),
    Guard("race: what is put back needs no name that others know", [
        ("Sources/PolicyApply/Trash/TrashMover+PuttingBack.swift", "for attempt in (mayKeepName ? 0 : 1)..<8 {",
         "for attempt in (mayKeepName ? 0 : 1)..<1 {")],
        ["race.py", "POLICY", "2500"]),
    Guard("race: no other mount is entered", [
        *NO_CONFINEMENT, NO_SAME_FOLDER, NO_LAST_LOOK,
        ("Sources/PolicyFiles/Descriptors/FileStatus.swift", "if isMountRoot == true { return true }",
         "if links < .max { return false }")],
        ["race.py", "POLICY", "1500", "mounts"]),
    # What the look at the roots and the look before the move both ask is taken out of both. A trainer has its files open
    # while it writes them.
    Guard("soak: what was written a moment ago is being written", [
        NO_OPEN_FILES,
        ("Sources/PolicyScan/States/StateEvidence.swift", "return overflow ? clock < newestFile : age < span",
         "return overflow && age > span"),
        ("Sources/PolicyApply/Trash/ItemLook.swift", "if quiet == nil || quiet.map({ $0 < grace }) == true {",
         "if quiet == nil, grace.nanoseconds < 0 {")], SOAK),
    Guard("soak: what a training has locked stays", [
        ("Sources/PolicyScan/States/StateEvidence.swift", "if isFlocked { return .flock }",
         "if isFlocked, isIncomplete { return .flock }"),
        ("Sources/PolicyApply/Operations/Locks.swift",
         "guard try tryLock(folder.directory.rawValue) else { return nil }",
         "_ = try tryLock(folder.directory.rawValue)")], SOAK),
    Guard("soak: what a process has open stays", [NO_OPEN_FILES], SOAK),
    Guard("soak: what is pinned stays", [
        ("Sources/PolicyScan/Records/OwnerRecords.swift",
         "if pin.binds(device: status.device, inode: status.inode, born: born) { return .value(.bool(true)) }",
         "if pin.because.isEmpty, owner == 0, born == nil { return .value(.bool(true)) }"),
        ("Sources/PolicyApply/Pins/PinWatch.swift",
         "if let pin = list.pin(device: status.device, inode: status.inode, born: born) {",
         "if let pin = list.pin(device: status.device, inode: 0, born: born) {")], SOAK),
    Guard("soak: nothing is purged before its time", [
        ("Sources/PolicyApply/Trash/Purger.swift", "guard let elapsed = now.since(trashedAt), elapsed >= wait else {",
         "guard let elapsed = now.since(trashedAt), elapsed >= wait || wait.nanoseconds > 0 else {"),
        ("Sources/PolicyApply/Trash/Purger.swift", "boot.uptime - then.uptime < wait.nanoseconds",
         "boot.uptime - then.uptime < -1"),
        ("Sources/PolicyApply/Work/OwnerSession+Trash.swift", "if let wait, let elapsed, elapsed >= wait {",
         "if let wait, let elapsed, elapsed >= wait || wait.nanoseconds > 0 {")], SOAK),
]


def copy_sources(scratch):
    """Brings the copy up to date; what has not changed keeps its time, so that it is not built again."""
    files = subprocess.run(["git", "ls-files", "-z", "Package.swift", "Sources", "Tests"], cwd=ROOT, check=True,
                           capture_output=True).stdout.split(b"\0")
    for name in filter(None, map(os.fsdecode, files)):
        source, target = os.path.join(ROOT, name), os.path.join(scratch, name)
        with open(source, "rb") as file:
            write_if_other(target, file.read())


def write_if_other(path, content):
    if os.path.exists(path):
        with open(path, "rb") as file:
            if file.read() == content:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def build(scratch, program):
    done = subprocess.run(["swift", "build", "--product", "policy"], cwd=scratch, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit("guards: the copy does not build:\n" + done.stdout.decode(errors="replace")[-3000:])
    os.makedirs(os.path.dirname(program), exist_ok=True)
    shutil.copy2(os.path.join(scratch, ".build", "debug", "policy"), program)


def take_out(guard, scratch):
    """Only from the copy, where the text comes back with the next `copy_sources`."""
    for file, old, new in guard.edits:
        path = os.path.join(scratch, file)
        with open(path) as source:
            text = source.read()
        if text.count(old) != 1:
            sys.exit(f"guards: {guard.name}: this is {text.count(old)} times in {file}, not once:\n{old}")
        write_if_other(path, text.replace(old, new).encode())


def run(command, program):
    words = [program if word == "POLICY" else word for word in command]
    words[0] = os.path.join(ROOT, "Tests", "Campaigns", words[0])
    done = subprocess.run([sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode(errors="replace")


def check(guard, program):
    """Whether the campaign says what it should without the guard."""
    started = time.time()
    status, text = run(guard.command, program)
    violations = [line for line in text.splitlines() if "VIOLATION" in line]
    is_red = status != 0 and bool(violations)
    is_right = status == 0 if guard.stays_green else is_red
    color = "red" if is_red else "green" if status == 0 else "broken"
    print(f"guards: {'' if is_right else 'WRONG: '}{color} without: {guard.name} ({time.time() - started:.0f} s)")
    print("  " + (violations[0][:300] if violations else text.strip()[-300:]), flush=True)
    return is_right


def program_of(guard, scratch):
    return os.path.join(scratch, "programs", re.sub("[^a-z]+", "-", guard.name) if guard else "as-it-is")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scratch", metavar="FOLDER")
    parser.add_argument("--only", choices=["build", "run"])
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    chosen = [guard for guard in GUARDS if not options.names or any(name in guard.name for name in options.names)]
    if not chosen:
        sys.exit("guards: no guard has such a name: " + "; ".join(guard.name for guard in GUARDS))
    if options.only and not options.scratch:
        sys.exit("guards: --only needs --scratch, where the programs are kept in between")
    scratch = options.scratch or tempfile.mkdtemp(prefix="guards-")
    try:
        if options.only != "run":
            for guard in [None, *chosen]:
                copy_sources(scratch)
                if guard:
                    take_out(guard, scratch)
                build(scratch, program_of(guard, scratch))
        if options.only == "build":
            return
        for command in dict.fromkeys(tuple(guard.command) for guard in chosen):
            status, text = run(command, program_of(None, scratch))
            if status != 0:
                sys.exit(f"guards: {' '.join(command)} is red with every guard in place:\n{text[-3000:]}")
        right = [check(guard, program_of(guard, scratch)) for guard in chosen]
    finally:
        if not options.scratch:
            shutil.rmtree(scratch, ignore_errors=True)
    print(f"guards: {len(right)} taken out one by one, {sum(right)} as they should be")
    if not all(right):
        sys.exit(1)


if __name__ == "__main__":
    main()
