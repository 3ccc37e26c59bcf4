#!/usr/bin/env python3
"""Simulated trainers write, rotate, crash and resume while policies run, and are killed, every few seconds.

A ledger outside the root knows every file version ever completed; at the end each is found again, and what was running,
pinned or kept was never moved. As root, three users train side by side; else one.
Usage: soak.py POLICY-PROGRAM SECONDS [--prove]; prints its figures, exits 1 on any violation. With --prove the policy
program is broken on purpose, in several ways, SECONDS each: then it exits 1 unless every way was found out."""

import collections
import ctypes
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from ledger import FOREVER, Record
from reckoning import Reckoning
from trainer import Worker

LATEST = 3
POLICY = """version: 1
roots: [{root}]
trash: {{ purge_after: {purge}s }}
limits: {{ max_share: 100% }}
rules:
  - {{ id: recent, keep: runs, per: user, latest: {latest} }}
  - {{ id: good, keep: runs, where: mAP50 ?? 0 > 0.9 }}
  - {{ id: old, trash: runs, where: "state in [finished, failed, interrupted]", after: 1s }}
  - id: thin
    thin: checkpoints
    where: run.state in [finished, failed, interrupted]
    per: run
    after: 1s
    keep:
      - every: {{ n: 2 }}
      - where: role in [best, last]
"""
# Of each command: the statuses that it may end with. 5: something ended or began between the plan and its apply; 6 of
# root's recover: an owner is at work.
ALLOWED = {"apply": {0, 5, 6, 7}, "restore": {0, 3, 6, 7}, "purge": {0, 3, 6, 7}, "pin": {0, 3, 7}, "unpin": {0, 3, 7},
           "recover": {0, 3, 6, 7}, "list": {0, 3}}
# Ways to be wrong: a command in front of the policy program, ROOT is its to spoil, and what must be said of it.
BROKEN = {
    "a checkpoint is lost": (
        'find "$ROOT" -path "*/.policy" -prune -o -name "epoch*.pt" -print | shuf -n1 | xargs -r rm -f', "is nowhere"),
    "a byte is changed": (
        'f=$(find "$ROOT" -path "*/.policy/*/trash/files/*" -name best.pt | shuf -n1); '
        '[ -z "$f" ] || printf x | dd of="$f" bs=1 seek=3 conv=notrunc status=none', "is nowhere"),
    "a run is moved without a record": (
        'd=$(find "$ROOT" -path "*/.policy" -prune -o -name key.txt -printf "%h\\n" | shuf -n1); '
        '[ -z "$d" ] || mv "$d" "$ASIDE/$$"', "went away while it was running (mtime)"),
    "the trash is emptied early": ('rm -rf "$ROOT"/.policy/*/trash/files/*', "lie there"),
    "a run is doubled": (
        'd=$(find "$ROOT" -path "*/.policy" -prune -o -name key.txt -printf "%h\\n" | shuf -n1); '
        '[ -z "$d" ] || cp -a "$d" "$d.restored" 2>/dev/null', "places: "),
}


