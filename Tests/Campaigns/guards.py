#!/usr/bin/env python3
"""Takes guards out of the product, one at a time in a copy of the sources, and expects a campaign to go red.

A campaign that stays green without a guard does not test it. Usage: guards.py [--scratch FOLDER] [NAME…]; a name may be
any part of one. With a scratch folder that is kept the next call builds faster. Each campaign is first run on the product
as it is, where it must be green. Exits 1 where one is not, or where a guard is not missed."""

import argparse
import collections
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# `edits`: (file, text that must be there exactly once, text instead). `command`: a campaign that must print VIOLATION and
# fail; POLICY stands for the program.
Guard = collections.namedtuple("Guard", "name edits command")

NO_CONFINEMENT = [
    ("Sources/PolicyFiles/Descriptors/PathResolution.swift",
     "POLICY_RESOLVE_BENEATH | POLICY_RESOLVE_NO_SYMLINKS | POLICY_RESOLVE_NO_MAGICLINKS | POLICY_RESOLVE_NO_XDEV",
     "POLICY_RESOLVE_BENEATH & 0"),
    ("Sources/PolicyFiles/Descriptors/PathResolution.swift", "let flags = flags | O_CLOEXEC | O_NOFOLLOW",
     "let flags = flags | O_CLOEXEC"),
]
NO_SAME_FOLDER = (
    "Sources/PolicyApply/Trash/TreeRemoval.swift",
    "guard folder.status.isSameObject(as: status), !folder.status.isOnAnotherMount(than: parent.status) else {",
    "guard folder.status.inode > 0 else {")

GUARDS = [
    Guard("race: paths below the root are resolved without links", NO_CONFINEMENT, ["race.py", "POLICY", "1500", "restore"]),
    Guard("race: purge enters only what it has looked at", [*NO_CONFINEMENT, NO_SAME_FOLDER],
          ["race.py", "POLICY", "1500", "purge"]),
    Guard("race: what was moved is compared once more", [
        ("Sources/PolicyApply/Trash/TrashMover.swift", "guard let difference else {",
         "guard let difference, difference.isEmpty else {")], ["race.py", "POLICY", "2500"]),
    Guard("race: what is put back needs no name that others know", [
        ("Sources/PolicyApply/Trash/TrashMover.swift", "for attempt in (mayKeepName ? 0 : 1)..<8 {",
         "for attempt in (mayKeepName ? 0 : 1)..<1 {")],
        ["race.py", "POLICY", "2500"]),
    Guard("race: no other mount is entered", [
        *NO_CONFINEMENT, NO_SAME_FOLDER,
        ("Sources/PolicyFiles/Descriptors/FileStatus.swift", "if isMountRoot == true { return true }", "return false")],
        ["race.py", "POLICY", "1500", "mounts"]),
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


def build(scratch):
    done = subprocess.run(["swift", "build", "--product", "policy"], cwd=scratch, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit("guards: the copy does not build:\n" + done.stdout.decode(errors="replace")[-3000:])
    return os.path.join(scratch, ".build", "debug", "policy")


def campaign(command, program):
    words = [program if word == "POLICY" else word for word in command]
    words[0] = os.path.join(ROOT, "Tests", "Campaigns", words[0])
    done = subprocess.run([sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode(errors="replace")


def without(guard, scratch):
    """Builds the copy without a guard; the sources as they are come back with the next `copy_sources`."""
    for file, old, new in guard.edits:
        path = os.path.join(scratch, file)
        with open(path) as source:
            text = source.read()
        if text.count(old) != 1:
            sys.exit(f"guards: {guard.name}: this is {text.count(old)} times in {file}, not once:\n{old}")
        write_if_other(path, text.replace(old, new).encode())
    return build(scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scratch", metavar="FOLDER")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    chosen = [guard for guard in GUARDS if not options.names or any(name in guard.name for name in options.names)]
    if not chosen:
        sys.exit("guards: no guard has such a name: " + "; ".join(guard.name for guard in GUARDS))
    scratch = options.scratch or tempfile.mkdtemp(prefix="guards-")
    failures = 0
    try:
        copy_sources(scratch)
        program = os.path.join(scratch, "policy-as-it-is")
        shutil.copy2(build(scratch), program)
        for command in dict.fromkeys(tuple(guard.command) for guard in chosen):
            status, text = campaign(command, program)
            if status != 0:
                sys.exit(f"guards: {' '.join(command)} is red with every guard in place:\n{text[-3000:]}")
        for guard in chosen:
            started = time.time()
            copy_sources(scratch)
            status, text = campaign(guard.command, without(guard, scratch))
            violations = [line for line in text.splitlines() if "VIOLATION" in line]
            is_missed = status != 0 and bool(violations)
            failures += not is_missed
            print(f"guards: {'red' if is_missed else 'NOT MISSED'} without: {guard.name} ({time.time() - started:.0f} s)")
            print("  " + (violations[0][:300] if violations else f"status {status}: {text[-300:]}"), flush=True)
    finally:
        if not options.scratch:
            shutil.rmtree(scratch, ignore_errors=True)
    print(f"guards: {len(chosen)} taken out one by one, {len(chosen) - failures} missed by a campaign")
    if failures:
        sys.exit(1)


if __name__ == "__main__":
    main()
