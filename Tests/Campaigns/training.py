"""One run while it is being trained: what its trainer writes, and whether all of it stays in its place meanwhile."""

import os
import time

from ledger import digest


class Gone(Exception):
    pass


class Training:
    """One run while it is being trained; paths go through its descriptor until it is known to be in its place."""

    def __init__(self, ledger, path, key, kind):
        self.ledger, self.path, self.key, self.kind = ledger, path, key, kind
        self.folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        self.held = f"/proc/self/fd/{self.folder}"
        self.base = self.held
        self.files = set()

    def close(self):
        os.close(self.folder)

    def note(self, event, **fields):
        self.ledger.note(event, run=self.key, **fields)

    def is_in_place(self):
        try:
            return os.stat(self.path).st_ino == os.fstat(self.folder).st_ino
        except OSError:
            return False

    def listed(self):
        found = {}
        for folder, folders, files in os.walk(self.held):
            # A run in the run is somebody else's.
            folders[:] = [name for name in folders if not os.path.exists(os.path.join(folder, name, "key.txt"))
                          and not (folder == self.held and name == "sub")]
            for name in files:
                full = os.path.join(folder, name)
                if not name.endswith(".tmp"):
                    found[os.path.relpath(full, self.held)] = full
        return found

    def begins(self):
        """The evidence is there: True when everything is in its place, so that from now on nothing may move."""
        self.files = set(self.listed())
        if not self.is_in_place():
            self.note("late")
            return False
        self.base = self.path
        self.note("evidence", kind=self.kind, path=self.path)
        return True

    def patiently(self, action, what):
        """Something may be moved and put back at once, when it was touched just then; longer, and it is gone."""
        for attempt in range(200):
            try:
                return action()
            except FileNotFoundError:
                if attempt == 0:
                    self.note("away", what=what)
                time.sleep(0.05)
        self.note("gone", what=what, kind=self.kind)
        raise Gone(what)

    def check(self):
        def look():
            if not self.is_in_place():
                raise FileNotFoundError
            for file in self.files:
                os.lstat(os.path.join(self.path, file))
        self.patiently(look, "the run")

    def write(self, file, content, rename=False, start=b""):
        """`start` is what is there already, and stays."""
        whole = start + content

        def once():
            full = os.path.join(self.base, file)
            try:
                # Not its parents: a run that was moved away for a moment must find its name free.
                os.mkdir(os.path.dirname(full))
            except FileExistsError:
                pass
            self.note("begin", file=file, digest=digest(whole))
            target = full + ".tmp" if rename else full
            with open(target, "ab" if start else "wb", buffering=0) as out:
                out.write(content[:len(content) // 2])
                time.sleep(0.002)
                out.write(content[len(content) // 2:])
            if rename:
                os.replace(target, full)
        self.patiently(once, file)
        self.files.add(file)
        self.note("done", file=file, digest=digest(whole), size=len(whole))

    def read(self, file):
        try:
            with open(os.path.join(self.base, file), "rb") as content:
                return content.read()
        except FileNotFoundError:
            return b""
