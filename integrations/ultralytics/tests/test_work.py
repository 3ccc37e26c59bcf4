"""The policy beside a training: before it, every few epochs, when space runs short; and never in its way."""

import os
import pickle
import signal
import sys
import time
import types
import unittest
import unittest.mock

from policy_ultralytics import Refused, attach, guard, guarding
from scene import PROGRAM, Model, Scene, write_run


def wait_for(what):
    for _ in range(3000):
        if what():
            return True
        time.sleep(0.01)
    return False


class WorkTests(Scene):
    def train(self, each=lambda trainer: None, epochs=3, **options):
        """A training with these options; what it wrote to standard error."""
        model = Model()
        options = {**self.options, **options}

        def body():
            self.guard = attach(model, **options)
            self.assertEqual(model.train(self.run_path(), epochs, each), "trained")

        return self.said(body)

    def names(self):
        return sorted(name for name in os.listdir(self.root) if not name.startswith("."))

    def test_room_is_made_before_with_a_place_for_the_coming_run(self):
        for number in range(1, 6):
            write_run(self.run_path(f"old{number}"), 3, 3, hours=200 - number)
        seen = []
        said = self.train(each=lambda trainer: seen.append(self.names()), before={"recent": 2}, every=None)
        self.assertEqual((seen, said), ([["exp", "old4", "old5"]] * 3, ""))

    def test_it_is_applied_every_few_epochs(self):
        starts = []

        def each(trainer):
            # The next epoch begins when the apply has ended, or it would be passed over.
            self.assertTrue(wait_for(lambda: self.guard.work.collect()))
            starts.append(self.log.read_text().count("--trigger epoch"))

        self.train(each=each, epochs=6, every=2, set={"recent": 4}, roots=self.root)
        self.assertEqual(starts, [0, 1, 1, 2, 2, 3])
        text = self.log.read_text()
        self.assertIn(f"policy apply -p {self.policy} --yes --trigger epoch --root {self.root} --set recent=4", text)
        self.assertTrue(self.run_path().exists())

    def test_it_never_waits_for_one_and_never_starts_two(self):
        count, gate = self.folder / "count", self.folder / "gate"
        program = self.script(f"[ $1 = apply ] || exit 0; echo x >>{count}; while [ ! -e {gate} ] && [ -d {self.folder} ]; do sleep 0.05; done\n")
        self.train(epochs=20, every=1, program=program)
        # All epochs are over, and the first apply is not.
        self.assertTrue(wait_for(count.exists))
        self.assertEqual(count.read_text(), "x\n")
        gate.touch()

    def test_it_works_when_space_runs_short_and_not_again_at_once(self):
        said = self.train(epochs=5, every=None, low="100%")
        self.assertEqual(said.count("MiB free at"), 1)
        self.assertEqual(self.log.read_text().count("--trigger low-space"), 1)
        self.assertEqual(self.train(epochs=5, every=None, low="0%"), "")

    def test_a_run_without_room_does_not_start(self):
        for need, starts in (("100000TiB", False), (0, True), ("1KiB", True)):
            model, seen = Model(), []
            attach(model, **{**self.options, "need": need})
            if starts:
                model.train(self.run_path(), each=lambda trainer: seen.append(1))
            else:
                with self.assertRaises(Refused) as caught:
                    model.train(self.run_path(), each=lambda trainer: seen.append(1))
                for words in ("the run has no room", "it takes about", "policy trash list", "need=0"):
                    self.assertIn(words, str(caught.exception))
            self.assertEqual((bool(seen), self.lock_of().exists()), (starts, False))

    def test_of_a_run_without_room_nothing_is_left(self):
        # What Ultralytics says of a coming run before it makes it.
        cfg = types.ModuleType("ultralytics.cfg")
        cfg.get_cfg = lambda overrides=None: types.SimpleNamespace(**{"project": None, "name": None, **(overrides or {})})
        cfg.get_save_dir = lambda args: self.root / args.project / "exp-2"
        modules = {"ultralytics": types.ModuleType("ultralytics"), "ultralytics.cfg": cfg}
        counted = self.folder / "counted"
        program = self.script(f"echo $1 >>{counted}\nexec {PROGRAM} \"$@\"\n")
        with unittest.mock.patch.dict(sys.modules, modules):
            for need in ("100000TiB", 0):
                model = Model()
                model.overrides = {"project": "new"}
                attach(model, **{**self.options, "need": need, "program": program, "every": None})
                counted.write_text("")
                if need == 0:
                    self.assertEqual(model.train(self.run_path("new/exp-2")), "trained")
                else:
                    self.assertRaises(Refused, model.train, self.run_path("new/exp-2"))
                # Room is made once, and not again when the trainer has made its folder.
                self.assertEqual(counted.read_text(), "guard\n")
                self.assertEqual((self.root / "new").exists(), need == 0)

    def test_a_loop_without_room_leaves_no_folder_of_its_own(self):
        options = {**self.options, "need": "100000TiB"}
        self.assertRaises(Refused, guard, run=self.run_path("a/b/exp"), **options)
        self.assertEqual(self.names(), [])
        # What was there before stays.
        self.run_path("a").mkdir()
        self.assertRaises(Refused, guard, run=self.run_path("a/b/exp"), **options)
        self.assertRaises(Refused, guard, run=self.run_path("a"), **options)
        self.assertEqual(os.listdir(self.run_path("a")), [])

    def test_without_the_program_it_does_nothing_and_says_so_once(self):
        guarding._said_missing = False
        said = self.train(program="no-such-policy", need="100000TiB") + self.train(program="no-such-policy")
        self.assertEqual(said.count("NO POLICY IS AT WORK"), 1)
        self.assertFalse(self.log.exists() or self.lock_of().exists())

    def test_nothing_that_goes_wrong_stops_a_training(self):
        broken = self.folder / "broken.yaml"
        broken.write_text("version: 9\n")
        self.assertIn("P0", self.train(policy=broken, every=1))
        self.assertIn("there is no such file", self.train(policy=self.folder / "missing.yaml", every=1))
        self.assertIn("cannot start", self.train(program=self.unloadable(), every=1))
        self.train(program=self.script("exit 70\n"), every=1)
        self.train(program=self.script("kill -9 $$\n"), every=1)
        self.assertIn("cannot write the log", self.train(log="/proc/nowhere/log", every=1))

    def unloadable(self):
        path = self.script("")
        path.write_bytes(b"\x7fELF, or so it says")
        return path

    def test_a_run_that_vanishes_does_not_stop_it_either(self):
        def each(trainer):
            import shutil

            shutil.rmtree(self.run_path())

        self.train(each=each, low="100%")

    def test_a_check_that_hangs_is_not_waited_for(self):
        gate = self.folder / "gate"
        program = self.script(f"while [ ! -e {gate} ] && [ -d {self.folder} ]; do sleep 0.05; done\n")
        self.assertIn("still at work", self.train(program=program, patience=0.1))
        gate.touch()

    def test_ctrl_c_while_room_is_made_ends_it(self):
        # A shell starts what runs in the background without it.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, before)
        program = self.script("kill -INT $PPID; exec sleep 600\n")
        model = Model()
        attach(model, **{**self.options, "program": program})
        with self.assertRaises(KeyboardInterrupt):
            model.train(self.run_path())
        self.assertFalse(self.lock_of().exists())

    def test_several_trainings_of_one_model(self):
        model = Model()
        attach(model, **self.options)
        for name in ("exp", "exp2"):
            model.train(self.run_path(name), each=lambda trainer: self.assertTrue(self.lock_of(name).exists()))
            self.assertFalse(self.lock_of(name).exists())

    def test_any_loop(self):
        with guard(run=self.run_path(), every=2, **self.options) as guarded:
            for epoch in range(3):
                guarded.epoch(epoch)
                guarded.watch()
            self.assertTrue(self.lock_of().exists())
        self.assertFalse(self.lock_of().exists())
        self.assertEqual(self.log.read_text().count("--trigger epoch"), 1)

    def test_processes_of_several_gpus_get_copies(self):
        model = Model()
        attach(model, **self.options)
        copies = pickle.loads(pickle.dumps(model.callbacks))
        self.assertEqual(sorted(copies), sorted(model.callbacks))

    def test_wrong_options_are_said_at_once(self):
        wrong = (
            {"low": "much"}, {"low": "200%"}, {"low": -1}, {"every": 0}, {"every": "10"}, {"need": "lots"}, {"need": -1},
            {"need": "5%"}, {"before": "recent=2"}, {"set": ["recent=2"]}, {"patience": "x"})
        for options in wrong:
            with self.assertRaises(ValueError) as caught:
                attach(Model(), **{**self.options, **options})
            self.assertIn("write", str(caught.exception))
        with self.assertRaises(TypeError):
            attach(Model(), **{**self.options, "nonsense": 1})
        for options in ({"low": "20GiB"}, {"low": "5%"}, {"need": 0}, {"need": "3GB"}, {"before": {"recent": 2}}, {"every": None}):
            attach(Model(), **{**self.options, **options})


if __name__ == "__main__":
    unittest.main()
