"""The attacker of the race campaign as a process: compiled here, run as a user without rights."""

import collections
import os
import subprocess

import race_scene

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "attacker.c")
PHASES = {"apply": "a", "restore": "r", "purge": "p"}


def compile_attacker(folder):
    program = os.path.join(folder, "attacker")
    subprocess.run(["cc", "-O2", "-o", program, SOURCE], check=True)
    return program


class Attack:
    """Acts between `begin` and `end`; `counts` is what it did so far."""

    def __init__(self, program, scene, acts, hold, seed, as_root=False):
        user = {} if as_root else {"user": race_scene.ATTACKER, "group": race_scene.ATTACKER, "extra_groups": []}
        self.process = subprocess.Popen(
            [program, scene.folder, str(race_scene.GROUPS), str(race_scene.EACH_GROUP), acts, str(hold), str(seed)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, **user)
        self.counts = collections.Counter()
        if self.process.stdout.readline() != b"ready\n":
            raise SystemExit("race: the attacker does not start: may uid "
                             f"{race_scene.ATTACKER} reach {scene.folder}?")

    def _tell(self, letter):
        self.process.stdin.write(letter.encode())
        self.process.stdin.flush()
        answer = self.process.stdout.readline().decode()
        if not answer:
            raise SystemExit(f"race: the attacker died with {self.process.wait()}")
        words = (word.split("=") for word in answer.split())
        self.counts = collections.Counter({kind: int(count) for kind, count in words})

    def begin(self, operation, is_patient=False):
        """`is_patient`: only from when the journal has grown, which anybody may see."""
        letter = PHASES[operation]
        self._tell(letter.upper() if is_patient else letter)

    def end(self):
        self._tell("i")

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
