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


def check_same(policy, folder):
    """What was taken over is what a whole search finds, but for the header with its times."""
    lines = []
    for name in ("now", "again"):
        subprocess.run([policy, "snapshot", "--from", name + ".packed", "-o", name + ".lines"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, name + ".lines"), "rb") as file:
            lines.append(file.read().split(b"\n", 1)[1])
    if lines[0] != lines[1]:
        sys.exit("scan: --since found other things than a whole search")


def run(policy, walk, tree, rounds, folder, python, reader=None):
    subprocess.run([policy, "snapshot", "--root", tree, "--packed", "-o", "before.packed"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run([policy, "snapshot", "--root", tree, "-o", "now.jsonl"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    length = str(os.path.getsize(os.path.join(folder, "now.jsonl")))
    contenders = {
        "policy": [policy, "snapshot", "--root", tree, "-o", "now.jsonl"],
        "packed": [policy, "snapshot", "--root", tree, "--packed", "-o", "now.packed"],
        "since": [policy, "snapshot", "--root", tree, "--packed", "-o", "again.packed", "--since", "before.packed"],
        "c2": [walk, "tree", tree, "2"],
        "c scan": [walk, "scan", tree, "2", "c.out", length],
        "c1": [walk, "tree", tree, "1"],
        "csv": [walk, "csv", tree],
        "find": ["find", tree, "-printf", "%i %s %b %T@ %C@ %U %p\n"],
        "du": ["du", "-s", tree],
        "scandir": [sys.executable, "-c", SCANDIR, tree],
    }
    if reader:
        contenders["read one"] = [reader, "one", tree]
        contenders["read all"] = [reader, "all", tree]
    if shutil.which("ncdu"):
        contenders["ncdu"] = ["ncdu", "-0", "-o", "ncdu.json", tree]
    if shutil.which("gdu"):
        contenders["gdu"] = ["gdu", "-n", "-p", "-s", tree]
    result = {"entries": entries(tree), "medians": interleaved(walk, contenders, rounds, folder)}
    if python:
        few = interleaved(walk, {"pandas 500": [python, "-c", PANDAS, tree], "pandas import": [python, "-c", "import pandas"]},
                          min(rounds, 3), folder)
        result["medians"].update(few)
    check_same(policy, folder)
    result["packed bytes"] = os.path.getsize(os.path.join(folder, "now.packed"))
    result["tables"] = int(subprocess.run([walk, "csv", tree], check=True, capture_output=True).stdout)
    if reader:
        for words in ("one", "all"):
            found = int(subprocess.run([reader, words, tree], check=True, capture_output=True).stdout)
            if found != result["tables"]:
                sys.exit(f"read-metrics {words} read {found} tables, the C reader {result['tables']}")
    result["snapshot bytes"] = os.path.getsize(os.path.join(folder, "now.jsonl"))
    return result
