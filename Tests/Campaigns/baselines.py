"""The same attack on programs that remove by path: GNU rm and, where it may take longer, Foundation's removeItem.

Inside: what is below the things that are removed is swapped, the case that removers are written for. Above: their parents
as well, which a program that is given paths cannot even see."""

import os
import shutil
import subprocess

import outside
from attack import Attack
from race_scene import RaceScene

FOUNDATION = """import Foundation
for path in CommandLine.arguments.dropFirst() { try? FileManager.default.removeItem(atPath: path) }
"""
CALLS = "openat,newfstatat,unlinkat,unlink,rmdir,getdents64"


def rows(campaign, is_whole):
    """(what, runs, changes outside) for the table."""
    batches = 8
    programs = [("GNU rm -rf", ["rm", "-rf", "--"])]
    if is_whole:
        programs.append(("Foundation removeItem", [_compile(campaign.folder)]))
    found = []
    for name, command in programs:
        for attack, phase, acts in [("inside", "purge", "h"), ("above", "apply", "gih")]:
            for delay in [None, "delay_enter=250"] if is_whole else [None]:
                results = [_remove(campaign, command, phase, acts, delay, seed)
                           for seed in range(1 if delay else batches)]
                title = f"{name}, swaps {attack}" + (", forced" if delay else "")
                found.append((title, sum(runs for runs, _ in results), sum(changes for _, changes in results)))
    return found


def _compile(folder):
    source, program = os.path.join(folder, "remove.swift"), os.path.join(folder, "remove")
    with open(source, "w") as file:
        file.write(FOUNDATION)
    subprocess.run(["swiftc", "-O", "-o", program, source], check=True)
    return program


def _remove(campaign, command, phase, acts, delay, seed):
    """Removes every run of a new scene; how many there were, and how many paths outside are not what they were."""
    scene = campaign.scene(his_root=False)
    attacker = Attack(campaign.attacker, scene, acts, 500 if delay else 40, seed)
    try:
        prefix = [] if not delay else [
            "strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", f"trace={CALLS}", "-e", f"inject={CALLS}:{delay}"]
        paths = sorted(os.path.join("runs", path) for path, _, _ in scene.planned.values())
        attacker.begin(phase)
        subprocess.run([*prefix, *command, *paths], cwd=scene.folder, stdin=subprocess.DEVNULL, capture_output=True)
        attacker.end()
        return len(paths), len(outside.differences(scene.before, scene.account()))
    finally:
        attacker.stop()
        shutil.rmtree(scene.folder)
