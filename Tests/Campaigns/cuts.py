"""Where a program can be stopped for a power cut, and which of its syncs can be left out, with `strace`'s injection."""

import collections
import re
import subprocess

SYNCS = ["fsync", "fdatasync", "syncfs"]
CHANGES = ["renameat2", "renameat", "rename", "mkdirat", "unlinkat", "linkat", "pwrite64", "ftruncate", "fallocate",
           "fchmod"]
# Between two changes a process is as well stopped before one of these.
OTHERS = ["openat2", "statx", "getdents64", "pread64", "close", "flock"]
LINE = re.compile(r"^(\d+) +(?:\S+ )?([a-z_0-9]+)\((.*)$")
PATH = re.compile(r"^\d+<((?:[^>\\]|\\.)*)>")
FRAME = re.compile(r"\(\$s11PolicyApply\w+\+\w+\) \[(0x\w+)\]")

# `call` is (name, number among its like of one process); `before` another call that comes just before it and after
# every other change, for where the same name is wanted twice; `what` a sync syncs.
Step = collections.namedtuple("Step", "call before what")


def steps(scene, arguments, names):
    """Every change and sync of `policy ARGUMENTS`, in order."""
    trace = scene.path("trace")
    done = scene.run(*arguments, prefix=["strace", "-f", "-y", "-o", trace, "-e",
                                         "trace=" + ",".join(SYNCS + CHANGES + OTHERS + ["openat"])])
    counts, found, between = collections.Counter(), [], []
    for line in lines(trace):
        match = LINE.match(line)
        if not match or "resumed>" in line:
            continue
        process, name, rest = match.groups()
        counts[process, name] += 1
        call = (name, counts[process, name])
        if name in SYNCS + CHANGES or (name == "openat" and "O_CREAT" in rest):
            path = PATH.match(rest)
            found.append((call, list(between), names(path.group(1)) if path and name in SYNCS else ""))
            between = []
        else:
            between.append(call)
    # A number that another process reaches as well would stop that one.
    most = collections.defaultdict(list)
    for (process, name), count in counts.items():
        most[name].append(count)
    result = []
    for call, before, what in found:
        usable = [other for other in before if sum(1 for count in most[other[0]] if count >= other[1]) == 1]
        result.append(Step(call, usable[-1] if usable else None, what))
    return result


def lines(trace):
    with open(trace, errors="replace") as file:
        return file.read().splitlines()


def origins(scene, arguments):
    """The source lines that each sync of `policy ARGUMENTS` came from, innermost first, by call; needs a build with
    symbols and `addr2line`, else they are addresses."""
    trace = scene.path("trace")
    scene.run(*arguments, prefix=["strace", "-f", "-k", "-o", trace, "-e", "trace=" + ",".join(SYNCS)])
    counts, found, chain = collections.Counter(), {}, []
    for line in lines(trace):
        frame, match = FRAME.search(line), LINE.match(line)
        if line.startswith(" > ") and frame:
            chain.append(frame.group(1))
        elif match:
            process, name, _ = match.groups()
            counts[process, name] += 1
            chain = found[name, counts[process, name]] = []
    addresses = sorted(set(address for chain in found.values() for address in chain))
    # A return address is behind the call.
    places = subprocess.run(["addr2line", "-s", "-e", scene.policy, *(hex(int(each, 16) - 1) for each in addresses)],
                            capture_output=True, text=True).stdout.split("\n")
    place = {address: text.split(" ")[0] for address, text in zip(addresses, places) if "?" not in text}
    result = {}
    for call, chain in found.items():
        texts = [place.get(address, "0") for address in chain]
        # The classes that all use say little: the line that called them does.
        texts = [text for text in texts if text.partition(":")[0] not in ("FileChanges.swift", "0")] or chain[:1]
        journal = [text for text in texts if text.startswith("JournalWriter.swift")]
        # Of a sync of the journal, whoever asked for it.
        others = [text for text in texts if text not in journal]
        result[call] = " < ".join(texts[:1] + others[:1] if texts and texts[0] in journal else texts[:1])
    return result


# strace 6.1 sends no signals under `--seccomp-bpf`.
def stopping(trace, step=None, dropped=None, also=()):
    """A prefix for a command that is killed before `step`, and whose sync `dropped` is not done and succeeds. The trace has
    these calls, and those named in `also` with the paths of their files.

    None where both are of one name and nothing lies in between."""
    inject, names = [], []
    stop = step and step.call
    if stop and dropped and stop[0] == dropped.call[0]:
        stop = step.before
        if not stop:
            return None
    for call, what in ((stop, "signal=KILL"), (dropped and dropped.call, "retval=0")):
        if call:
            names.append(call[0])
            inject += ["-e", f"inject={call[0]}:{what}:when={call[1]}"]
    return ["strace", "-f", *([] if stop else ["--seccomp-bpf"]), "-o", trace, "-y", "-s", "4096", "-e",
            "trace=" + (",".join([*names, *also]) or "none"), *inject]


def was_killed(trace):
    return any("+++ killed by SIGKILL" in line for line in lines(trace))
