#!/usr/bin/env python3
"""An unprivileged attacker swaps directories, links, names and mounts while root trashes, restores and purges.

After each batch an exact account of what is outside is compared, everything inside is looked for, and the program's word
and exit status are compared with what is there. Usage: race.py POLICY-PROGRAM RUNS [whole|restore|purge|mounts]; a run is
one item that was tried. `whole` adds Foundation's removeItem to the table, the other words try only batches of that kind.
Exits 1 on any violation, when too few runs happened, and when the attacker did nothing that had to be refused. Needs root;
elsewhere it says so and does nothing. RACE_SEED starts elsewhere, RACE_REASONS prints why things stayed."""

import collections
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time

import baselines
import inject
from attack import Attack, compile_attacker
from race_scene import EACH_GROUP, GROUPS, RaceScene
from scene import PURGE_AFTER, Violation

PAST = {"apply": "trashed", "restore": "restored", "purge": "purged"}
CALLS = ("openat,openat2,statx,getdents64,renameat2,unlinkat,mkdirat,flock,fsync,fdatasync,syncfs,pwrite64,readlinkat,"
         "lseek,fchmod,fallocate")
Setting = collections.namedtuple("Setting", "name acts hold second patient his_root delay mounts",
                                 defaults=(True, False, None, False))
# A cycle of batches, every kind early in it. Acts: see attacker.c.
SETTINGS = [
    Setting("random", "gih", 40, "restore"),
    Setting("forced", "ginht", 500, "restore", delay="delay_enter=250"),
    Setting("random", "ih", 20, "purge"),
    Setting("root owned by the attacker", "goih", 40, "restore", his_root=True),
    Setting("mounts", "i", 60, "purge", mounts=True),
    Setting("random", "inh", 60, "purge"),
    Setting("forced", "ihhh", 500, "purge", delay="delay_exit=250"),
    Setting("random", "gt", 60, "restore"),
    Setting("random", "ginh", 15, "restore", patient=False),
    Setting("mounts, forced", "h", 500, "purge", delay="delay_enter=250", mounts=True),
    Setting("random", "iiin", 150, "restore"),
    Setting("random", "gggt", 5, "restore"),
    Setting("random", "iggn", 100, "purge"),
    Setting("root owned by the attacker", "oti", 100, "restore", his_root=True),
    Setting("mounts", "gh", 100, "restore", mounts=True),
    Setting("random", "hhi", 10, "purge"),
]


class Campaign:
    def __init__(self, program, folder, disk=None):
        self.program, self.folder, self.disk = program, folder, disk
        self.attacker = compile_attacker(folder)
        self.counts, self.acts, self.reasons = collections.Counter(), collections.Counter(), collections.Counter()
        self.violations, self.number, self.said = [], 0, ""

    def scene(self, his_root):
        self.number += 1
        # Now and then on a disk, where syncs take their time.
        top = self.disk if self.number % 8 == 0 and self.disk else self.folder
        return RaceScene(self.program, os.path.join(top, str(self.number)), his_root)

    def batch(self, setting, seed):
        scene = self.scene(setting.his_root)
        attackers = []
        try:
            scene.plan()
            if setting.acts:
                attackers.append(Attack(self.attacker, scene, setting.acts, setting.hold, seed))
            if setting.mounts:
                attackers.append(Attack(self.attacker, scene, "m", setting.hold, seed, as_root=True))
            self.step(scene, "apply", attackers, setting)
            if setting.second == "purge":
                time.sleep(PURGE_AFTER)
            self.step(scene, setting.second, attackers, setting)
        except Violation as violation:
            self.violations.append(f"{setting}, seed {seed}: {violation}")
            if os.environ.get("RACE_REASONS"):
                print(self.said)
            self.counts["changes"] += getattr(violation, "count", 0)
        finally:
            for attacker in attackers:
                attacker.stop()
                self.acts.update(attacker.counts)
            shutil.rmtree(scene.folder)

    def step(self, scene, operation, attackers, setting):
        """One command under attack, and what must be true after it."""
        before, trace = scene.stored(), scene.path("trace")
        prefix = [] if not setting.delay else [
            "strace", "-f", "--seccomp-bpf", "-o", trace, "-e", f"trace={CALLS}", "-e", f"inject={CALLS}:{setting.delay}"]
        for attacker in attackers:
            attacker.begin(operation, is_patient=setting.patient and operation != "restore")
        status, text = scene.run(*scene.arguments(operation), prefix=prefix)
        self.said = f"{operation}, status {status}:\n{text}"
        for attacker in attackers:
            attacker.end()
        if setting.delay:
            with open(trace, errors="replace") as lines:
                self.counts["boundaries"] += sum("(DELAYED)" in line for line in lines)
        scene.check_outside()
        rows = scene.rows(text)
        done = sorted(path for word, path, _ in rows if word == PAST[operation])
        if setting.mounts and status == 8 and "could not be put back" in text:
            # A mount made on the very thing while it was moved holds it where it is; the program says so.
            self.counts["held by a mount"] += 1
            self.recover(scene, operation)
            scene.check_inside()
            return
        stored = scene.check_inside(purged=done if operation == "purge" else ())
        if operation == "apply":
            moved = stored
        else:
            now = scene.stored()
            moved = sorted(scene.planned[inode][0] for record, (inode, _) in before.items() if record not in now)
        if done != moved:
            raise Violation(f"{operation} says {len(done)} were {PAST[operation]}, and {len(moved)} were: "
                            f"{sorted(set(done) ^ set(moved))[:4]}")
        self.check_status(operation, setting, status, text, rows, before)
        self.counts[operation, setting.name] += len(rows)
        self.counts["done", operation] += len(done)
        self.counts["refused"] += len(rows) - len(done)
        self.counts[setting.name] += len(rows)
        self.counts["runs"] += len(rows)
        self.counts["status", status] += 1
        self.reasons.update((operation, reason) for word, _, reason in rows if word == "left")
        if operation != "apply":
            self.recover(scene, operation)

    def recover(self, scene, operation):
        """Whatever is still open is settled, and that reaches nothing outside either. Only a purge that he stopped in a
        folder where he may write stays open, for a person to look at."""
        status, text = scene.run("recover", "--root", "runs")
        words = " ".join(text.split())
        left = words.count("its purge cannot be finished: ")
        by_hand = words.count("others may write in a folder of it")
        if status not in (0, 3) and not (status == 6 and operation == "purge" and left == by_hand > 0):
            raise Violation(f"recover after {operation} ended with {status}: {text}")
        self.counts["left for a person"] += left
        scene.check_outside()

    @staticmethod
    def check_status(operation, setting, status, text, rows, before):
        """0 where all was done, 6 where something was left, 5 where nothing was; 3 where there was nothing to do."""
        # Where the root is his, he may also take away what is in `.policy`: then the program refuses, and says so.
        if setting.his_root and (status == 6 and "note: " in text or status in (8, 9) and text.strip()):
            return
        wanted = 6 if "left alone" in text else 0
        # He may make a plan stale before anything moves, and, where the root is his, take `.policy` away.
        if not rows and (status == 5 and operation == "apply" or status == 3 and not before
                         or status in (3, 4) and setting.his_root):
            return
        if status != wanted or (status == 0 and not rows and before):
            raise Violation(f"{operation} ended with {status}, not {wanted}: {text[-400:]}")


