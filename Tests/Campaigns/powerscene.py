"""Runs on volumes whose power is cut, and the account of them afterwards.

A root is on one volume; in the layout `state`, journal and lock are on a second one (`--state`), so that no sync of the one
can stand in for a sync of the other."""

import json
import os
import time

import cuts
import forgetting
from scene import ARCHIVING, POLICY, PURGE_AFTER, Scene, Violation, fingerprint, make_run
from volumes import FORGOTTEN, Volume

FEW = ["exp1", "exp2", "team/exp3", "team/deep/exp4"]
# More than 16, where the product changes to one sync for many files; none in the root itself, which then is not synced
# for their sake.
MANY = [f"team/exp{number}" for number in range(1, 18)] + ["group/exp18"]
PINNED, PIN = "exp1", "exp2"
LAYOUTS = ["own", "state"]


def small_run(path, name):
    os.makedirs(path)
    for file, content in {"args.yaml": b"task: detect\nepochs: 2\n", "results.csv": b"epoch,metrics/mAP50(B)\n1,0.5\n2,0.6\n",
                          "best.pt": name.encode() * 300}.items():
        full = os.path.join(path, file)
        with open(full, "wb") as out:
            out.write(content)
        os.utime(full, (time.time() - 3 * 86400,) * 2)
    os.utime(path, (time.time() - 3 * 86400,) * 2)


