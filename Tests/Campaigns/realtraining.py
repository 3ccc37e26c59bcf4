"""Real trainings of the Ultralytics package under the callback and under `policy guard`, while a policy that spares nothing
but live runs is applied over and over:

    python3 Tests/Campaigns/realtraining.py PROGRAM PYTHON [measure]

PYTHON is one that has the package (`pip install ultralytics` in a virtual environment: about 6 GB). Without the package it
says SKIPPED and ends with 0. Before each apply all files of the runs are made ten days old: nothing but the lock then says
that a run is alive. That this is so shows a training without callback, whose run must go. `measure` times epochs instead."""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.join(HERE, "..", "..", "integrations", "ultralytics")

POLICY = """version: 1
name: merciless
roots: [{root}]
trash: {{ purge_after: 24h }}
limits: {{ max_trash: 1000 }}
rules:
  - id: everything
    trash: runs
    where: state in [finished, interrupted, failed]
    after: 0s
    allow: [{{ code: P0330, because: this policy is a test }}]
"""


class Campaign:
    def __init__(self, program, python, folder):
        self.program, self.python, self.folder = program, python, folder
        self.violations, self.applies, self.aged = [], 0, 0
        self.data = os.path.join(folder, "data")

    def place(self, name, root=None):
        """A root of its own with the policy; its path and the policy's."""
        root = root or os.path.join(self.folder, name)
        os.makedirs(root, exist_ok=True)
        policy = os.path.join(self.folder, name + ".yaml")
        with open(policy, "w") as file:
            file.write(POLICY.format(root=root))
        os.chmod(policy, 0o600)
        return root, policy

    def expect(self, holds, words):
        if not holds:
            self.violations.append(words)

    def train(self, wrapper=(), **order):
        """A training to its end: how it ended, what it told, what it wrote to standard error."""
        order.setdefault("data", self.data)
        environment = {
            **os.environ, "YOLO_OFFLINE": "true", "YOLO_CONFIG_DIR": self.folder, "PYTHONPATH": PACKAGE,
            "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1", "HOME": self.folder,
        }
        done = subprocess.run(
            [*wrapper, self.python, os.path.join(HERE, "realtrain.py"), json.dumps(order)], env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder)
        told = {}
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                words = json.loads(line)
                told.setdefault("epochs", []).append(words) if "epoch" in words else told.update(words)
        return done.returncode, told, done.stderr + done.stdout

    def attach(self, policy, **more):
        return {"policy": policy, "program": self.program, "log": os.path.join(self.folder, "log"), "every": 1, **more}

    # The attack.
    def make_old(self, root):
        stamp = time.time() - 864000
        for folder, names, files in os.walk(root):
            names[:] = [name for name in names if name != ".policy"]
            for file in files:
                try:
                    os.utime(os.path.join(folder, file), (stamp, stamp))
                    self.aged += 1
                except FileNotFoundError:
                    pass

    def apply(self, root, policy):
        self.make_old(root)
        done = subprocess.run(
            [self.program, "apply", "-p", policy, "--yes"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.applies += 1
        # 5 and 6: something changed meanwhile; 7: the callback's own apply was at work.
        self.expect(done.returncode in (0, 5, 6, 7), f"apply ended with {done.returncode}: {done.stdout[-400:]}")
        return done.stdout

    def under_attack(self, root, policy, body):
        over = threading.Event()

        def attack():
            while not over.is_set():
                self.apply(root, policy)
                time.sleep(0.1)

        thread = threading.Thread(target=attack)
        thread.start()
        try:
            return body()
        finally:
            over.set()
            thread.join()

    def state(self, root, policy):
        done = subprocess.run([self.program, "snapshot", "-p", policy], stdout=subprocess.PIPE, text=True)
        entities = [json.loads(line) for line in done.stdout.splitlines()]
        return {one["path"]: one["facts"]["state"] for one in entities if one.get("kind") == "run"}

    def trained_through(self, name, root, status, told, said, epochs):
        """It ended well, and all its epochs are together in one place: its own, or, since it ended, the trash."""
        self.expect(status == 0 and told.get("ended"), f"{name}: ended with {status}: {said[-600:]}")
        self.expect(not os.path.exists(f"{root}/exp/.policy-lock"), f"{name}: the lock stayed")
        found = [folder for folder, _, files in os.walk(root) if "results.csv" in files]
        self.expect(len(found) == 1, f"{name}: parts of the run in {found}")
        for folder in found:
            rows = open(f"{folder}/results.csv").read().splitlines()
            self.expect(len(rows) == epochs + 1, f"{name}: {rows}")
            self.expect(os.path.exists(f"{folder}/weights/last.pt"), f"{name}: no last.pt in {folder}")
            self.expect(os.path.exists(f"{folder}/results.png"), f"{name}: no results.png in {folder}")
        return found == [f"{root}/exp"]

    # The scenes.
    def unguarded(self):
        """Without a lock the attack must bite, or the other scenes show nothing."""
        root, policy = self.place("unguarded")
        self.under_attack(root, policy, lambda: self.train(project=root, epochs=4, pause=2))
        self.expect(not os.path.exists(f"{root}/exp/args.yaml"), "a run without lock survived: the attack is none")
        return "a run without lock went to the trash"

    def normal(self):
        root, policy = self.place("normal")
        status, told, said = self.under_attack(
            root, policy, lambda: self.train(project=root, epochs=4, pause=1, attach=self.attach(policy)))
        if self.trained_through("normal", root, status, told, said, 4):
            self.expect(self.state(root, policy) == {"exp": "finished"}, f"normal: {self.state(root, policy)}")
            self.apply(root, policy)
        self.expect(not os.path.exists(f"{root}/exp"), "normal: an old run stays after its end")
        return f"version {told.get('version')}: four epochs under attack, finished, then trashed"

    def killed_and_resumed(self):
        root, policy = self.place("killed")
        status, told, said = self.train(project=root, epochs=4, kill=1, attach=self.attach(policy, every=None))
        self.expect(status == -signal.SIGKILL, f"killed: ended with {status}: {said[-600:]}")
        self.expect(os.path.exists(f"{root}/exp/.policy-lock"), "killed: there is no lock left")
        self.make_old(root)
        self.expect(self.state(root, policy) == {"exp": "interrupted"}, f"killed: {self.state(root, policy)}")
        last = f"{root}/exp/weights/last.pt"
        status, told, said = self.under_attack_once_locked(
            root, policy, lambda: self.train(resume=last, pause=1, attach=self.attach(policy)))
        self.expect(status == 0 and [one["epoch"] for one in told["epochs"]][:2] == [2, 3], f"resumed: {said[-600:]}")
        if self.trained_through("resumed", root, status, told, said, 4):
            self.expect(self.state(root, policy) == {"exp": "finished"}, f"resumed: {self.state(root, policy)}")
        return "killed in epoch 2, interrupted, resumed from epoch 3 under attack, finished"

    def under_attack_once_locked(self, root, policy, body):
        """The attack begins with the training: between the two the run is nobody's, and would rightly go."""
        before = open(f"{root}/exp/.policy-lock").read()
        over = threading.Event()

        def attack():
            while not over.is_set() and open(f"{root}/exp/.policy-lock").read() == before:
                time.sleep(0.02)
            while not over.is_set():
                self.apply(root, policy)
                time.sleep(0.1)

        thread = threading.Thread(target=attack)
        thread.start()
        try:
            return body()
        finally:
            over.set()
            thread.join()

    def guarded(self):
        root, policy = self.place("guarded")
        os.makedirs(f"{root}/exp", exist_ok=True)
        wrapper = [self.program, "guard", "-p", policy, "--log", os.path.join(self.folder, "log"), "--"]

        def attack_when_locked():
            while not over.is_set() and not any(os.path.exists(f"{root}/{run}/.policy-lock") for run in os.listdir(root)):
                time.sleep(0.02)
            while not over.is_set():
                self.apply(root, policy)
                time.sleep(0.1)

        over = threading.Event()
        os.rmdir(f"{root}/exp")
        thread = threading.Thread(target=attack_when_locked)
        thread.start()
        try:
            status, told, said = self.train(wrapper=wrapper, project=root, epochs=4, pause=1)
        finally:
            over.set()
            thread.join()
        self.trained_through("guarded", root, status, told, said, 4)
        return "four epochs behind `policy guard` under attack"

    def full(self):
        """A disk of 96 MB: a training that it would not hold does not start; one that starts anyhow dies alone."""
        if os.geteuid() != 0:
            return "SKIPPED: needs root, to mount a small disk"
        root = os.path.join(self.folder, "full")
        os.makedirs(root)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", root], check=True)
        try:
            root, policy = self.place("full", root)
            status, told, said = self.train(project=root, epochs=1)
            self.expect(status == 0 and self.state(root, policy) == {"exp": "finished"}, f"full: {said[-600:]}")
            with open(f"{root}/ballast", "wb") as file:
                space = os.statvfs(root)
                file.write(bytes(max(0, space.f_bavail * space.f_frsize - (16 << 20))))
            # A policy that keeps everything: the earlier run is what the estimate comes from.
            with open(policy, "a") as file:
                file.write("  - id: all\n    protect: runs\n    where: state == finished\n")
            status, told, said = self.train(project=root, epochs=2, attach=self.attach(policy))
            self.expect(status == 1 and "Refused" in said and "the run has no room" in said, f"refused: {said[-900:]}")
            self.expect("epochs" not in told, "refused: it trained all the same")
            there = sorted(name for name in os.listdir(root) if not name.startswith("."))
            self.expect(there == ["ballast", "exp"], f"refused: it leaves {there}")
            os.unlink(f"{root}/ballast")
            before = digest(f"{root}/exp")
            status, told, said = self.train(project=root, epochs=4, fill=0, attach=self.attach(policy, need=0))
            self.expect(status == 1 and "No space left" in said, f"full: ended with {status}: {said[-600:]}")
            left = [name for name in os.listdir(told["run"]) if name.startswith(".policy")]
            self.expect(left == [], f"full: {left} stayed")
            self.expect(digest(f"{root}/exp") == before, "full: an earlier run was touched")
        finally:
            subprocess.run(["umount", root], check=True)
        return "refused without room; died of a full disk alone, its lock gone"

    def measure(self):
        """Epochs with and without the callback, in turn; the policy is applied after every tenth."""
        epochs = {False: [], True: []}
        ours = []
        for turn in range(6):
            with_it = turn % 2 == 1
            root, policy = self.place(f"measure{turn}")
            order = {"attach": self.attach(policy, every=10, need=0)} if with_it else {}
            status, told, said = self.train(project=root, epochs=30, plots=False, **order)
            self.expect(status == 0, f"measure: {said[-600:]}")
            # The first ones warm up.
            rows = [one for one in told["epochs"] if 3 <= one["epoch"] < 30]
            epochs[with_it] += [one["seconds"] for one in rows]
            ours += [one["ours"] for one in rows if with_it]
        plain, attached = (statistics.median(epochs[key]) for key in (False, True))
        print(f"real training: {len(epochs[False])} epochs without, median {1000 * plain:.1f} ms; {len(epochs[True])} with, "
              f"median {1000 * attached:.1f} ms; in the callback itself: mean {1000 * statistics.mean(ours):.3f} ms, "
              f"median {1000 * statistics.median(ours):.3f} ms, most {1000 * max(ours):.3f} ms an epoch")
        return "measured"


def digest(path):
    import hashlib

    text = hashlib.sha256()
    for folder, names, files in os.walk(path):
        names.sort()
        for file in sorted(files):
            text.update(file.encode() + open(os.path.join(folder, file), "rb").read())
    return text.hexdigest()


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    program, python = os.path.abspath(sys.argv[1]), shutil.which(sys.argv[2]) or sys.argv[2]
    probe = [python, "-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('ultralytics') is None)"]
    try:
        there = subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        there = False
    if not there:
        print(f"real training: SKIPPED: {python} has no package `ultralytics`; name one that has: TRAINING_PYTHON=…/bin/python3")
        return 0
    started = time.time()
    folder = tempfile.mkdtemp(prefix="real-training-")
    try:
        campaign = Campaign(program, python, folder)
        scenes = ["measure"] if sys.argv[3:] == ["measure"] else [
            "unguarded", "normal", "killed_and_resumed", "guarded", "full"]
        for scene in scenes:
            print(f"real training: {scene}: {getattr(campaign, scene)()}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for violation in campaign.violations:
        print("real training: VIOLATION:", violation)
    print(f"real training: {time.time() - started:.0f} s, {len(scenes)} scenes, {campaign.applies} applies, "
          f"{campaign.aged} times a file was made old, {len(campaign.violations)} violations")
    return 1 if campaign.violations else 0


if __name__ == "__main__":
    sys.exit(main())
