"""The lock of a training in its run: `.policy-lock`, which says which process writes there.

The format is that of Docs/Layouts/training-lock.md; every policy on every host leaves a run with a live lock alone."""

import os
import re
import socket

NAME = ".policy-lock"


class Refused(RuntimeError):
    """The training must not start like this; the message says what to do."""


def _read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read(1 << 16)


def _start(pid):
    """When a process started, in clock ticks after boot; None where there is none."""
    try:
        # The name of the program, in parentheses, may hold anything: fields are counted after the last one.
        return int(_read(f"/proc/{pid}/stat").rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None


def _boot():
    return _read("/proc/sys/kernel/random/boot_id").strip()


def _namespace():
    """The number of the namespace that counts processes here; None where the kernel does not tell."""
    try:
        return int("".join(re.findall(r"\d", os.readlink("/proc/self/ns/pid"))))
    except (OSError, ValueError):
        return None


def text():
    """The lock of this process. OSError where the system does not tell enough."""
    start = _start(os.getpid())
    if start is None:
        raise OSError("/proc does not show this process")
    lines = {"pid": os.getpid(), "start": start, "boot": _boot(), "host": socket.gethostname()}
    namespace = _namespace()
    if namespace is not None:
        lines["pidns"] = namespace
    return "".join(f"{key}: {value}\n" for key, value in lines.items())


def _verdict(content):
    """`over`, `mine`, `alive`, or `unknown` where nobody here can tell."""
    fields = dict(re.findall(r'^[ \t{,]*"?(\w+)"?\s*:\s*"?([^"\n,}]*)"?', content.replace(",", "\n"), re.MULTILINE))
    try:
        pid, start, boot, host = int(fields["pid"]), int(fields["start"]), fields["boot"].strip(), fields["host"].strip()
    except (KeyError, ValueError):
        return "unknown"
    if host != socket.gethostname():
        return "unknown"
    if boot != _boot():
        return "over"
    if "pidns" in fields and _namespace() is not None and fields["pidns"].strip() != str(_namespace()):
        return "unknown"
    now = _start(pid)
    if now is None:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return "over"
        except OSError:
            pass
        return "unknown"
    if now != start:
        return "over"
    return "mine" if pid == os.getpid() else "alive"


class Lock:
    """A lock that was put into a run, and is taken away by the same process alone."""

    def __init__(self, run):
        self.run = os.path.abspath(os.fspath(run))
        self.path = os.path.join(self.run, NAME)
        self.text = None
        self.pid = None

    def objection(self):
        """Why this process must not write the run; None where nothing stands against it."""
        try:
            verdict = _verdict(_read(self.path))
        except OSError:
            return None
        if verdict == "alive":
            return f"another training writes {self.run}; give this one another name"
        if verdict == "unknown":
            return (
                f"another training may write {self.run}, on another host or in a container; "
                f"if that is over, remove {self.path}"
            )
        return None

    def put(self):
        """Puts the lock there, whole or not at all. `Refused` where the run is somebody else's; OSError where it cannot be."""
        objection = self.objection()
        if objection:
            raise Refused(objection)
        content = text()
        part = f"{self.path}.{os.getpid()}.part"
        if os.path.lexists(part):
            os.unlink(part)
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            try:
                os.write(file, content.encode())
                # A lock that a power cut empties would be one that nobody can test.
                os.fsync(file)
                # Compared with a file of ours, not with our number: servers map owners.
                mine, theirs = os.fstat(file).st_uid, os.stat(self.run).st_uid
            finally:
                os.close(file)
            if mine != theirs:
                raise Refused(f"{self.run} belongs to uid {theirs}, and this is uid {mine}; give this training another name")
            self._publish(part)
        except BaseException:
            if os.path.lexists(part):
                os.unlink(part)
            raise
        self.text, self.pid = content, os.getpid()

    def _publish(self, part):
        if os.path.lexists(self.path):
            # It was looked at: its training is over, or it is this one's.
            os.replace(part, self.path)
            return
        try:
            os.link(part, self.path)
        except FileExistsError:
            raise Refused(f"another training writes {self.run}; give this one another name") from None
        except OSError:
            # A file system without hard links.
            os.rename(part, self.path)
            return
        os.unlink(part)

    def remove(self):
        """Takes the lock away, if it still is the one that this process put."""
        if self.text is None or self.pid != os.getpid():
            return
        content, self.text = self.text, None
        if _read(self.path) == content:
            os.unlink(self.path)
