"""Contenders take turns, so that whatever else the machine does hits all of them; medians of what each took."""

import os
import statistics
import subprocess
import sys
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
Sample = namedtuple("Sample", "wall user system kib")


def compile_reference(folder):
    """The programs in C beside which everything is measured."""
    program = os.path.join(folder, "walk")
    subprocess.run(["cc", "-O2", "-pthread", "-o", program, os.path.join(HERE, "walk.c")], check=True)
    return program


def once(walk, command, folder, allowed=(0,)):
    """One run of a command by a launcher in C: a child of this process would begin with its peak of memory."""
    result = os.path.join(folder, "sample")
    done = subprocess.run([walk, "timed", result, *command], cwd=folder, stderr=subprocess.PIPE, text=True)
    if done.returncode not in allowed:
        sys.exit(f"{' '.join(command)}: status {done.returncode}\n{done.stderr}")
    with open(result) as file:
        return Sample(*[float(part) for part in file.read().split()])


def interleaved(walk, contenders, rounds, folder):
    """Medians by name. `contenders` maps names to commands; one round that does not count comes first."""
    samples = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, command in contenders.items():
            sample = once(walk, command, folder)
            if number > 0:
                samples[name].append(sample)
    return {name: Sample(*[statistics.median(values) for values in zip(*some)])._asdict()
            for name, some in samples.items()}
