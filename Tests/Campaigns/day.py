"""A day on a shared server, from the first training to the morning after, with nothing played:

    python3 Tests/Campaigns/day.py PROGRAM PYTHON

Two users train the real Ultralytics package on a disk of their own, one with the callback, one behind `policy guard`; a quota
bites, the disk passes its watermark, a night of backups and archives runs, a stricter policy is looked at as a comment of a pull
request, each user takes something back without root, and the report is opened in a browser. Needs root (a loop mount, other
users) and a PYTHON with `ultralytics`; without them it says SKIPPED and ends with 0. Without a browser that one step says so."""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import volumes
from outside import account, differences

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.join(HERE, "..", "..", "integrations", "ultralytics")
ALICE, BOB = 61001, 61002

BOX = """version: 1
name: box
roots: [{root}]
scan: {{ project: "*/{{project}}/*/**" }}
trash: {{ purge_after: 24h }}
limits: {{ max_trash: 20 }}
never:
  - {{ id: no-good-model-lost, destroy: runs, where: mAP50 ?? 0 > 0.8 }}
rules:
  - {{ id: recent, keep: runs, where: state != failed, per: user, latest: 2 }}
  - {{ id: good, keep: runs, where: mAP50 ?? 0 > {good} }}
quotas:
  - id: fair-share
    of: runs
    per: user
    limit: {quota}B
    evict: {{ where: "state in [finished, interrupted] and age > 24h", order: [mAP50 asc missing first] }}
pressure:
  - id: disk
    volume: {root}
    high: {high}%
    low: {low}%
    relieve:
      - {{ purge: trash, min_age: 0s }}
      - {{ trash: runs, where: state == failed and age > 24h, order: [bytes desc] }}
"""

NIGHT = """version: 1
imports: [box.yaml]
backup: {{ to: {nas} }}
archive: {{ to: {cold}, format: tar.zst }}
rules:
  - {{ id: back-up-good, backup: runs, where: mAP50 ?? 0 > 0.8 and state == finished }}
  - {{ id: back-up-old, backup: runs, where: state == finished and age > 10d }}
  - {{ id: cold, archive: runs, where: "state == finished and mAP50 ?? 0 <= 0.8", after: 2w, requires: [backup] }}
"""


