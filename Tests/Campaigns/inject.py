"""Where a program's system calls can be made to fail or to be its last, with `strace`'s injection."""

import re
import subprocess

CALL = re.compile(r"^\d+ +(?:\S+ )?([a-z_0-9]+)\(")


def points(scene, arguments):
    """Every system call that `policy ARGUMENTS` makes from the opening of its root on: (name, number among its like).

    What comes before is the loader's and the runtime's, where nothing of the user's has been touched yet."""
    trace = scene.path("trace")
    done = scene.run(*arguments, prefix=["strace", "-f", "-o", trace])
    seen, found, opened = {}, [], False
    with open(trace, errors="replace") as lines:
        for line in lines:
            match = CALL.match(line)
            if not match:
                continue
            name = match.group(1)
            seen[name] = seen.get(name, 0) + 1
            opened = opened or f'"{scene.runs}"' in line
            if opened:
                found.append((name, seen[name]))
    return done, found


def killing(point):
    """A prefix for a command that is killed before the call is carried out."""
    return _strace(point, "signal=KILL")


def failing(point, errno):
    """A prefix for a command whose call is not carried out and fails."""
    return _strace(point, f"error={errno}")


def _strace(point, what):
    name, number = point
    return ["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", f"trace={name}",
            "-e", f"inject={name}:{what}:when={number}"]


def have_strace():
    try:
        return subprocess.run(["strace", "-V"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
