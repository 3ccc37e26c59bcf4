"""`attach`: a guard that follows the callbacks of an Ultralytics model, or of a trainer of its kind."""

import functools
import os

from .guarding import Guard


class Callbacks:
    """What is called by a trainer. Holds nothing that cannot be pickled before a training: several GPUs get copies."""

    def __init__(self, guard):
        self.guard = guard
        # The process whose call of `train` ends the guard: after the trainer, `train` still reads the best weights.
        self.caller = None

    def on_pretrain_routine_start(self, trainer):
        if not (self.guard.is_active and self.guard.run == os.path.abspath(os.fspath(trainer.save_dir))):
            self.guard.begin(trainer.save_dir)

    def on_train_batch_end(self, trainer):
        self.guard.watch()

    def on_fit_epoch_end(self, trainer):
        # Called once more after the last epoch, for the final validation.
        epoch = getattr(trainer, "epoch", None)
        if epoch is not None and epoch < getattr(trainer, "epochs", epoch + 1):
            self.guard.epoch(epoch)

    def on_train_end(self, trainer):
        if self.caller != os.getpid():
            self.guard.end()

    def teardown(self, trainer):
        if self.caller != os.getpid():
            self.guard.end()


def attach(model, policy, every=10, **options):
    """Keeps a policy at work beside every training of `model`; returns the guard.

    model     an Ultralytics model (`YOLO(...)`), or a trainer
    policy    the policy file, with absolute roots
    every     epochs between two applies; None for none
    before    params for the apply before the training: {"recent": 2} keeps a place for the coming run
    set       params for all of them
    roots     directories to search instead of the policy's roots
    need      what the run takes ("20GiB"), instead of what the latest finished runs took; 0 to start anyhow
    low       less free space than this is short ("5%", "20GiB"); 5 % of the volume, 10 GiB at the most
    patience  seconds to wait for the apply before the training
    program   the `policy` program
    log       where the applies write what they say

    The training raises `Refused` before its first epoch where the run has no room, or is somebody else's."""
    guard = Guard(policy, every=every, **options)
    followed = Callbacks(guard)
    for event in ("on_pretrain_routine_start", "on_train_batch_end", "on_fit_epoch_end", "on_train_end", "teardown"):
        model.add_callback(event, getattr(followed, event))
    _end_with(model, followed)
    return guard


def _end_with(model, followed):
    """Errors leave a training without a word to its callbacks; a notebook lives on, and the lock must not."""
    train = getattr(model, "train", None)
    if not callable(train) or os.environ.get("RANK", "-1") not in ("-1", "0"):
        return

    @functools.wraps(train)
    def ended(*arguments, **options):
        followed.caller = os.getpid()
        try:
            # A trainer makes its folder and writes its arguments before it calls anybody: into a run that is there it must
            # not come so far, and of one that has no room nothing is to be left.
            run = _coming_run(model, options)
            if run is not None and os.path.isdir(run):
                followed.guard.begin(run)
            elif run is not None and not os.path.lexists(run):
                followed.guard.look(run)
            return train(*arguments, **options)
        finally:
            followed.caller = None
            followed.guard.end()

    model.train = ended


def _coming_run(model, options):
    """Where this training will write, whether that is there or not; None where nobody can tell."""
    try:
        settings = {**(getattr(model, "overrides", None) or {}), **options}
        resumed = settings.get("resume")
        if resumed:
            last = resumed if isinstance(resumed, (str, os.PathLike)) else getattr(model, "ckpt_path", None)
            # RUN/weights/last.pt
            return os.path.dirname(os.path.dirname(os.path.abspath(os.fspath(last)))) if last else None
        if settings.get("save_dir"):
            return os.path.abspath(os.fspath(settings["save_dir"]))
        from ultralytics.cfg import get_cfg, get_save_dir

        settings.setdefault("task", getattr(model, "task", None))
        known = {key: value for key, value in settings.items() if hasattr(get_cfg(), key)}
        return os.path.abspath(os.fspath(get_save_dir(get_cfg(overrides={**known, "mode": "train"}))))
    except Exception:
        return None