class Campaign:
    def __init__(self, program, seconds, folder, broken=None):
        self.program, self.seconds, self.folder = program, seconds, folder
        self.root, self.ledger = os.path.join(folder, "runs"), os.path.join(folder, "ledger")
        self.users = [0, 60001, 60002] if os.getuid() == 0 else [os.getuid()]
        self.counts, self.lock = collections.Counter(), threading.Lock()
        self.violations, self.pins, self.starts = [], [], {user: [0] for user in self.users}
        self.purge_after = 4 if seconds < 120 else 20
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": "/", "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"}
        os.mkdir(self.root)
        os.mkdir(self.ledger)
        if os.getuid() == 0:
            os.mkdir(os.path.join(self.root, ".policy"))
            os.chmod(os.path.join(self.root, ".policy"), 0o1777)
        os.chmod(folder, 0o755)
        os.chmod(self.ledger, 0o1777)
        if broken:
            aside = os.path.join(folder, "aside")
            os.mkdir(aside)
            os.chmod(aside, 0o1777)
            self.environment.update(ROOT=self.root, ASIDE=aside)
            self.program = os.path.join(folder, "broken")
            with open(self.program, "w") as file:
                file.write(f'#!/bin/sh\n{broken}\nexec "{program}" "$@"\n')
            os.chmod(self.program, 0o755)
        self.policy = os.path.join(folder, "p.yaml")
        with open(self.policy, "w") as file:
            file.write(POLICY.format(root=self.root, purge=self.purge_after, latest=LATEST))

    # The policy program, as one of the users.
    def run(self, user, name, *arguments, chance=None):
        """Its exit status and output; None for the status where it was killed."""
        extra = {"user": user, "group": user, "extra_groups": []} if os.getuid() == 0 else {}
        self.starts[user].append(time.time_ns())
        process = subprocess.Popen(
            [self.program, *arguments], cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=self.environment, start_new_session=True, **extra)
        if chance and chance.random() < 0.25:
            try:
                output, _ = process.communicate(timeout=chance.expovariate(1 / 0.15))
            except subprocess.TimeoutExpired:
                # Now and then only itself, and not the processes that it may have started.
                if chance.random() < 0.3:
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        text = output.decode(errors="replace")
        with self.lock:
            self.counts["commands"] += 1
            self.counts[name] += 1
            if process.returncode < 0:
                self.counts["kills"] += process.returncode == -signal.SIGKILL
                if process.returncode != -signal.SIGKILL:
                    self.violations.append(f"policy {name} died of signal {-process.returncode}: {text[-500:]}")
                return None, text
            self.counts[f"{name} ended with {process.returncode}"] += 1
            if process.returncode not in ALLOWED[name]:
                self.violations.append(f"policy {' '.join(arguments)} ended with {process.returncode}: {text[-700:]}")
        return process.returncode, text

    def operator(self, user, until):
        chance = random.Random(user)
        pace = 0.3 if self.seconds < 120 else 1.2
        place = ["--root", self.root]
        while time.time() < until:
            name = chance.choice(["apply"] * 6 + ["restore"] * 3 + ["purge"] * 2 + ["pin", "recover"])
            if name == "apply":
                self.run(user, name, "apply", "-p", self.policy, "--yes", *place, chance=chance)
            elif name == "restore":
                self.restore(user, chance, place)
            elif name == "purge":
                self.run(user, name, "trash", "purge", *place, chance=chance)
            elif name == "pin":
                self.pin(user, chance, place)
            else:
                self.run(user, name, "recover", *place, chance=chance)
            time.sleep(chance.uniform(0, pace))

    def restore(self, user, chance, place):
        status, text = self.run(user, "list", "trash", "list", "--format", "json", *place)
        items = json.loads(text)["items"] if status == 0 and text.startswith("{") else []
        if not items:
            return
        # Names that were used again meanwhile are the harder ones.
        used = [item for item in items if os.path.lexists(os.path.join(self.root, item["path"]))]
        item = chance.choice(used if used and chance.random() < 0.6 else items)
        what = chance.choice([[item["record"]], [os.path.join(self.root, item["path"])], ["--plan", item["plan"]]]
                             if item.get("plan") else [[item["record"]], [os.path.join(self.root, item["path"])]])
        if what[0] == "--plan" and chance.random() < 0.7:
            what = [item["record"]]
        self.run(user, "restore", "trash", "restore", *what, *place, chance=chance)

    def pin(self, user, chance, place):
        found = [folder for folder, _, files in os.walk(self.root)
                 if "key.txt" in files and ".policy" not in folder and user in (0, os.stat(folder).st_uid)]
        if not found:
            return
        path = chance.choice(found)
        try:
            inode = os.stat(path).st_ino
            status, _ = self.run(user, "pin", "pin", path, "--because", "soak", *place, chance=chance)
            pinned = time.time_ns()
            if status != 0 or os.stat(path).st_ino != inode:
                return
        except FileNotFoundError:
            return
        self.pins.append([inode, pinned, FOREVER, user])
        if len(self.pins) % 3 == 0:
            time.sleep(chance.uniform(0.2, 2))
            # It takes back every pin of this user on it.
            for one in self.pins:
                if one[0] == inode and one[3] == user:
                    one[2] = min(one[2], time.time_ns())
            self.run(user, "unpin", "unpin", path, *place, chance=chance)

    # The whole.
    def trainers(self, started):
        children = []
        for number, user in enumerate([user for user in self.users for _ in range(2)]):
            folder = os.path.join(self.root, f"u{user}", f"w{number}")
            os.makedirs(folder)
            for made in (os.path.dirname(folder), folder):
                os.chown(made, user, user if os.getuid() == 0 else -1)
            child = os.fork()
            if child == 0:
                try:
                    if os.getuid() == 0:
                        os.setgroups([])
                        os.setgid(user)
                        os.setuid(user)
                        # A process that changed its user hides its open files from that user.
                        ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
                    Worker(folder, self.ledger, number, started, len(self.users)).work()
                    os._exit(0)
                except BaseException as error:
                    print(f"soak: trainer {number}: {error!r}", file=sys.stderr, flush=True)
                    os._exit(1)
            children.append(child)
        return children

    def carry_out(self):
        started = time.time()
        children = self.trainers(started)
        threads = [threading.Thread(target=self.operator, args=(user, started + self.seconds)) for user in self.users]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for child in children:
            os.kill(child, signal.SIGTERM)
        for child in children:
            if os.waitpid(child, 0)[1] != 0:
                self.violations.append("a trainer itself has failed")
        for user in self.users:
            self.settle(user)
        reckoning = Reckoning(self.root, self.users, Record(self.ledger), self.purge_after, LATEST, self.pins, self.starts)
        reckoning.take()
        return reckoning, self.violations + reckoning.violations

    def settle(self, user):
        for _ in range(40):
            status, text = self.run(user, "recover", "recover", "--root", self.root)
            if status in (0, 3):
                return
            time.sleep(0.25)
        self.violations.append(f"uid {user} cannot recover: {text[-500:]}")

    def tell(self, reckoning, violations, started):
        counts, written = self.counts, reckoning.record.counts
        statuses = sorted(key for key in counts if "ended with" in key)
        print(f"soak: {time.time() - started:.0f} s, {len(self.users)} users, {written['runs']} runs, "
              f"{written['versions']} file versions, {written['bytes']} bytes, {written['crashes']} trainers killed; "
              f"running by {written['by mtime']} fresh writes, {written['by flock']} locks, {written['by open']} open files")
        print(f"soak: {counts['commands']} policy commands, {counts['kills']} killed; "
              + ", ".join(f"{counts[key]} {key}" for key in statuses))
        moves = reckoning.settled
        print(f"soak: {len(moves)} moves ({sum(move.kind == 'run' for move in moves)} runs), "
              f"{sum(move.restored is not None for move in moves)} restores, "
              f"{sum(move.purged is not None for move in moves)} purges, {len(self.pins)} pins; "
              f"{written['came too late']} resumes came too late, {written['overtaken']} open files overtaken, "
              f"{written['away for a moment']} moved and put back")
        print(f"soak: {len(reckoning.record.versions)} versions to be found: {reckoning.in_place} in place, "
              f"{reckoning.beside} restored beside, {reckoning.in_trash} in the trash, {reckoning.gone} purged in time, "
              f"{reckoning.unaccounted} unaccounted; {len(violations)} violations")


