"""Compares what the trainers say they wrote (ledger.py) with what is on disk and in the journals.

Nothing of the product is used: files are read and digested here, and so are the journals' lines."""

import collections
import datetime
import json
import os

from ledger import FOREVER, digest

# Files get their time in steps of a millisecond (trainer.py); two runs may end as one.
TIE = 2_000_000_000


def nanoseconds(text):
    whole, _, rest = text.rstrip("Z").partition(".")
    moment = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp()) * 1_000_000_000 + int((rest or "0").ljust(9, "0"))


class Move:
    """One trash record: what the journal says became of it."""

    def __init__(self, record, item, uid, at, began):
        self.record, self.uid, self.at, self.began = record, uid, at, began
        self.path, self.kind = item["path"], item["kind"]
        self.committed = self.restored = self.purging = self.purged = None
        self.cause = self.destination = None
        identities = [(item["identity"]["inode"], item["kind"], item["path"])]
        identities += [(one["identity"]["inode"], one["kind"], one["path"]) for one in item["contents"]]
        self.inodes = set(identities)
        self.runs = {(inode, path) for inode, kind, path in identities if kind == "run"}

    @property
    def is_in_trash(self):
        return self.committed is not None and self.restored is None and self.purging is None


def journal(path, uid):
    """The moves of one journal, in order, and what is wrong with it."""
    moves, wrong = {}, []
    began, number = 0, 0
    with open(path, "rb") as file:
        lines = file.read().split(b"\n")
    for line in lines:
        parts = line.split(b" ", 2)
        if len(parts) != 3 or not parts[0].isdigit() or len(parts[2]) != int(parts[0]):
            continue
        entry = json.loads(parts[2])
        at, event, operation = nanoseconds(entry["at"]), entry["event"], entry.get("op")
        number += 1
        if entry["seq"] != number:
            wrong.append(f"line {number} of the journal of {uid} has number {entry['seq']}")
        if event == "begin":
            began = at
        if event == "intent" and operation == "trash":
            moves[entry["record"]] = Move(entry["record"], entry["item"], uid, at, began)
        move = moves.get(entry.get("record"))
        if operation is None or operation == "trash" and event == "intent" or move is None:
            # Root's journal also tells what the workers of others did.
            if operation and move is None and event not in ("intent", "skip", "delegated"):
                wrong.append(f"{entry.get('record')} of {uid} is settled and was never begun")
        elif event == "intent" and operation == "restore":
            move.destination = entry["to"]
        elif event == "intent" and operation == "purge":
            move.purging, move.cause = at, entry["cause"]
        elif event == "commit":
            name = {"trash": "committed", "restore": "restored", "purge": "purged"}[operation]
            if getattr(move, name) is not None:
                wrong.append(f"{move.record} of {uid} was {name} twice")
            setattr(move, name, at)
    return moves, wrong


