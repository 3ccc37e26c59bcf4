"""A scan beside a walk in C and the programs that people use for it."""

import os
import shutil
import subprocess
import sys

from measure import interleaved

SCANDIR = """
import os, sys
rows, stack = [], [sys.argv[1]]
while stack:
    with os.scandir(stack.pop()) as entries:
        for entry in entries:
            s = entry.stat(follow_symlinks=False)
            rows.append((entry.name, s.st_ino, s.st_size, s.st_blocks, s.st_mtime_ns, s.st_ctime_ns, s.st_uid))
            if entry.is_dir(follow_symlinks=False):
                stack.append(entry.path)
"""
PANDAS = """
import os, sys, pandas
top = 0
for folder, _, files in os.walk(sys.argv[1]):
    if "results.csv" in files:
        pandas.read_csv(os.path.join(folder, "results.csv"))["metrics/mAP50(B)"].max()
        top += 1
        if top == 500: break
"""


def entries(tree):
    return int(subprocess.run(["find", tree, "-mindepth", "1", "-printf", "x"], check=True,
                              capture_output=True).stdout.count(b"x"))


def run(policy, walk, tree, rounds, folder, python):
    contenders = {
        "policy": [policy, "snapshot", "--root", tree, "-o", "now.jsonl"],
        "c2": [walk, "tree", tree, "2"],
        "c1": [walk, "tree", tree, "1"],
        "csv": [walk, "csv", tree],
        "find": ["find", tree, "-printf", "%i %s %b %T@ %C@ %U %p\n"],
        "du": ["du", "-s", tree],
        "scandir": [sys.executable, "-c", SCANDIR, tree],
    }
    if shutil.which("ncdu"):
        contenders["ncdu"] = ["ncdu", "-0", "-o", "ncdu.json", tree]
    if shutil.which("gdu"):
        contenders["gdu"] = ["gdu", "-n", "-p", "-s", tree]
    result = {"entries": entries(tree), "medians": interleaved(walk, contenders, rounds, folder)}
    if python:
        few = interleaved(walk, {"pandas 500": [python, "-c", PANDAS, tree], "pandas import": [python, "-c", "import pandas"]},
                          min(rounds, 3), folder)
        result["medians"].update(few)
    result["snapshot bytes"] = os.path.getsize(os.path.join(folder, "now.jsonl"))
    return result