class PowerScene(Scene):
    """A scene whose volumes are filled again from images: `planned`, `applied`, `pinned`, `archiving`, each with few or many
    runs. Archives are beside the runs, or in the layout `state` on the second volume."""

    def __init__(self, policy, folder, kind, layout):
        self.policy, self.folder, self.kind, self.layout = policy, folder, kind, layout
        os.makedirs(folder)
        self.volumes = []
        self.prepared, self.paper = {}, None
        self.runs = self.path("root", "runs")
        self.cold = self.path("root" if layout == "own" else "aside", "cold")
        try:
            self.volumes.append(Volume(kind, folder, self.path("root")))
            if layout == "state":
                self.volumes.append(Volume(kind, folder, self.path("aside")))
        except BaseException:
            self.close()
            raise
        with open(self.path("p.yaml"), "w") as file:
            file.write(POLICY.replace("[runs]", "[root/runs]").replace("max_trash: 100,", "max_trash: 1000,"))
        with open(self.path("archiving.yaml"), "w") as file:
            file.write(ARCHIVING.format(target=self.cold).replace("[runs]", "[root/runs]"))

    def close(self):
        for volume in self.volumes:
            volume.close()

    # Every command that opens the journal is told where it is.
    def run(self, *arguments, prefix=(), check=None):
        more = ["--state", "aside/state"] if self.layout == "state" and arguments[0] != "plan" else []
        return super().run(*arguments, *more, prefix=prefix, check=check)

    def plan(self, policy="p.yaml"):
        self.run("plan", "-p", policy, "-o", "plan.json", check=[0])
        with open(self.path("plan.json")) as file:
            self.digest = json.load(file)["digest"]

    def restore(self):
        return ["trash", "restore", "--plan", self.digest, "--root", "root/runs"]

    def purge(self):
        return ["trash", "purge", "--root", "root/runs"]

    def recover(self):
        return ["recover", "--root", "root/runs"]

    def pin(self):
        return ["pin", os.path.join(self.runs, PIN), "--because", "a reason", "--root", "root/runs"]

    def stored(self):
        """Names in the trash by record."""
        files = os.path.join(self.runs, ".policy", str(os.getuid()), "trash", "files")
        names = os.listdir(files) if os.path.isdir(files) else []
        return {name.split("-", 2)[2] if name.startswith("state-") else name: os.path.join(files, name)
                for name in sorted(names)}

    def home(self, *parts):
        if self.layout == "own":
            return super().home(*parts)
        top = self.path("aside", "state")
        inner = os.listdir(top) if os.path.isdir(top) else []
        parts = parts[1:] if parts[0] == "trash" else parts
        return os.path.join(top, *(inner[:1] or ["none"]), str(os.getuid()), *parts)

    def records(self):
        listed = self.run("trash", "list", "--root", "root/runs", "--format", "json", check=[0, 3])
        text = listed.stdout.decode()
        return json.loads(text)["items"] if text.strip() else []

    # Preparing.
    def prepare(self, state):
        """Fills the volumes with `planned`, `applied`, `pinned` or `archiving`, or one of these with `many` behind it."""
        for volume in self.volumes:
            volume.unmount()
        if state not in self.prepared:
            self.make(state)
        images, self.prints, self.digest, plan = self.prepared[state]
        with open(self.path("plan.json"), "wb") as file:
            file.write(plan)
        for volume, image in zip(self.volumes, images):
            volume.fill(image)
            volume.mount()
        if self.kind == "paper":
            self.paper = forgetting.Paper([self.runs, self.cold, self.path("aside")])

    def make(self, state):
        for volume in self.volumes:
            volume._run([*volume.maker, volume.image])
            volume.mount()
        names = MANY if state.endswith("many") else FEW
        for name in names + ["keep"]:
            (small_run if state.endswith("many") else make_run)(os.path.join(self.runs, name), name)
        if self.layout == "state":
            os.mkdir(self.path("aside", "state"), 0o700)
        self.prints = {name: fingerprint(os.path.join(self.runs, name)) for name in names + ["keep"]}
        if state.startswith("pinned"):
            self.run("pin", os.path.join(self.runs, PINNED), "--because", "a reason", "--root", "root/runs", check=[0])
        if state.startswith("archiving"):
            os.mkdir(self.cold, 0o700)
        self.plan("archiving.yaml" if state.startswith("archiving") else "p.yaml")
        if state.startswith("applied"):
            self.run(*self.apply(), check=[0])
            if len(self.stored()) != len(names):
                raise Violation(f"only {len(self.stored())} of {len(names)} runs were trashed: the scene is wrong")
            time.sleep(PURGE_AFTER)
        images = []
        for volume in self.volumes:
            os.sync()
            volume.unmount()
            images.append(self.path(f"{os.path.basename(volume.place)}-{state.replace(' ', '-')}.img"))
            volume.save(images[-1])
        with open(self.path("plan.json"), "rb") as file:
            self.prepared[state] = (images, self.prints, self.digest, file.read())

    def cut(self, flags):
        if flags == (FORGOTTEN,):
            self.paper.forget()
        else:
            for volume, flag in zip(self.volumes, flags):
                volume.cut(flag)

    def traced(self, trace, step=None, dropped=None):
        """A prefix for a command that is to be stopped, as `cuts.stopping` says."""
        return cuts.stopping(trace, step, dropped, forgetting.TRACED if self.paper else ())

    # The account.
    def account(self):
        """Where each run is: its path, a trash record, or None where its purge has begun; and what is pinned."""
        stored = self.stored()
        prints = {record: fingerprint(path) for record, path in stored.items()}
        items = {item["record"]: item for item in self.records()}
        if sorted(items) != sorted(stored):
            raise Violation(f"the records {sorted(items)} and the trash {sorted(stored)} disagree")
        lines = self.journal()
        paths = {line["record"]: line["item"]["path"] for line in lines
                 if line["event"] == "intent" and line["op"] == "trash"}
        purged = {paths[line["record"]] for line in lines if line["event"] == "intent" and line["op"] == "purge"}
        found = {}
        for name, wanted in self.prints.items():
            full = os.path.join(self.runs, name)
            places = [name] if os.path.lexists(full) else []
            if places and fingerprint(full) != wanted:
                raise Violation(f"{name} is not what it was")
            for record in [record for record in stored if prints[record] == wanted]:
                self.check_record(record, name, items[record])
                places.append(record)
            if len(places) > 1:
                raise Violation(f"{name} is in {len(places)} places: {places}")
            if not places and name not in purged:
                raise Violation(f"{name} is nowhere")
            found[name] = places[0] if places else None
        strays = [record for record in stored if record not in found.values()]
        if strays:
            raise Violation(f"in the trash, and not whole or nobody's: {strays}")
        # A move undone on paper leaves a new change time behind: not what was copied, so the copy rightly stays as well.
        self.check_archives(self.history(), found, may_stay=self.paper is not None)
        return found

    def check_record(self, record, name, item):
        if item["path"] != name:
            raise Violation(f"{record} is {name}, and its record says {item['path']}")
        info = self.home("trash", "info", record + ".trashinfo")
        if not os.path.isfile(info):
            raise Violation(f"{record} has no info file")
        with open(info, "rb") as file:
            text = file.read()
        if not text.startswith(b"[Trash Info]\n") or f"/runs/{name}\n".encode() not in text or not text.endswith(b"\n"):
            raise Violation(f"the info file of {record} says {text[:60]!r}")

    def journal_bytes(self):
        try:
            with open(self.home("journal"), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""

    def pins(self):
        try:
            with open(self.home("pins"), "rb") as file:
                lines = [json.loads(line) for line in file.read().splitlines()]
        except FileNotFoundError:
            return set()
        except ValueError as error:
            raise Violation(f"the pins cannot be read: {error}") from error
        return {line["path"] for line in lines if "path" in line}
