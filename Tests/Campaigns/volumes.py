"""Small file systems in image files, whose power can be cut.

`FS_IOC_SHUTDOWN` stops a file system at once: nothing that is only in memory reaches the disk any more, as when the power
goes. What was lost depends on the log: dropped, everything since the last sync is gone; flushed, the changes of names and
sizes last and the contents that belong to them do not."""

import ctypes
import fcntl
import os
import shutil
import struct
import subprocess

SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
LOG_FLUSHED, LOG_DROPPED = 1, 2
FORGOTTEN = 3
FLAGS = {LOG_FLUSHED: "log flushed", LOG_DROPPED: "log dropped", FORGOTTEN: "all forgotten that POSIX lets be forgotten"}

# kind: type, mount options, size, how it is made.
# `noauto_da_alloc`: ext4 writes no contents early on its own. `ext4 writeback` changes a size long before the contents
# that belong to it are written: what a crash then leaves is a file of the right length, full of zeros.
KINDS = {
    "ext4": ("ext4", "noauto_da_alloc", 16 << 20, ["mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0"]),
    "ext4 writeback": (
        "ext4", "noauto_da_alloc,nodelalloc,data=writeback", 16 << 20,
        ["mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0"]),
    "xfs": ("xfs", "nouuid", 32 << 20, ["mkfs.xfs", "-q", "-f"]),
    # See forgetting.py; what it lies on does not matter.
    "paper": ("ext4", "noauto_da_alloc", 16 << 20, ["mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0"]),
}
# Lets mkfs.xfs make a file system smaller than it likes.
SMALL = {"TEST_DIR": "x", "TEST_DEV": "x", "QA_CHECK_FS": "x"}
LIBC = ctypes.CDLL(None, use_errno=True)


class Unable(Exception):
    """This machine cannot do it: no root, no loop devices, no such file system."""


def missing():
    """What this machine lacks; empty where a campaign can run."""
    lacks = []
    if os.geteuid() != 0:
        lacks.append("root (loop mounts)")
    if not os.path.exists("/dev/loop-control"):
        lacks.append("loop devices (/dev/loop-control)")
    for program, package in [("mkfs.ext4", "e2fsprogs"), ("mkfs.xfs", "xfsprogs"), ("losetup", "mount"),
                             ("strace", "strace")]:
        if not shutil.which(program):
            lacks.append(f"{program} (apt-get install {package})")
    return lacks


def hide():
    """Takes this process's mounts to itself: nobody else can hold on to one, and they go when the process does."""
    if LIBC.unshare(0x20000) != 0 or LIBC.mount(b"none", b"/", None, 0x4000 | 0x40000, None) != 0:
        raise Unable(f"a mount namespace of its own: {os.strerror(ctypes.get_errno())}")


class Volume:
    """One image file on one loop device, mounted at one place; filled again from other images between uses."""

    def __init__(self, kind, folder, place):
        self.kind, self.place = kind, place
        self.type, self.options, self.size, self.maker = KINDS[kind]
        os.makedirs(place)
        self.image = os.path.join(folder, os.path.basename(place) + ".img")
        with open(self.image, "wb") as file:
            file.truncate(self.size)
        self.is_mounted, self.device = False, None
        self._run([*self.maker, self.image])
        self.device = self._run(["losetup", "-f", "--show", self.image]).strip()

    def _run(self, command):
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **SMALL})
        if done.returncode != 0:
            raise Unable(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def mount(self):
        if LIBC.mount(self.device.encode(), self.place.encode(), self.type.encode(), 0, self.options.encode()) != 0:
            raise Unable(f"mount {self.kind}: {os.strerror(ctypes.get_errno())}")
        self.is_mounted = True

    def unmount(self):
        if self.is_mounted and LIBC.umount2(self.place.encode(), 0) != 0:
            raise Unable(f"unmount {self.place}: {os.strerror(ctypes.get_errno())}")
        self.is_mounted = False

    def cut(self, flag):
        """Cuts the power, and mounts what is left."""
        descriptor = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", flag))
        finally:
            os.close(descriptor)
        self.unmount()
        self.mount()

    def save(self, image):
        """Keeps the unmounted content, to be filled in again."""
        shutil.copyfile(self.image, image)

    def fill(self, image):
        """Takes the content of a saved image; the device stays the same, so do the numbers that plans remember."""
        with open(image, "rb") as source, open(self.image, "r+b") as target:
            while (block := source.read(1 << 20)):
                target.write(block)

    def close(self):
        """Leaves nothing mounted or attached, whatever happened."""
        if self.is_mounted:
            LIBC.umount2(self.place.encode(), 2)  # MNT_DETACH
            self.is_mounted = False
        if self.device:
            subprocess.run(["losetup", "-d", self.device], capture_output=True)
            self.device = None
