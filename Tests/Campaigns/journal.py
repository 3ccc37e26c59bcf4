"""The journal, read by other means than the product's own: what each record of the trash has become."""

import json
import os
import zlib

# What an intent opens, and what a commit or an abort of it makes of the record.
OPENS = {"trash": "moving", "restore": "restoring", "purge": "purging"}
COMMITS = {"trash": "in trash", "restore": "restored", "purge": "purged"}
ABORTS = {"trash": "abandoned", "restore": "in trash", "purge": "in trash"}
# What each event can come after; `None`: a record that is new.
AFTER = {"trash": {None}, "restore": {"in trash"}, "purge": {"in trash"}}


class Damaged(Exception):
    """A journal that says what cannot be."""


def read(path):
    """The whole lines from the beginning on, and the bytes behind them."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return [], b""
    lines, place = [], 0
    while True:
        end = content.find(b"\n", place)
        parts = content[place:end].split(b" ", 2) if end >= 0 else []
        if len(parts) != 3 or not parts[0].isdigit() or int(parts[0]) != len(parts[2]):
            break
        if b"%08x" % zlib.crc32(parts[2]) != parts[1]:
            break
        lines.append(json.loads(parts[2]))
        if lines[-1]["seq"] != len(lines):
            raise Damaged(f"line {len(lines)} is numbered {lines[-1]['seq']}")
        place = end + 1
    return lines, content[place:]


class History:
    def __init__(self, path):
        self.lines, self.torn = read(path)
        # Of each record: where its item was, and what has become of it.
        self.paths, self.states = {}, {}
        # Of each archive: its folder and what it is of, and what has become of it; of each trash record its archive.
        self.archives, self.archived, self.copies = {}, {}, {}
        for line in self.lines:
            if line.get("op") == "archive" and line["event"] in ("intent", "commit", "abort", "keep"):
                self.add_archive(line)
            elif line["event"] in ("intent", "commit", "abort"):
                self.add(line)

    def add_archive(self, line):
        record, event = line["record"], line["event"]
        state = self.archived.get(record)
        if event == "intent":
            self.archives[record] = os.path.join(line["to"]["folder"], line["to"]["name"]), line["item"]["path"]
        allowed, becomes = {
            "intent": ({None}, "writing"), "commit": ({"writing"}, "copied"), "keep": ({"copied"}, "archived"),
            "abort": ({"writing", "copied"}, "abandoned")}[event]
        if state not in allowed:
            raise Damaged(f"line {line['seq']}: {event} of an archive, {record}, which is {state}")
        self.archived[record] = becomes

    def add(self, line):
        record, operation, event = line["record"], line["op"], line["event"]
        state = self.states.get(record)
        if event == "intent":
            allowed, becomes = AFTER[operation], OPENS[operation]
            if operation == "trash":
                self.paths[record] = line["item"]["path"]
                if "copy" in line["item"]:
                    self.copies[record] = line["item"]["copy"]
        else:
            allowed, becomes = {OPENS[operation]}, (COMMITS if event == "commit" else ABORTS).get(operation)
        if state not in allowed or becomes is None:
            raise Damaged(f"line {line['seq']}: {event} of {operation} for {record}, which is {state}")
        self.states[record] = becomes
        if becomes == "in trash" and operation == "trash" and record in self.copies:
            copy = self.copies[record]
            if self.archived.get(copy) != "copied":
                raise Damaged(f"line {line['seq']}: trashed with the archive {copy}, which is {self.archived.get(copy)}")
            self.archived[copy] = "archived"

    def kept(self):
        """Of the archives that are settled and there: folder and path of the run."""
        return {record: self.archives[record] for record, state in self.archived.items() if state == "archived"}

    def having(self, *states):
        return sorted(record for record, state in self.states.items() if state in states)

    def open(self):
        return self.having(*OPENS.values()) + sorted(
            record for record, state in self.archived.items() if state in ("writing", "copied"))