class Reckoning:
    """`pins`: inodes, from when until when, and whose; `starts`: of each user, when its commands were started."""

    def __init__(self, root, users, record, purge_after, keeps_latest, pins, starts):
        self.root, self.record, self.pins = root, record, pins
        self.purge_after, self.keeps_latest = purge_after * 1_000_000_000, keeps_latest
        self.violations = list(record.complaints)
        self.moves = []
        for uid in users:
            path = os.path.join(root, ".policy", str(uid), "journal")
            if os.path.exists(path):
                moves, wrong = journal(path, uid)
                for move in moves.values():
                    # The roots are looked at before the journal's account begins, by the owner or by root.
                    move.began = min(max(start for start in starts[who] if start < move.began)
                                     for who in {uid, users[0]})
                self.moves += moves.values()
                self.violations += wrong
        self.settled = [move for move in self.moves if move.committed is not None]
        self.lives = {}
        for key, run in record.runs.items():
            self.lives.setdefault(run["inode"], []).append((run["t"], key))

    def complain(self, text):
        self.violations.append(text)

    def take(self):
        self._trash()
        self._files()
        self._times()
        for move in self.settled:
            self._running(move)
            self._keeps(move)
            self._pinned(move)

    # What is where.
    def _trash(self):
        """The journal, the trash and its info files name the same records."""
        for uid in {move.uid for move in self.moves} | {int(name) for name in self._owners()}:
            home = os.path.join(self.root, ".policy", str(uid), "trash")
            stored = sorted(os.listdir(os.path.join(home, "files"))) if os.path.isdir(os.path.join(home, "files")) else []
            known = sorted(move.record for move in self.moves if move.uid == uid and move.is_in_trash)
            # A purge that something stopped goes on later.
            going = {move.record for move in self.moves if move.uid == uid and move.purging and move.purged is None}
            if [name for name in stored if name not in going] != known:
                self.complain(f"trash of {uid}: the journal knows {len(known)} things, {len(stored)} lie there: "
                              f"{sorted(set(known) ^ set(stored))[:5]}")
            for name in known:
                if not os.path.isfile(os.path.join(home, "info", name + ".trashinfo")):
                    self.complain(f"trash of {uid}: {name} has no info file")

    def _owners(self):
        folder = os.path.join(self.root, ".policy")
        return [name for name in (os.listdir(folder) if os.path.isdir(folder) else []) if name.isdigit()]

    def _found(self):
        places = {}
        for folder, _, files in os.walk(self.root):
            relative = os.path.relpath(folder, self.root)
            if relative.startswith(".policy/") and "/trash/files" not in "/" + relative:
                continue
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    places.setdefault(digest(file.read()), []).append(os.path.normpath(os.path.join(relative, name)))
        return places

    def _files(self):
        places = self._found()
        self.in_place = self.beside = self.in_trash = self.gone = self.unaccounted = 0
        by_inode = {}
        for move in self.settled:
            for inode, kind, path in move.inodes:
                by_inode.setdefault(inode, []).append(move)
        records = {move.record: move for move in self.settled}
        homes = {}
        for move in self.settled:
            if move.restored and move.destination:
                homes.setdefault(move.destination, []).append(move)
        # What was cut off in its first bytes may look the same in several runs, and tells nothing of where it belongs.
        times = collections.Counter(version.digest for version in self.record.versions.values())
        for (key, file), version in self.record.versions.items():
            if times[version.digest] > 1:
                continue
            run = self.record.runs[key]
            own = os.path.relpath(run["path"], self.root)
            found = places.get(version.digest, [])
            if len(found) > 1:
                self.complain(f"{key}: {file} is in {len(found)} places: {found}")
            if not found:
                if any(self._explains(move, version) for move in by_inode.get(run["inode"], [])) or any(
                        move.kind == "checkpoint" and self._explains(move, version)
                        and move.path.endswith("/" + file) for move in self.settled if self._is_under(move.path, own)):
                    self.gone += 1
                else:
                    self.unaccounted += 1
                    self.complain(f"{key}: {file}, written at {version.time}, is nowhere ({own})")
            elif found[0] == os.path.join(own, file):
                self.in_place += 1
            elif found[0].startswith(".policy/"):
                if found[0].split("/")[4] not in records:
                    self.complain(f"{key}: {file} is in the trash without a record: {found[0]}")
                self.in_trash += 1
            elif any(found[0] == home or found[0].startswith(home + "/") for home in homes):
                self.beside += 1
            else:
                self.complain(f"{key}: {file} is at {found[0]}, where nobody put it")

    @staticmethod
    def _is_under(path, run):
        return path.startswith(run + "/") or path.startswith(run + ".restored")

    def _explains(self, move, version):
        return move.purged is not None and version.time < move.committed

    def _times(self):
        for move in self.moves:
            if move.purging is None:
                continue
            if move.committed is None:
                self.complain(f"{move.record} was purged and never committed")
            elif move.cause != "elapsed" or move.purging - move.committed < self.purge_after:
                self.complain(f"{move.record} was purged ({move.cause}) after {move.purging - move.committed} ns")

    # What may have been moved.
    def _keys(self, move):
        """The runs of the ledger that a move took along."""
        for inode, path in move.runs:
            lives = [life for life in self.lives.get(inode, []) if life[0] < move.at]
            if lives:
                yield max(lives)[1]

    def _running(self, move):
        for evidence in self.record.evidence:
            path = os.path.relpath(evidence.path, self.root)
            below = move.path.startswith(path + "/")
            run = self.record.runs[evidence.run]
            # A name may have been another run's before.
            itself = run["t"] < move.at and any(inode == run["inode"] for inode, _ in move.runs)
            if not (below or itself) or move.committed > evidence.end:
                continue
            # An open file is seen when the roots are looked at; a lock and fresh stamps until the very move. In its place
            # when the evidence began, a run has moved later, even where only a recovery committed it.
            since = move.began if evidence.kind == "open" else move.committed if itself else move.at
            if evidence.start < since:
                self.complain(f"{evidence.run} was running ({evidence.kind}), and {move.kind} {move.path} was moved")

    def _keeps(self, move):
        if move.kind == "checkpoint":
            name = os.path.basename(move.path)
            if name in ("best.pt", "last.pt") or name.startswith("epoch") and int(name[5:].split(".")[0]) % 2 == 0:
                self.complain(f"{move.path} was trashed, and a rule keeps it")
            return
        for key in self._keys(move):
            for start, end in self.record.good.get(key, []):
                if start < move.began and move.committed < end:
                    self.complain(f"{key} at {move.path} was trashed, and its score keeps it")
            rests = [rest for rest in self.record.rests if rest.run == key and rest.start < move.at]
            if rests and self.record.runs[key]["user"] == move.uid:
                self._latest(move, key, max(rest.finished for rest in rests[-1:]))

    def _latest(self, move, key, finished):
        """At least so many runs of its user ended later and may have been there when it went."""
        newer = set()
        for rest in self.record.rests:
            run = self.record.runs[rest.run]
            if rest.run == key or run["user"] != move.uid or rest.finished < finished - TIE:
                continue
            if rest.start < move.committed and rest.end > move.began and not self._was_away(run, move):
                newer.add(rest.run)
        if len(newer) < self.keeps_latest:
            self.complain(f"{key} at {move.path} was trashed, and was one of the latest {self.keeps_latest}: {newer}")

    def _was_away(self, run, move):
        return any(
            other.committed < move.began and (other.restored or FOREVER) > move.committed and run["t"] < other.at
            for other in self.settled if other is not move and any(inode == run["inode"] for inode, _ in other.runs))

    def _pinned(self, move):
        taken = set(self._keys(move))
        for inode, start, end, _ in self.pins:
            # Its trainer may have removed the pinned run, and another have got its inode.
            pinned = [life for life in self.lives.get(inode, []) if life[0] < start]
            if start < move.at and move.committed < end and pinned and max(pinned)[1] in taken:
                self.complain(f"{move.path} was trashed, and was pinned")
