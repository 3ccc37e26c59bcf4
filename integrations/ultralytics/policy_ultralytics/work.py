"""The `policy` program, beside the training: started, never waited for longer than said, never twice at once."""

import os
import shutil
import signal
import subprocess
import sys
import time

LOG_LIMIT = 4 << 20


def say(message):
    """A line to standard error; there is nowhere left to say that this failed."""
    try:
        print(f"policy: {message}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        pass


def log_path(named=None):
    """The file that was named, or one below $XDG_STATE_HOME or ~/.local/state."""
    if named:
        return os.path.abspath(os.fspath(named))
    state = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(state):
        state = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(state, "policy", "training.log")


class Work:
    """Applies of one policy."""

    def __init__(self, policy, arguments, program, log):
        self.policy = os.path.abspath(os.fspath(policy))
        self.arguments = list(arguments)
        self.program = program
        self.log = log
        self.process = None
        self.has_said = set()

    def say_once(self, message):
        if message not in self.has_said:
            self.has_said.add(message)
            say(message)

    def _open_log(self, words):
        """Where the program writes what it says; the null device where the log cannot be written."""
        try:
            os.makedirs(os.path.dirname(self.log), mode=0o700, exist_ok=True)
            if os.path.isfile(self.log) and os.path.getsize(self.log) > LOG_LIMIT:
                os.replace(self.log, self.log + ".1")
            file = open(self.log, "a", encoding="utf-8")
        except OSError as problem:
            self.say_once(f"cannot write the log {self.log}: {problem.strerror}; name another with log=")
            return open(os.devnull, "w", encoding="utf-8")
        try:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            file.write(f"{stamp} policy {' '.join(words)}\n")
            file.flush()
        except OSError:
            pass
        return file

    def check(self, run, before, need, patience):
        """Applies the policy and looks whether the run has room; the words of a refusal, or None.

        One that takes longer than `patience` seconds goes on by itself, and the training starts."""
        words = ["guard", "--check", "-p", self.policy, "--run", run, "--log", self.log] + self.arguments
        for name, value in (before or {}).items():
            words += ["--before", f"{name}={value}"]
        if need is not None:
            words += ["--need", str(need)]
        try:
            started = subprocess.Popen(
                [self.program] + words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                universal_newlines=True, errors="replace", start_new_session=True)
        except OSError as problem:
            say(f"cannot start {self.program}: {problem.strerror}")
            return None
        try:
            _, said = started.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            say(f"still at work on {self.policy} after {patience} s; the training starts meanwhile")
            self.process = started
            return None
        except BaseException:
            started.send_signal(signal.SIGINT)
            raise
        if started.returncode == 4:
            return said.strip() + "\n  (in Python: need=\"2GiB\", need=0)"
        if said.strip():
            print(said.rstrip(), file=sys.stderr, flush=True)
        return None

    def collect(self):
        """Notices the end of what is at work; true when nothing is."""
        if self.process is None:
            return True
        status = self.process.poll()
        if status is None:
            return False
        if self.process.stderr:
            self.process.stderr.close()
        self.process = None
        # 6: some items left alone; 7: another apply is at work.
        if status not in (0, 6, 7):
            self.say_once(f"applying {self.policy} ended with status {status}; see {self.log}")
        return True

    def apply_beside(self, trigger):
        """Starts an apply of the lowest priority, unless one is at work; true when it did."""
        if not self.collect():
            return False
        words = ["apply", "-p", self.policy, "--yes", "--trigger", trigger] + self.arguments
        gently = []
        for tool in (["nice", "-n", "19"], ["ionice", "-c", "3"]):
            if shutil.which(tool[0]):
                gently += tool
        with self._open_log(words) as log:
            # In a session of its own: the Ctrl-C of the training is not for it.
            self.process = subprocess.Popen(
                gently + [self.program] + words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        return True