def once(program, seconds, broken=None):
    started = time.time()
    folder = tempfile.mkdtemp(prefix="soak-")
    campaign = Campaign(program, seconds, folder, broken)
    reckoning, violations = campaign.carry_out()
    campaign.tell(reckoning, violations, started)
    if violations and not broken:
        print(f"soak: ledgers, journals and runs are kept in {folder}")
    else:
        shutil.rmtree(folder)
    return reckoning, violations


def main():
    arguments = [word for word in sys.argv[1:] if word != "--prove"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    program, seconds = os.path.abspath(arguments[0]), int(arguments[1])
    if "--prove" in sys.argv:
        unseen = []
        for name, (command, words) in BROKEN.items():
            print(f"soak: broken on purpose: {name}")
            _, violations = once(program, seconds, command)
            seen = [text for text in violations if words in text]
            print(f"soak: {'red' if seen else 'GREEN'}: {len(seen)} times {(seen or violations or [''])[0][:200]}")
            unseen += [] if seen else [name]
        print(f"soak: {len(BROKEN) - len(unseen)} of {len(BROKEN)} broken programs were found out")
        sys.exit(1 if unseen else 0)
    reckoning, violations = once(program, seconds)
    for violation in violations[:20]:
        print("soak: VIOLATION:", violation)
    # Whoever did nothing has shown nothing.
    idle = [name for name, count in (
        ("versions", reckoning.record.counts["versions"]), ("moves", len(reckoning.settled)),
        ("purges", reckoning.gone)) if count == 0]
    if idle:
        print("soak: nothing was shown: no", ", no ".join(idle))
    sys.exit(1 if violations or idle else 0)


if __name__ == "__main__":
    main()
