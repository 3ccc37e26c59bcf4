#!/usr/bin/env python3
"""Shows that the campaigns can fail: breaks the product on purpose, one guard at a time; each time one must say so.

Usage: breaks.py COPY [NAME …]: in COPY, a copy of this repository that is made where it is missing, each break is
made, built, tried and taken back. Prints one line each; exits 1 where a break was not caught, or its place was not
found."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
MOVER, RECOVERY = "Sources/PolicyApply/Trash/TrashMover.swift", "Sources/PolicyApply/Recovery/Recovery.swift"
PURGER, JOURNAL = "Sources/PolicyApply/Trash/Purger.swift", "Sources/PolicyApply/State/JournalWriter.swift"


@dataclass
class Break:
    name: str
    file: str
    # Each text that is there once, and what takes its place.
    edits: tuple
    # Campaign and its arguments.
    campaign: tuple


KILL = ("kill.py", "150")
INTENTS = """      try journal.append(items.map { .trash($0) })
"""
COMMITS = """      try store.journal.append(
        moved.map { .commit(.trash, record: $0.item.record, identity: $0.manifest) }
"""
PURGES = """.purge(record: requests[$0].item.item.record, cause: requests[$0].cause) })
"""
BREAKS = [
    Break("things move before their intent is journaled", MOVER, (
        (INTENTS, ""),
        (COMMITS, "      try store.journal.append(items.map { .trash($0) })\n" + COMMITS)), KILL),
    Break("the commit is written before the move", MOVER, (
        (INTENTS, INTENTS
            + "      try journal.append(items.map { .commit(.trash, record: $0.record, identity: $0.identity) })\n"),
        (COMMITS, COMMITS.replace("moved.map", "moved.prefix(0).map"))), KILL),
    Break("a purge is committed before the removal", PURGER, (
        (PURGES, PURGES + "      try store.journal.append(\n"
            "        going.map { .commit(.purge, record: requests[$0].item.item.record, identity: nil) })\n"),
        ("        cleared.map { .commit(.purge", "        cleared.prefix(0).map { .commit(.purge")), KILL),
    Break("recovery passes over open intents", RECOVERY, (
        ("let open = history.open\n", "let open = history.open.filter { _ in false }\n"),),
        KILL),
    Break("recovery writes no info file", RECOVERY, (
        ("      try writeInfo(item)\n", "      if false { try writeInfo(item) }\n"
            "      try removeInfo(name)\n"),), KILL),
    Break("a failed sync of the journal is passed over", JOURNAL, (
        ("    if let error {\n      isBroken", "    if let error, error.errno == 0 {\n      isBroken"),), ("faults.py", "all", "fdatasync")),
    Break("what cannot be moved is called moved", MOVER, (
        ("      return .stays(ItemLook.Refusal(error.sentence, cause: error))\n    }\n    // The name",
         "      return .moved(Moved(index: index, item: item, parent: found.parent, manifest: item.identity))\n    }\n"
         "    // The name"),), ("faults.py", "all", "renameat2")),
]


def broken(text, edits):
    for old, new in edits:
        if text.count(old) != 1:
            return None
        text = text.replace(old, new)
    return text


def attempt(copy, one):
    """What became of a break: `caught`, or what is wrong; and what the campaign said."""
    path = os.path.join(copy, one.file)
    with open(path) as file:
        before = file.read()
    after = broken(before, one.edits)
    if after is None:
        return "its place was not found", ""
    try:
        with open(path, "w") as file:
            file.write(after)
        built = subprocess.run(["swift", "build", "--product", "policy"], cwd=copy, capture_output=True, text=True)
        if built.returncode != 0:
            return "does not build", built.stdout[-2000:] + built.stderr[-2000:]
        campaign, *words = one.campaign
        program = os.path.join(copy, ".build", "debug", "policy")
        done = subprocess.run([sys.executable, os.path.join(HERE, campaign), program, *words],
                              capture_output=True, text=True)
        # A campaign that cannot even begin has found nothing.
        caught = done.returncode == 1 and "VIOLATION" in done.stdout
        return "caught" if caught else "NOT CAUGHT", done.stdout + done.stderr
    finally:
        with open(path, "w") as file:
            file.write(before)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    copy, names = os.path.abspath(sys.argv[1]), sys.argv[2:]
    if not os.path.isdir(copy):
        shutil.copytree(REPOSITORY, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    chosen = [one for one in BREAKS if not names or any(name in one.name for name in names)]
    missed = 0
    for one in chosen:
        started = time.time()
        result, said = attempt(copy, one)
        first = next((line for line in said.splitlines() if "VIOLATION" in line), "")[:200]
        print(f"break: {one.name}: {result} by {one.campaign[0]} ({time.time() - started:.0f} s) {first}", flush=True)
        if result != "caught":
            missed += 1
            print(said[-3000:])
    print(f"breaks: {len(chosen) - missed} of {len(chosen)} caught")
    sys.exit(1 if missed or not chosen else 0)


if __name__ == "__main__":
    main()
