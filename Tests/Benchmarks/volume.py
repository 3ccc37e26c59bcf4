"""A file system to measure on: ext4 with a journal, in a file, where this is root and there are loop devices.

What a machine's own file system does with files that are made and removed depends on how it was made and on its age; an
ext4 without a journal, for one, is slow in making files where many were just removed."""

import contextlib
import os
import shutil
import subprocess
import tempfile

BYTES = 8 << 30


@contextlib.contextmanager
def fresh(folder="."):
    """A folder on it, and what it is in words; below `folder`, and what that is, where there is none to be had."""
    with tempfile.TemporaryDirectory(dir=folder) as top:
        top = os.path.abspath(top)
        image, mount = os.path.join(top, "image"), os.path.join(top, "mount")
        os.mkdir(mount)
        if not loop_mounted(image, mount):
            yield mount, kind(mount)
            return
        try:
            yield mount, "a fresh ext4 with a journal, loop-mounted"
        finally:
            subprocess.run(["umount", mount], check=True)


def loop_mounted(image, mount):
    if os.getuid() != 0 or not os.path.exists("/dev/loop-control") or not shutil.which("mkfs.ext4"):
        return False
    if shutil.disk_usage(os.path.dirname(image)).free < BYTES:
        return False
    with open(image, "wb") as file:
        file.truncate(BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image], check=True)
    return subprocess.run(["mount", "-o", "loop", image, mount], stderr=subprocess.DEVNULL).returncode == 0


def kind(folder):
    """The type of the file system that a folder is on, by the mount that holds it."""
    best, name = "", "unknown"
    with open("/proc/self/mounts") as file:
        for line in file:
            _, place, system, *_ = line.split(" ")
            place = place.encode().decode("unicode_escape")
            inside = folder == place or folder.startswith(place.rstrip("/") + "/")
            if inside and len(place) >= len(best):
                best, name = place, system
    return f"the {name} of this machine"