class Day:
    def __init__(self, program, python, folder):
        self.program, self.python, self.folder = program, python, folder
        self.root, self.nas, self.cold = (os.path.join(folder, name) for name in ("data", "nas", "cold"))
        self.violations = []

    def expect(self, holds, words):
        if not holds:
            self.violations.append(words)
            print("day: VIOLATION:", words, flush=True)

    def say(self, hour, words):
        print(f"day: {hour}  {words}", flush=True)

    def policy(self, *words, user=None, allowed=(0,), stdin=None):
        """What a command prints; as a user, or as root."""
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        home = os.path.join(self.folder, f"home-{user}") if user else self.folder
        done = subprocess.run(
            [*become, self.program, *words], env={**os.environ, "HOME": home, "NO_COLOR": "1"}, cwd=home, text=True, input=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.expect(done.returncode in allowed, f"policy {' '.join(words)}: status {done.returncode}: {done.stdout[-900:]}")
        return done.stdout

    def path(self, name):
        return os.path.join(self.folder, name)

    # The stage.
    def prepare(self):
        os.chmod(self.folder, 0o755)
        for place in (self.root, self.nas, self.cold):
            os.makedirs(place)
            # Where many owners write, as the product says.
            os.chmod(place, 0o755 if place == self.root else 0o1777)
        image = self.path("disk.img")
        with open(image, "wb") as file:
            file.truncate(1500 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
        subprocess.run(["mount", "-o", "loop", image, self.root], check=True)
        os.makedirs(os.path.join(self.root, ".policy"))
        os.chmod(os.path.join(self.root, ".policy"), 0o1777)
        for name, user in (("alice", ALICE), ("bob", BOB)):
            for place in (os.path.join(self.root, name, "detect"), self.path(f"home-{user}")):
                os.makedirs(place)
                os.chown(place, user, user)
            os.chown(os.path.join(self.root, name), user, user)
        self.write_policies(quota=1 << 40, high=95, low=90)

    def write_policies(self, quota, high, low, good="0.8"):
        with open(self.path("box.yaml"), "w") as file:
            file.write(BOX.format(root=self.root, quota=quota, high=high, low=low, good=good))
        with open(self.path("night.yaml"), "w") as file:
            file.write(NIGHT.format(nas=self.nas, cold=self.cold))
        for policy in ("box.yaml", "night.yaml"):
            os.chmod(self.path(policy), 0o644)

    def train(self, user, name, wrapper=(), **order):
        home = self.path(f"home-{user}")
        order = {"data": f"{home}/data", "project": os.path.join(self.root, name, "detect"), "epochs": 2, **order}
        environment = {
            **os.environ, "YOLO_OFFLINE": "true", "YOLO_CONFIG_DIR": home, "PYTHONPATH": PACKAGE, "HOME": home,
            "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1", "MPLCONFIGDIR": home,
        }
        done = subprocess.run(
            ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *wrapper, self.python,
             os.path.join(HERE, "realtrain.py"), json.dumps(order)],
            env=environment, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        self.expect(done.returncode == 0 and {"ended": True} in told, f"{name}'s training: {done.stdout[-900:]}")
        runs = [one["run"] for one in told if "run" in one]
        self.expect(runs and not os.path.exists(os.path.join(runs[0], ".policy-lock")), f"{name}'s lock stayed")
        return runs[0] if runs else ""

    def earlier(self, run, name, days, score):
        """A run of some days ago: a real one, with the score and the dates of another day."""
        made = os.path.join(os.path.dirname(run), name)
        subprocess.run(["cp", "-a", run, made], check=True)
        table = os.path.join(made, "results.csv")
        rows = [line.split(",") for line in open(table).read().splitlines()]
        column = [cell.strip() for cell in rows[0]].index("metrics/mAP50(B)")
        for row in rows[1:]:
            row[column] = score
        with open(table, "w") as file:
            file.write("\n".join(",".join(row) for row in rows) + "\n")
        then = time.time() - days * 86400
        for folder, _, files in os.walk(made):
            for file in files:
                os.utime(os.path.join(folder, file), (then, then))
        return made

    def used(self):
        space = os.statvfs(self.root)
        return 100 * (space.f_blocks - space.f_bfree) / space.f_blocks

    # The hours.
    def morning(self):
        attach = {"policy": self.path("box.yaml"), "program": self.program, "log": self.path(f"home-{ALICE}/log"), "every": 1}
        self.alice = self.train(ALICE, "alice", attach=attach)
        guard = [self.program, "guard", "-p", self.path("box.yaml"), "--log", self.path(f"home-{BOB}/log"), "--"]
        self.bob = self.train(BOB, "bob", wrapper=guard)
        for name, days, score in [("monday", 3, "0.3"), ("tuesday", 4, "0.2"), ("wednesday", 5, "0.25"),
                                  ("champion", 20, "0.91"), ("ancient", 16, "0.5")]:
            self.earlier(self.alice, name, days, score)
        for name, days, score in [("draft", 6, "0.4"), ("paper", 2, "0.55")]:
            self.earlier(self.bob, name, days, score)
        self.say("09:00", f"alice trained with the callback, bob behind `policy guard`: {self.alice[len(self.root) + 1:]}, "
                          f"{self.bob[len(self.root) + 1:]}; 7 earlier runs, disk {self.used():.0f} % full")

    def noon(self):
        """Alice holds six runs; her share is five and a bit. Of those that no rule keeps, the worst goes."""
        size = int(subprocess.run(["du", "-sB1", self.alice], capture_output=True, text=True).stdout.split()[0])
        self.write_policies(quota=int(size * 5.4), high=95, low=90)
        theirs = account(os.path.join(self.root, "bob"))
        told = self.policy("plan", "-p", self.path("box.yaml"), "--user", str(ALICE))
        self.expect("tuesday" in told and "bob" not in told, f"the plan for alice alone: {told}")
        told = self.policy("apply", "-p", self.path("box.yaml"), "--yes")
        left = sorted(os.listdir(os.path.join(self.root, "alice/detect")))
        self.expect(left == ["ancient", "champion", "exp", "monday", "wednesday"], f"after the quota: {left}: {told}")
        self.expect(differences(theirs, account(os.path.join(self.root, "bob"))) == [], "bob's runs were touched")
        gone = glob.glob(os.path.join(self.root, ".policy", str(ALICE), "**", "results.csv"), recursive=True)
        self.expect(len(gone) == 1 and os.stat(gone[0]).st_uid == ALICE, f"in alice's trash: {gone}")
        self.say("12:00", "over her share: alice/detect/tuesday, her lowest score, is in her trash; nothing of bob's was touched")

    def afternoon(self):
        """A failed start with a dataset in it fills the disk: it goes, and with the trash the disk is below its mark again."""
        huge = os.path.join(self.root, "bob/detect/huge")
        os.makedirs(huge)
        shutil.copy(os.path.join(self.bob, "args.yaml"), huge)
        with open(os.path.join(huge, "cache.bin"), "wb") as file:
            os.posix_fallocate(file.fileno(), 0, 500 << 20)
        then = time.time() - 2 * 86400
        for place in (os.path.join(huge, "args.yaml"), os.path.join(huge, "cache.bin"), huge):
            os.chown(place, BOB, BOB)
            os.utime(place, (then, then))
        before = self.used()
        self.write_policies(quota=1 << 40, high=int(before) - 10, low=int(before) - 25)
        told = self.policy("apply", "-p", self.path("box.yaml"), "--yes", allowed=(0, 6))
        self.expect(not os.path.exists(huge), f"the failed start stayed: {told}")
        told = self.policy("apply", "-p", self.path("box.yaml"), "--yes", allowed=(0, 6))
        after = self.used()
        self.expect(after < before - 20, f"the disk went from {before:.0f} % to {after:.0f} %: {told}")
        self.expect(os.path.exists(self.alice) and os.path.exists(os.path.join(self.root, "alice/detect/champion")), "kept runs went")
        self.say("16:00", f"watermark: bob's failed start of 500 MiB went, disk {before:.0f} % -> {after:.0f} %")

    def night(self):
        self.write_policies(quota=1 << 40, high=95, low=90)
        told = self.policy("schedule", "cron", "-p", self.path("night.yaml"), "--every", "daily")
        self.expect("night.yaml" in told, f"the schedule: {told}")
        notified = self.path("notified.json")
        teller = self.path("tell")
        with open(teller, "w") as file:
            file.write(f"#!/bin/sh\ncat >{notified}\n")
        os.chmod(teller, 0o755)
        self.policy("apply", "-p", self.path("night.yaml"), "--yes", "--notify", teller)
        self.expect(os.path.exists(notified) and json.load(open(notified)), "nobody was told how it went")
        told = self.policy("backup", "verify", "-p", self.path("night.yaml"))
        # What is older than two weeks goes once its backup is there: the night after.
        told += self.policy("apply", "-p", self.path("night.yaml"), "--yes")
        self.expect(not os.path.exists(os.path.join(self.root, "alice/detect/ancient")), f"ancient was not packed: {told}")
        self.expect(os.path.exists(os.path.join(self.root, "alice/detect/champion")), "the champion was packed")
        told = self.policy("archive", "verify", "-p", self.path("night.yaml"))
        packed = glob.glob(os.path.join(self.cold, "**", "*.tar.zst"), recursive=True)
        self.expect(len(packed) == 1, f"archives: {packed}")
        listed = self.policy("backup", "list", "-p", self.path("night.yaml"))
        self.expect("champion" in listed and "ancient" in listed, f"backups: {listed}")
        self.say("03:00", "the champion and ancient are on the NAS, read back; ancient is an archive, read back, and out of the way")

    def review(self):
        self.policy("snapshot", "-p", self.path("box.yaml"), "-o", self.path("box.jsonl"))
        with open(self.path("box.yaml")) as file:
            stricter = file.read().replace("0 > 0.8 }\nquotas", "0 > 0.95 }\nquotas").replace(
                "latest: 2", "latest: 1") + "  \n"
        stricter = stricter.replace("quotas:", "  - { id: old, trash: runs, where: state == finished, after: 24h }\nquotas:")
        with open(self.path("stricter.yaml"), "w") as file:
            file.write(stricter)
        told = self.policy("diff", "--on", self.path("box.jsonl"), self.path("box.yaml"), self.path("stricter.yaml"),
                           "--format", "markdown", allowed=(0, 1))
        self.expect("monday" in told and "no-good-model-lost" in told and len(told) < 65536, f"the comment: {told}")
        self.say("09:30", f"the pull request for a stricter policy has its comment, {len(told.splitlines())} lines: it would lose "
                          "the champion, and `never` refuses that")

    def restore(self):
        was = sorted(os.listdir(os.path.join(self.root, "alice/detect")))
        listed = self.policy("trash", "list", "--root", self.root, user=ALICE)
        self.expect("ancient" in listed, f"alice's trash: {listed}")
        self.policy("trash", "restore", os.path.join(self.root, "alice/detect/ancient"), user=ALICE)
        back = os.path.join(self.root, "alice/detect/ancient")
        self.expect(os.path.exists(os.path.join(back, "results.csv")) and os.stat(back).st_uid == ALICE,
                    f"ancient is not back; before: {was}")
        told = self.policy("log", "--root", self.root, user=ALICE)
        self.expect("ancient" in told, f"alice's log: {told}")
        self.say("10:00", "alice took ancient back without root, as hers as it was; the log says what happened to it")

    def report(self):
        self.policy("plan", "-p", self.path("night.yaml"), "-o", self.path("plan.json"))
        page = self.path("report.html")
        self.policy("report", self.path("plan.json"), "-o", page)
        if not os.path.exists(page):
            return
        browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not browser:
            self.say("11:00", "NOT SHOWN HERE: the report in a browser (apt-get install chromium)")
            return
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=4000", "--dump-dom", "file://" + page],
            capture_output=True, text=True, cwd=self.folder, env={**os.environ, "HOME": self.folder})
        self.expect("champion" in done.stdout and "draft" in done.stdout, f"the report in a browser: {done.stdout[:400]}")
        self.say("11:00", f"the report, {os.path.getsize(page) // 1024} KiB, opened in a browser: every run is in it")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, python = os.path.abspath(sys.argv[1]), shutil.which(sys.argv[2]) or sys.argv[2]
    # As one of the users, and through a shell: a Python in the home of root is no use to them.
    probe = ["setpriv", f"--reuid={ALICE}", f"--regid={ALICE}", "--clear-groups", "sh", "-c", 'exec "$0" -c "$1"', python,
             "import importlib.util, sys; sys.exit(importlib.util.find_spec('ultralytics') is None)"]
    lacks = []
    if os.geteuid() != 0 or not os.path.exists("/dev/loop-control"):
        lacks.append("root and loop devices")
    try:
        if subprocess.run(probe, stderr=subprocess.DEVNULL).returncode != 0:
            lacks.append("a Python with `ultralytics` that every user may run (TRAINING_PYTHON=…/bin/python3)")
    except OSError:
        lacks.append(f"{python}")
    if lacks:
        print(f"day: SKIPPED: needs {', and '.join(lacks)}")
        return 0
    volumes.hide()
    started = time.time()
    folder = tempfile.mkdtemp(prefix="day-")
    day = Day(program, python, folder)
    try:
        day.prepare()
        for hour in ("morning", "noon", "afternoon", "night", "review", "restore", "report"):
            getattr(day, hour)()
    finally:
        subprocess.run(["umount", "-l", day.root], stderr=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"day: {time.time() - started:.0f} s, {len(day.violations)} violations")
    return 1 if day.violations else 0


if __name__ == "__main__":
    sys.exit(main())
