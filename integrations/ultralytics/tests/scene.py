"""What the tests train with: a model with Ultralytics' callbacks that writes a run as Ultralytics does, and no more."""

import os
import pathlib
import stat
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(os.environ["POLICY_PROGRAM"])

POLICY = """version: 1
name: training
roots: [{root}]
params: {{ recent: {{ default: 3 }} }}
trash: {{ purge_after: 24h }}
limits: {{ max_trash: 50 }}
rules:
  - id: recent
    keep: runs
    per: all
    latest: $recent
  - id: stale
    trash: runs
    where: state in [finished, interrupted, failed]
    after: 1h
"""


class Trainer:
    def __init__(self, save_dir, epochs, callbacks):
        self.save_dir, self.epochs, self.epoch, self.callbacks = pathlib.Path(save_dir), epochs, 0, callbacks
        self.args = {"epochs": epochs}

    def run_callbacks(self, event):
        for callback in self.callbacks.get(event, []):
            callback(self)

    def train(self, each):
        write_run(self.save_dir, self.epochs, 0)
        self.run_callbacks("on_pretrain_routine_start")
        for self.epoch in range(self.epochs):
            self.run_callbacks("on_train_batch_end")
            write_run(self.save_dir, self.epochs, self.epoch + 1)
            self.run_callbacks("on_fit_epoch_end")
            each(self)
        self.epoch += 1
        self.run_callbacks("on_fit_epoch_end")
        self.run_callbacks("on_train_end")
        self.run_callbacks("teardown")


class Model:
    def __init__(self):
        self.callbacks = {}

    def add_callback(self, event, callback):
        self.callbacks.setdefault(event, []).append(callback)

    def train(self, save_dir, epochs=3, each=lambda trainer: None):
        Trainer(save_dir, epochs, self.callbacks).train(each)
        # Ultralytics reads the best weights once more.
        self.was_locked_at_the_end = (pathlib.Path(save_dir) / ".policy-lock").exists()
        return "trained"


def write_run(path, epochs, done, hours=None):
    """A run with so many epochs; `hours` makes it a finished one of so long ago."""
    path = pathlib.Path(path)
    (path / "weights").mkdir(parents=True, exist_ok=True)
    (path / "args.yaml").write_text(f"task: detect\nmode: train\nmodel: yolov8n.yaml\nepochs: {epochs}\n")
    if done:
        rows = "".join(f"{epoch},0.1,0.5,0.3\n" for epoch in range(1, done + 1))
        (path / "results.csv").write_text("epoch,time,metrics/mAP50(B),metrics/mAP50-95(B)\n" + rows)
        for name in ("last.pt", "best.pt"):
            (path / "weights" / name).write_bytes(b"w" * 4096)
    if hours is not None:
        (path / "results.png").write_bytes(b"png")
        age(path, hours)


def age(path, hours):
    stamp = time.time() - 3600 * hours
    for folder, _, files in os.walk(path):
        for file in files:
            os.utime(os.path.join(folder, file), (stamp, stamp))
    plot = os.path.join(path, "results.png")
    if os.path.exists(plot):
        os.utime(plot, (stamp + 60, stamp + 60))


class Scene(unittest.TestCase):
    """A root, a policy for it, and a log, all gone afterwards."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="policy-training-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.root = self.folder / "runs"
        self.root.mkdir()
        self.policy = self.folder / "policy.yaml"
        self.policy.write_text(POLICY.format(root=self.root))
        self.log = self.folder / "training.log"
        self.options = {"policy": self.policy, "program": PROGRAM, "log": self.log, "need": 0, "low": 0}

    def run_path(self, name="exp"):
        return self.root / name

    def lock_of(self, name="exp"):
        return self.root / name / ".policy-lock"

    def states(self):
        """State of each run, as the scanner sees it."""
        text = subprocess.run([PROGRAM, "snapshot", "-p", self.policy], check=True, stdout=subprocess.PIPE).stdout
        import json

        entities = [json.loads(line) for line in text.splitlines()]
        return {one["path"]: one["facts"]["state"] for one in entities if one.get("kind") == "run"}

    def script(self, text):
        """A program in the place of `policy`."""
        path = self.folder / "fake-policy"
        new = path.with_suffix(".new")
        new.write_text("#!/bin/sh\n" + text)
        new.chmod(new.stat().st_mode | stat.S_IXUSR)
        # The one before may still run, and a program that runs cannot be written to.
        new.replace(path)
        return path

    def said(self, body):
        """What `body` writes to standard error."""
        import contextlib
        import io

        words = io.StringIO()
        with contextlib.redirect_stderr(words):
            body()
        return words.getvalue()
