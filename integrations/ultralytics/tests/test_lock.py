"""The lock: there while the process trains, exactly as the scanner reads it, and nobody else's."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import unittest

from policy_ultralytics import Refused, attach, guard
from scene import PROGRAM, Model, Scene, Trainer, age, write_run


class LockTests(Scene):
    def child(self, body):
        """A training in a process of its own; `body` runs after its first epoch."""
        program = textwrap.dedent(
            f"""
            import os, signal, sys
            from policy_ultralytics import attach
            from scene import Model
            model = Model()
            attach(model, policy={str(self.policy)!r}, program={PROGRAM!r}, log={str(self.log)!r}, need=0, low=0)
            def each(trainer):
                {body}
            model.train({str(self.run_path())!r}, each=each)
            """
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.run([sys.executable, "-c", program], env=environment, stderr=subprocess.PIPE, text=True)

    def test_is_there_while_it_trains_and_gone_afterwards(self):
        model, seen = Model(), []

        def each(_):
            # However old its files look.
            age(self.run_path(), 100)
            seen.append((self.states()["exp"], self.lock_of().read_text()))

        attach(model, **self.options)
        self.assertEqual(model.train(self.run_path(), each=each), "trained")
        self.assertEqual([state for state, _ in seen], ["running"] * 3)
        with open("/proc/self/stat") as file:
            start = file.read().rpartition(")")[2].split()[19]
        with open("/proc/sys/kernel/random/boot_id") as file:
            boot = file.read().strip()
        self.assertEqual(
            seen[0][1].splitlines()[:4],
            [f"pid: {os.getpid()}", f"start: {start}", f"boot: {boot}", f"host: {socket.gethostname()}"])
        self.assertTrue(model.was_locked_at_the_end)
        self.assertEqual(sorted(os.listdir(self.run_path())), ["args.yaml", "results.csv", "weights"])

    def test_a_trainer_without_a_wrapper_ends_it_itself(self):
        model = Model()
        attach(model, **self.options)
        # As in the processes of several GPUs, which get the callbacks and not the model.
        trainer = Trainer(self.run_path(), 3, model.callbacks)
        trainer.train(lambda trainer: self.assertTrue(self.lock_of().exists()))
        self.assertFalse(self.lock_of().exists())

    def test_an_error_takes_it_along(self):
        model = Model()
        attach(model, **self.options)

        def each(trainer):
            raise MemoryError("out of memory")

        with self.assertRaises(MemoryError):
            model.train(self.run_path(), each=each)
        self.assertFalse(self.lock_of().exists())

    def test_an_exit_takes_it_along(self):
        done = self.child("sys.exit(5)")
        self.assertEqual((done.returncode, done.stderr), (5, ""))
        self.assertTrue(self.run_path().exists() and not self.lock_of().exists())

    def test_a_kill_leaves_a_lock_that_counts_for_nothing_and_the_run_is_resumed(self):
        self.assertEqual(self.child("os.kill(os.getpid(), signal.SIGKILL)").returncode, -signal.SIGKILL)
        self.assertTrue(self.lock_of().exists())
        age(self.run_path(), 100)
        self.assertEqual(self.states(), {"exp": "interrupted"})
        model, seen = Model(), []
        attach(model, **self.options)
        model.train(self.run_path(), each=lambda trainer: seen.append(self.states()["exp"]))
        self.assertEqual(seen, ["running"] * 3)
        self.assertFalse(self.lock_of().exists())

    def test_a_child_does_not_take_it_along(self):
        with guard(run=self.run_path(), **self.options) as guarded:
            if os.fork() == 0:
                guarded.end()
                os._exit(0)
            os.wait()
            self.assertTrue(self.lock_of().exists())
        self.assertFalse(self.lock_of().exists())

    def refusal(self):
        model = Model()
        attach(model, **self.options)
        with self.assertRaises(Refused) as caught:
            model.train(self.run_path(), each=lambda trainer: self.fail("it trained"))
        return str(caught.exception)

    def test_another_training_is_not_disturbed(self):
        other = subprocess.Popen(["sleep", "600"])
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        with guard(run=self.run_path(), **self.options):
            text = self.lock_of().read_text()
        with open(f"/proc/{other.pid}/stat") as file:
            start = file.read().rpartition(")")[2].split()[19]
        lines = text.splitlines()
        lines[:2] = [f"pid: {other.pid}", f"start: {start}"]
        self.lock_of().write_text("\n".join(lines))
        self.assertIn("another training writes", self.refusal())
        self.assertEqual(self.lock_of().read_text(), "\n".join(lines))

    def test_a_run_that_is_there_is_looked_at_before_a_trainer_writes_to_it(self):
        write_run(self.run_path(), 300, 1)
        self.lock_of().write_text("pid: 1\nstart: 1\nboot: x\nhost: elsewhere\n")
        arguments = (self.run_path() / "args.yaml").read_text()
        model = Model()
        attach(model, **self.options)
        with self.assertRaises(Refused):
            model.train(save_dir=str(self.run_path()), epochs=1)
        self.assertEqual((self.run_path() / "args.yaml").read_text(), arguments)
        model = Model()
        model.train = lambda **options: self.fail("a trainer was made")
        attach(model, **self.options)
        with self.assertRaises(Refused):
            model.train(resume=str(self.run_path() / "weights" / "last.pt"))

    def test_a_lock_that_cannot_be_tested_says_what_to_do(self):
        write_run(self.run_path(), 3, 1)
        for text in ("pid: 1\nstart: 1\nboot: x\nhost: elsewhere\n", "", "garbage", '{"pid": 1, "host": "elsewhere"}'):
            self.lock_of().write_text(text)
            self.assertIn(f"remove {self.lock_of()}", self.refusal())
            self.assertEqual(self.lock_of().read_text(), text)

    def test_a_json_lock_of_a_process_that_is_gone_is_replaced(self):
        write_run(self.run_path(), 3, 1)
        self.lock_of().write_text(f'{{"pid": 4194303, "start": 1, "boot": "x", "host": "{socket.gethostname()}"}}')
        with guard(run=self.run_path(), **self.options):
            self.assertIn(f"pid: {os.getpid()}", self.lock_of().read_text())

    @unittest.skipUnless(os.geteuid() == 0, "SKIPPED: needs root, to make a run of another owner")
    def test_a_run_of_another_owner_is_not_written(self):
        write_run(self.run_path(), 3, 1)
        os.chown(self.run_path(), 4711, 4711)
        before = sorted(os.listdir(self.run_path()))
        with self.assertRaises(Refused) as caught:
            guard(run=self.run_path(), **self.options)
        self.assertIn("belongs to uid 4711", str(caught.exception))
        self.assertEqual(sorted(os.listdir(self.run_path())), before)

    def test_one_process_of_several_is_enough(self):
        os.environ["RANK"] = "1"
        self.addCleanup(os.environ.pop, "RANK")
        model = Model()
        attach(model, **self.options)
        model.train(self.run_path(), each=lambda trainer: self.assertFalse(self.lock_of().exists()))
        os.environ["RANK"] = "0"
        model.train(self.run_path("exp2"), each=lambda trainer: self.assertTrue(self.lock_of("exp2").exists()))
