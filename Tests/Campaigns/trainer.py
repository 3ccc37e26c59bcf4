"""A simulated user at work: trains as Ultralytics does, crashes, resumes, starts again in the same place, tidies up.

Trains, and is killed, in child processes; everything written is told to a ledger first (ledger.py). A run that ended is
made old, or the policy would have to wait for half an hour: one second of the campaign is a minute of the files'."""

import fcntl
import os
import random
import shutil
import signal
import time

from ledger import Ledger, digest
from training import Gone, Training

SCALE = 60
EPOCH = (0.02, 0.15)


class Worker:
    def __init__(self, folder, ledger, seed, started, share):
        self.folder, self.share, self.started = folder, share, started
        self.random = random.Random(seed)
        self.name = f"w{seed}"
        self.ledger = Ledger(os.path.join(ledger, self.name))
        self.keys = {}
        self.is_over = False
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "is_over", True))
        os.umask(0o022)

    def work(self):
        while not self.is_over:
            runs = self.runs()
            choices = ["new"] * 5 + (["resume", "again", "locked", "open", "nest"] + ["remove"] * (len(runs) // 8)) * bool(runs)
            activity = self.random.choice(choices)
            path = self.random.choice(runs) if runs else None
            try:
                getattr(self, "_" + activity)(path)
            except FileNotFoundError:
                # Moved between the look and the first step: nothing was written.
                pass
            time.sleep(self.random.uniform(0.05, 0.4) * self.share)

    def runs(self):
        return sorted(folder for folder, _, files in os.walk(self.folder) if "key.txt" in files and self.key(folder))

    def key(self, path):
        """Empty where its trainer was killed at its first byte."""
        with open(os.path.join(path, "key.txt")) as file:
            key = file.read()
        return key.split()[-1] if key.endswith("\n") else ""

    # Activities.
    def _new(self, _):
        project = os.path.join(self.folder, self.random.choice(["", "", "team/deep"]))
        self._make(project)

    def _nest(self, path):
        self._make(os.path.join(path, "sub"))

    def _make(self, project):
        os.makedirs(project, exist_ok=True)
        number = 1
        while True:
            # Freed numbers are used again.
            path = os.path.join(project, f"exp{number}")
            try:
                os.mkdir(path)
                break
            except FileExistsError:
                number += 1
        key = f"{self.name}-{len(self.keys)}"
        self.keys[key] = {"epochs": self.random.randint(2, 12), "good": self.random.random() < 0.1,
                          "period": self.random.choice([0, 1, 1, 2]), "rename": self.random.random() < 0.5}
        training = Training(self.ledger, path, key, "mtime")
        training.note("run", path=path, inode=os.fstat(training.folder).st_ino, user=os.getuid())
        self._train(training, first=True)

    def _resume(self, path):
        self._train(Training(self.ledger, path, self.key(path), "mtime"))

    def _again(self, path):
        """exist_ok: the results begin anew, the weights are written over one by one."""
        self._train(Training(self.ledger, path, self.key(path), "mtime"), again=True)

    def _locked(self, path):
        self._hold(path, "flock")

    def _open(self, path):
        self._hold(path, "open")

    def _hold(self, path, kind):
        """Evidence without any writing: a shared lock on the run, or an open file in it."""
        training = Training(self.ledger, path, self.key(path), kind)
        try:
            if kind == "flock":
                fcntl.flock(training.folder, fcntl.LOCK_SH)
                held = None
            else:
                held = open(os.path.join(training.held, "args.yaml"), "rb")
            if training.begins():
                # An open file is missed only by a policy that looks and moves while it is open.
                until = time.time() + self.random.uniform(0.3, 8 if held else 3)
                while time.time() < until and not self.is_over:
                    training.check()
                    time.sleep(0.05)
                training.check()
                training.note("release")
                # Whatever the policy thought of it before counts again.
                training.note("aged", finished=self._finished(training))
            if held:
                held.close()
        except Gone:
            pass
        finally:
            training.close()

    def _finished(self, training):
        return max((os.stat(full).st_mtime_ns for full in training.listed().values()), default=0)

    def _remove(self, path):
        """Takes away what somebody took back from the trash: the policy leaves that alone for a week."""
        key = self.key(path)
        if not self.restored(path) or any(run.startswith(path + "/") for run in self.runs()):
            return
        self.ledger.note("ungood", run=key)
        self.ledger.note("remove", run=key, file="")
        shutil.rmtree(path)

    def restored(self, path):
        return os.path.basename(path).find(".restored") > 0

    # Training.
    def _train(self, training, first=False, again=False):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = 0 if self._body(training, first, again) else 2
            except Gone:
                status = 3
            finally:
                os._exit(status)
        doomed = time.time() + self.random.uniform(0, 1.0) if self.random.random() < 0.3 else None
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
            if self.is_over or doomed and time.time() > doomed:
                os.kill(child, signal.SIGKILL)
                doomed = None
            time.sleep(0.01)
        if os.WIFSIGNALED(status):
            training.note("crash")
        elif os.WEXITSTATUS(status) == 1:
            raise SystemExit(f"{training.key}: the trainer itself has failed")
        seen = {}
        for file, full in training.listed().items():
            with open(full, "rb") as content:
                bytes_ = content.read()
            seen[file] = (digest(bytes_), len(bytes_))
        training.note("seen", files=seen)
        if training.is_in_place():
            self._age(training)
        training.close()

    def _age(self, training):
        """All stamps to one moment, in their order: whatever evidence of the end counts, it is of that time."""
        files = sorted(training.listed().values(), key=lambda full: os.stat(full).st_mtime_ns)
        now = time.time()
        moment = int((self.started - 3 * 86400 + (now - self.started) * SCALE) * 1e9)
        training.note("release")
        training.note("aged", finished=moment)
        for number, full in enumerate(files):
            stamp = moment + number * 1_000_000
            os.utime(full, ns=(stamp, stamp))

    def _body(self, training, first, again):
        chance = random.Random(f"{training.key} {time.time_ns()}")
        plan = self.keys[training.key]
        if first:
            training.write("key.txt", os.urandom(8).hex().encode() + b" " + training.key.encode() + b"\n")
        training.write("args.yaml", b"task: detect\nmode: train\nepochs: %d\nname: %s\nsession: %d\n" % (
            plan["epochs"], os.path.basename(training.path).encode(), time.time_ns()))
        if not training.begins():
            return False
        table = training.read("results.csv")
        if again and table:
            training.note("ungood")
            training.note("remove", file="results.csv")
            training.files.discard("results.csv")
            os.remove(os.path.join(training.path, "results.csv"))
            table = b""
        if not table.endswith(b"\n") and table:
            # A row that a crash cut short: written over as a whole.
            table = table[:table.rfind(b"\n") + 1]
            training.note("ungood")
            training.write("results.csv", table)
            if plan["good"] and table.count(b"\n") > 1:
                training.note("good")
        if not table:
            # Every content is only once in the whole campaign, or it could not be told where it went.
            table = b"epoch,time,metrics/mAP50(B),%s/%d\n" % (training.key.encode(), time.time_ns())
            training.write("results.csv", table)
        for epoch in range(table.count(b"\n"), plan["epochs"] + 1):
            time.sleep(chance.uniform(*EPOCH))
            score = chance.uniform(0.95, 0.99) if plan["good"] else chance.uniform(0.1, 0.85)
            row = b"%d,%.2f,%.4f,0\n" % (epoch, epoch * 0.1, score)
            training.write("results.csv", row, start=table)
            table += row
            if plan["good"]:
                training.note("good")
            self._weights(training, "last", plan, chance)
            if chance.random() < 0.4 or epoch == 1:
                self._weights(training, "best", plan, chance)
            if plan["period"] and epoch % plan["period"] == 0:
                training.write(f"weights/epoch{epoch - 1}.pt", os.urandom(chance.randint(200, 20000)))
            training.check()
        training.write("results.png", os.urandom(500))
        training.check()
        return True

    def _weights(self, training, name, plan, chance):
        training.write(f"weights/{name}.pt", os.urandom(chance.randint(200, 60000)), rename=plan["rename"])
