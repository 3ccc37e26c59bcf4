"""A file system on paper that keeps no more than POSIX promises.

ext4 and XFS have one log: any sync makes every change of names before it last, so there they cannot show that the folder
which was changed has to be synced. Here an entry lasts when its folder was synced, a move when both folders were, and
contents when the file was. After a program was killed, `forget` undoes in place what of its changes had no right to last."""

import os
import re
import shutil

from cuts import lines

CALL = re.compile(r"^\d+ +([a-z_0-9]+)\((.*)\) += (-?\d+)(.*)$")
FOLDER = re.compile(r'\d+<((?:[^>\\]|\\.)*)>, "([^"]*)"')
FILE = re.compile(r"^\d+<((?:[^>\\]|\\.)*)>")
TRACED = ["mkdirat", "openat", "renameat2", "pwrite64", "ftruncate", "fsync", "fdatasync", "syncfs"]


class Paper:
    def __init__(self, tops):
        """What lies below `tops` now lasts."""
        self.sizes, self.known = {}, set()
        for top in tops:
            for folder, _, files in os.walk(top):
                self.known.add(folder)
                for file in files:
                    path = os.path.join(folder, file)
                    self.known.add(path)
                    self.sizes[path] = os.lstat(path).st_size
        self.tops = tops
        self.written = dict(self.sizes)
        # Changes of names that may be lost: [kind, path, from, the folders that are not synced yet].
        self.open = []

    def read(self, trace):
        """Takes in what a traced process did; a call that was not carried out is none."""
        for line in lines(trace):
            match = CALL.match(line)
            if match and int(match.group(3)) >= 0 and "INJECTED" not in match.group(4):
                self.take(match.group(1), match.group(2))

    def take(self, name, arguments):
        ends = [os.path.join(folder, entry) for folder, entry in FOLDER.findall(arguments)]
        file = FILE.match(arguments)
        file = file and file.group(1)
        if not any((file or "").startswith(top) for top in self.tops):
            return
        if name == "mkdirat" and ends or name == "openat" and "O_CREAT" in arguments and ends[0] not in self.known:
            self.known.add(ends[0])
            self.open.append([name, ends[0], None, {os.path.dirname(ends[0])}])
            if name == "openat":
                self.sizes[ends[0]] = self.written[ends[0]] = 0
        elif name == "renameat2":
            self.open.append([name, ends[1], ends[0], {os.path.dirname(end) for end in ends}])
        elif name == "pwrite64":
            length, offset = (int(number) for number in arguments.rsplit(", ", 2)[1:])
            self.written[file] = max(self.written.get(file, 0), offset + length)
        elif name == "ftruncate":
            self.written[file] = int(arguments.rsplit(", ", 1)[1])
            self.sizes[file] = min(self.sizes.get(file, 0), self.written[file])
        elif name == "fdatasync":
            self.sizes[file] = self.written.get(file, 0)
        elif name == "fsync":
            for change in self.open:
                change[3].discard(file)
        elif name == "syncfs":
            self.sizes.update(self.written)
            self.open = [change for change in self.open if not self._same(change[1], file)]
        self.open = [change for change in self.open if change[3]]

    def _same(self, path, other):
        return os.lstat(os.path.dirname(path)).st_dev == os.lstat(other).st_dev

    def forget(self, only=None):
        """Undoes all that does not last yet, or of the names `only` one change."""
        for number, (name, path, source, _) in reversed(list(enumerate(self.open))):
            if only not in (None, number) or not os.path.lexists(path):
                continue
            if name == "renameat2":
                if not os.path.lexists(source):
                    os.rename(path, source)
            elif name == "mkdirat":
                shutil.rmtree(path)
            else:
                os.unlink(path)
        for path, size in self.sizes.items():
            if os.path.isfile(path) and size < os.lstat(path).st_size and size < self.written.get(path, 0):
                os.truncate(path, size)
