"""Start-up and checking: what an editor, a hook or a shell waits for."""

import glob
import os
import shutil

from measure import HERE, interleaved

# Files beside the first: what they add is the reading and analysis of each, without start-up.
FURTHER = 20


def copies(path, name, folder):
    """The policy itself and as many more of the same under other names."""
    made = [os.path.join(folder, f"{name}-{number}.yaml") for number in range(FURTHER + 1)]
    for copy in made:
        shutil.copyfile(path, copy)
    return made


def run(policy, static, walk, rounds, folder):
    contenders = {"help": [policy, "--help"], "python": ["python3", "-c", "pass"]}
    if static:
        contenders["help static"] = [static, "--help"]
    for path in sorted(glob.glob(os.path.join(HERE, "../../policies/*/policy.yaml"))):
        name = os.path.basename(os.path.dirname(path))
        contenders["check " + name] = [policy, "check", os.path.abspath(path)]
        contenders[f"{FURTHER} further " + name] = [policy, "check", *copies(path, name, folder)]
    return {"medians": interleaved(walk, contenders, rounds * 8, folder)}
