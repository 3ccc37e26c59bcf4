"""Where a program's system calls can be made to fail or to be its last.

`intrude.c` beside this does it; it is compiled once for a campaign."""

import errno
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass(frozen=True)
class Point:
    """One system call of one process: 1 is the program, 2 the first that it starts."""
    process: int
    call: str
    # Whether it is on something of the scene, and the how-manieth of such calls.
    is_inside: bool
    number: int
    # The path of its first argument's descriptor, and the paths among its arguments, as `list` found them.
    descriptor: str = ""
    path: str = ""
    second: str = ""

    def __str__(self):
        where = " ".join(text for text in (self.descriptor, self.path, self.second) if text)
        return f"{self.call} {self.number} of process {self.process} ({where})"


class Tool:
    """The compiled tool, in a folder of its own that goes with it."""

    def __init__(self):
        compiler = next((name for name in ("cc", "clang", "gcc") if shutil.which(name)), None)
        if compiler is None:
            raise SystemExit("campaigns: a C compiler is missing: the Swift toolchain brings `clang`")
        self.folder = tempfile.TemporaryDirectory(prefix="intrude")
        self.program = os.path.join(self.folder.name, "intrude")
        subprocess.run([compiler, "-O2", "-o", self.program, os.path.join(HERE, "intrude.c")], check=True)
        defined = subprocess.run(
            [compiler, "-E", "-dM", "-"], input=b"#include <sys/syscall.h>\n", capture_output=True, check=True).stdout
        self.numbers = {name: int(number)
                        for name, number in re.findall(r"#define __NR_(\w+) (\d+)", defined.decode())}
        # The call that failed or was the last, as it was made; `None` where it was not reached.
        self.struck = None
        self.names = {number: name for name, number in self.numbers.items()}

    def points(self, scene, arguments):
        """What a command did, and every system call of it from the opening of its root on.

        What comes before is the loader's and the runtime's, where nothing of the user's has been touched yet. In a
        process that it starts the confinement, where there is one, comes first."""
        done = scene.run(*arguments, prefix=[self.program, scene.path("calls"), scene.folder, "list"])
        found, begun = [], set()
        with open(scene.path("calls"), errors="surrogateescape") as lines:
            for line in lines:
                numbers, *paths = line.rstrip("\n").split("\t")
                process, call, place, number = map(int, numbers.split())
                name = self.names.get(call, str(call))
                if process not in begun:
                    is_root = any(path == scene.runs or path.startswith(scene.runs + "/") for path in paths)
                    if is_root or (process > 1 and name.startswith("landlock_")):
                        begun.add(process)
                if process in begun:
                    found.append(Point(process, name, bool(place), number, *paths))
        return done, found

    def kill(self, scene, point, arguments):
        """A command whose process is killed before the call; whether the call was reached, and how it ended."""
        return self._intrude(scene, arguments, "kill", point)

    def fail(self, scene, point, error, arguments):
        """A command whose call is not carried out and fails with the named error."""
        return self._intrude(scene, arguments, "fail", point, str(getattr(errno, error)))

    def _intrude(self, scene, arguments, mode, point, *more):
        out = scene.path("calls")
        call = self.numbers.get(point.call, point.call)
        words = [out, scene.folder, mode, *map(str, (point.process, call, int(point.is_inside), point.number)), *more]
        done = scene.run(*arguments, prefix=[self.program, *words])
        if done.returncode == 125:
            raise SystemExit(f"campaigns: intrude failed: {done.text}")
        with open(out, errors="surrogateescape") as file:
            word, *paths = file.read().rstrip("\n").split("\t")
        # What other processes do makes other calls the how-manieth outside of the scene.
        self.struck = replace(point, descriptor=paths[0], path=paths[1], second=paths[2]) if word == "reached" else None
        return self.struck is not None, done


def have_strace():
    """For the campaigns that widen a window with `strace` instead."""
    return shutil.which("strace") is not None
