"""Start-up and checking: what an editor, a hook or a shell waits for."""

import glob
import os

from measure import HERE, interleaved


def run(policy, static, walk, rounds, folder):
    contenders = {"help": [policy, "--help"], "python": ["python3", "-c", "pass"]}
    if static:
        contenders["help static"] = [static, "--help"]
    for path in sorted(glob.glob(os.path.join(HERE, "../../policies/*/policy.yaml"))):
        contenders["check " + os.path.basename(os.path.dirname(path))] = [policy, "check", os.path.abspath(path)]
    return {"medians": interleaved(walk, contenders, rounds * 8, folder)}