def in_own_mounts():
    """Starts this program again where mounts are its own, with a file system of its own to work on."""
    if os.environ.get("RACE_MOUNTS") == "own":
        return
    os.environ["RACE_MOUNTS"] = "own"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    if os.geteuid() != 0:
        print("race: SKIPPED, 0 runs: only root can be attacked by others here")
        return
    if not inject.have_strace():
        sys.exit("race: strace is missing: apt-get install strace")
    in_own_mounts()
    program, wanted, is_whole = os.path.abspath(sys.argv[1]), int(sys.argv[2]), "whole" in sys.argv[3:]
    only = [setting for setting in SETTINGS if sys.argv[-1] in (setting.second, setting.name.split(",")[0])] or SETTINGS
    started = time.time()
    with tempfile.TemporaryDirectory() as top, tempfile.TemporaryDirectory() as disk:
        os.chmod(disk, 0o755)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "race", top], check=True)
        try:
            campaign = Campaign(program, top, disk if is_whole else None)
            control(campaign)
            for seed, setting in enumerate(itertools.cycle(only), int(os.environ.get("RACE_SEED", 1))):
                if campaign.counts["runs"] >= wanted or campaign.violations or campaign.number > wanted:
                    break
                campaign.batch(setting, seed)
            rows = baselines.rows(campaign, is_whole) if only is SETTINGS and not campaign.violations else []
        finally:
            subprocess.run(["umount", "-l", top])
    report(campaign, rows, wanted, only is SETTINGS, time.time() - started)


def control(campaign):
    """Without the attacker everything is done: so whatever is left alone later is his doing."""
    for second in ["restore", "purge"]:
        campaign.batch(Setting("control", "", 0, second), 0)
    wanted = 4 * GROUPS * EACH_GROUP
    if not campaign.violations and (campaign.counts["runs"] != wanted or campaign.counts["refused"]):
        campaign.violations.append(f"without an attacker {campaign.counts['runs']} of {wanted} items were tried, and "
                                   f"{campaign.counts['refused']} left alone")
    campaign.counts.clear()


def report(campaign, rows, wanted, is_all, seconds):
    counts = campaign.counts
    for violation in campaign.violations[:20]:
        print("race: VIOLATION:", violation)
    print(f"{'program':44}{'runs':>8}{'changes outside':>17}")
    for name, runs, changed in [("policy", counts["runs"], counts["changes"]), *rows]:
        print(f"{name:44}{runs:8}{changed:17}")
    acts = sum(campaign.acts.values())
    done = ", ".join(f"{counts['done', operation]} {PAST[operation]}" for operation in PAST)
    print(f"races: {counts['runs']} runs ({done}, {counts['refused']} refused), {acts} swaps by the attacker, "
          f"{counts['boundaries']} calls held open, {len(campaign.violations)} violations, {seconds:.0f} s")
    print("  by kind: " + ", ".join(f"{name} {counts[name]}" for name in dict.fromkeys(item.name for item in SETTINGS)))
    print("  swaps: " + ", ".join(f"{kind} {count}" for kind, count in sorted(campaign.acts.items())))
    print(f"  purges that he stopped and that are left for a person: {counts['left for a person']}")
    print("  exit statuses: " + ", ".join(f"{key[1]}: {count}" for key, count in sorted(
        (item for item in counts.items() if item[0][0] == "status"))))
    if os.environ.get("RACE_REASONS"):
        for (operation, reason), count in campaign.reasons.most_common(40):
            print(f"  {count:6} {operation}: {reason}")
    if campaign.violations:
        sys.exit(1)
    # A name can only be plugged where something was moved by mistake, which is rare.
    idle = [kind for kind, count in campaign.acts.items() if count == 0 and kind != "name-plugged"]
    is_everything_tried = not is_all or (counts["boundaries"] and not idle)
    if counts["runs"] < wanted or counts["refused"] == 0 or not campaign.acts or not is_everything_tried:
        sys.exit(f"race: proves nothing: {counts['runs']} of {wanted} runs, {counts['refused']} refused, "
                 f"kinds of swaps that never happened: {idle}")


if __name__ == "__main__":
    main()
