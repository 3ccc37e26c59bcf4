"""What the simulated trainers wrote, told by themselves, outside the root: one JSON object a line, one file a worker.

A file is `begin`-ed with the digest that it is going to have before the first byte of it changes, and `done` when it has
it: whatever a trainer completed and did not itself begin to change or remove later must be found again."""

import collections
import glob
import hashlib
import json
import os
import time

Version = collections.namedtuple("Version", "digest size time")
# When nothing may move: from a moment at which everything was seen in its place, while the evidence lasts.
Evidence = collections.namedtuple("Evidence", "run path kind start end")
# When a run was not running: its time by its files, and when that began and ended for the policy.
Rest = collections.namedtuple("Rest", "run finished start end")
FOREVER = 1 << 62


def digest(content):
    return hashlib.sha256(content).hexdigest()


class Ledger:
    def __init__(self, path):
        # One write a line: a line is there whole or not at all, whoever is killed.
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def note(self, event, **fields):
        os.write(self.file, json.dumps({"t": time.time_ns(), "e": event, **fields}).encode() + b"\n")


class Record:
    """All ledgers of a folder, read."""

    def __init__(self, folder):
        self.counts = collections.Counter()
        self.versions = {}
        self.runs = {}
        self.evidence, self.rests, self.complaints = [], [], []
        self.good = {}
        self._open, self._resting, self._begun = {}, {}, {}
        lines = []
        for path in glob.glob(os.path.join(folder, "*")):
            with open(path, "rb") as file:
                lines += [json.loads(line) for line in file]
        lines.sort(key=lambda line: line["t"])
        for line in lines:
            getattr(self, "_" + line["e"])(line)
        self.evidence += [started._replace(end=FOREVER) for started in self._open.values()]
        self.rests += self._resting.values()

    def _run(self, line):
        self.runs[line["run"]] = line
        self.counts["runs"] += 1

    def _begin(self, line):
        self._begun[line["run"], line["file"]] = line["digest"]

    def _done(self, line):
        key = line["run"], line["file"]
        self._begun.pop(key, None)
        self.versions[key] = Version(line["digest"], line["size"], line["t"])
        self.counts["versions"] += 1
        self.counts["bytes"] += line["size"]

    def _seen(self, line):
        """After a crash: what is there. What was begun is now as it is; what was done must be as it was."""
        for file, (found, size) in line["files"].items():
            key = line["run"], file
            known = self.versions.get(key)
            if key in self._begun:
                del self._begun[key]
                # Killed before it touched the file: that is as old as it was, and may have been moved meanwhile.
                if known and known.digest == found:
                    continue
                self.versions.pop(key, None)
                # Cut off before its first byte: nothing to be found again, and like any other such.
                if size > 0:
                    self.versions[key] = Version(found, size, line["t"])
            elif known and known.digest != found:
                self.complaints.append(f"{line['run']}: {file} is not what its trainer had written last")
        for key in [key for key in self._begun if key[0] == line["run"]]:
            del self._begun[key]

    def _remove(self, line):
        for key in [key for key in self.versions if key[0] == line["run"] and line["file"] in ("", key[1])]:
            del self.versions[key]
            self.counts["removed by their trainers"] += 1
        if line["file"] == "":
            self._end_rest(line)

    def _good(self, line):
        self.good.setdefault(line["run"], []).append([line["t"], FOREVER])

    def _ungood(self, line):
        for span in self.good.get(line["run"], []):
            span[1] = min(span[1], line["t"])

    def _evidence(self, line):
        self._open[line["run"]] = Evidence(line["run"], line["path"], line["kind"], line["t"], None)
        self.counts["by " + line["kind"]] += 1
        self._end_rest(line)

    def _release(self, line):
        started = self._open.pop(line["run"], None)
        if started:
            self.evidence.append(started._replace(end=line["t"]))

    def _aged(self, line):
        """From before the stamps go back on, the run may count as ended."""
        self._end_rest(line)
        self._resting[line["run"]] = Rest(line["run"], line["finished"], line["t"], FOREVER)

    def _end_rest(self, line):
        rest = self._resting.pop(line["run"], None)
        if rest:
            self.rests.append(rest._replace(end=line["t"]))

    def _gone(self, line):
        self._open.pop(line["run"], None)
        if line["kind"] != "open":
            self.complaints.append(f"{line['run']}: {line['what']} went away while it was running ({line['kind']})")
        self.counts["overtaken"] += 1

    def _late(self, line):
        self.counts["came too late"] += 1

    def _away(self, line):
        self.counts["away for a moment"] += 1

    def _crash(self, line):
        self.counts["crashes"] += 1
