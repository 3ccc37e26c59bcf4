"""Disks without one free block: the day on which a retention tool is needed most.

A small tmpfs and a small ext4 on a loop device are filled to the last byte; runs are trashed with journal and lock on
another volume (`--state`), one is taken back, the others are purged. What frees space must work without any."""

import contextlib
import errno
import os
import shutil
import subprocess
import tempfile
import time

from scene import PURGE_AFTER, Scene, Violation, fingerprint, make_run


@contextlib.contextmanager
def mounted(kind, folder, skipped):
    """A mounted disk of 16 MiB; None where it cannot be had."""
    place, image = os.path.join(folder, kind), os.path.join(folder, kind + ".image")
    os.mkdir(place)
    if kind == "tmpfs":
        commands = [["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", place]]
    else:
        commands = [["truncate", "-s", "16M", image], ["mkfs.ext4", "-q", "-m", "0", "-I", "256", image],
                    ["mount", "-o", "loop", image, place]]
    for command in commands:
        done = subprocess.run(command, capture_output=True)
        if done.returncode != 0:
            skipped.append(f"a full {kind}: {command[0]}: {done.stderr.decode(errors='replace').strip()[-120:]}")
            yield None
            return
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def fill(place):
    """Until not one byte more can be written, in ever smaller pieces; how much anybody may still have (ext4 keeps some)."""
    number = 0
    for size in (1 << 20, 1 << 12, 1):
        while True:
            try:
                with open(os.path.join(place, f"filler{number}"), "wb", buffering=0) as file:
                    number += 1
                    while file.write(b"\1" * size) == size:
                        pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                break
    os.sync()
    status = os.statvfs(place)
    return status.f_bavail * status.f_frsize


class FullDisk:
    """A scene on a disk that `fill`s it, and what the product says there."""

    def __init__(self, program, place, kind, folder):
        self.place, self.kind = place, kind
        self.scene = Scene(program, os.path.join(place, "scene"))
        self.names = [name for name in self.scene.prints if name != "keep"]
        self.policy = os.path.join(folder, "p.yaml")
        shutil.copy(self.scene.path("p.yaml"), self.policy)

    def fill(self):
        free = fill(self.place)
        if free:
            raise Violation(f"{self.kind}: {free} bytes are still free")

    def says(self, *arguments, status=0, words=b""):
        done = self.scene.run(*arguments, "--root", self.scene.runs)
        said = done.stdout + done.stderr
        if done.returncode != status or words not in said:
            raise Violation(f"full {self.kind}: policy {' '.join(arguments)} ended with {done.returncode}: "
                            + said.decode(errors="replace")[-600:])
        return said.decode(errors="replace")

    def refuses_without_state(self):
        """It says what to give, and has touched nothing."""
        self.says("apply", "-p", self.policy, "--yes", status=9, words=b"--state")
        for name in os.listdir(self.scene.runs):
            if name in self.names and fingerprint(os.path.join(self.scene.runs, name)) != self.scene.prints[name]:
                raise Violation(f"full {self.kind}: {name} was changed")

    def restores_and_purges(self, *options):
        """Takes the first back and purges the others; how many bytes are free then."""
        back, *others = self.names
        left = [name for name in self.names if os.path.exists(os.path.join(self.scene.runs, name))]
        if left:
            raise Violation(f"full {self.kind}: {left} were not trashed")
        self.says("trash", "restore", os.path.join(self.scene.runs, back), *options)
        for name in (back, "keep"):
            if fingerprint(os.path.join(self.scene.runs, name)) != self.scene.prints[name]:
                raise Violation(f"full {self.kind}: {name} is not what it was")
        time.sleep(PURGE_AFTER)
        self.says("trash", "purge", *options)
        listed = self.says("trash", "list", *options)
        status = os.statvfs(self.place)
        if status.f_bavail == 0 or any(name in listed for name in others):
            raise Violation(f"full {self.kind}: not all was purged: {listed[-300:]}")
        return f"1 taken back, {len(others)} purged, {status.f_bavail * status.f_frsize} bytes free then"


def new(disk, folder):
    """Nothing of the product's is there yet."""
    state = os.path.join(folder, "state")
    os.mkdir(state, 0o700)
    disk.fill()
    disk.refuses_without_state()
    disk.says("apply", "-p", disk.policy, "--yes", "--state", state)
    return f"{len(disk.names)} runs trashed with --state, " + disk.restores_and_purges("--state", state)


def used(disk, _):
    """There is a trash, with things in it: they can be purged without another volume."""
    disk.says("apply", "-p", disk.policy, "--yes")
    make_run(os.path.join(disk.scene.runs, "exp9"), "exp9")
    disk.fill()
    disk.refuses_without_state()
    return f"{len(disk.names)} runs trashed before, " + disk.restores_and_purges()


def disks(program, skipped):
    if os.getuid() != 0:
        skipped.append("full disks: mounting needs root")
        return
    for kind in ("tmpfs", "ext4"):
        for way in (new, used):
            with tempfile.TemporaryDirectory(prefix="full-") as folder, mounted(kind, folder, skipped) as place:
                if place:
                    done = way(FullDisk(program, place, kind, folder), folder)
                    print(f"fidelity: {kind} of 16 MiB with 0 bytes free, {way.__name__}: {done}")
