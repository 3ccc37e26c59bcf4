#!/usr/bin/env python3
"""Measures `policy` beside reference programs and the tools of today, and writes Docs/Performance.md.

Usage: bench.py POLICY-PROGRAM [--tree DIR] [--static PROGRAM] [--python PROGRAM] [--reader PROGRAM] [--rounds 5]
                [--parts scan,plan,…] [--sizes 1850,5550,…] [--trees DIR,DIR,…] [--results FILE] [--page]

POLICY-PROGRAM is a release build. A tree of 541,000 entries is made where none is named. `--static` is a build with the
Swift libraries inside, `--python` a Python that has polars, duckdb or pandas, `--reader` the program of
Tests/Benchmarks/Reader: each may be left out, and its rows then say so. Results are kept in FILE, so that parts can be
measured one after the other; `--page` writes the page from them."""

import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile

import apply
import growth
import page
import plan
import scan
import start
from measure import HERE, compile_reference

PARTS = ["scan", "plan", "apply", "start", "growth"]


def machine():
    model = cores = ""
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name") and not model:
                model = line.split(":", 1)[1].strip()
    with open("/proc/meminfo") as file:
        memory = int(file.readline().split()[1]) >> 20
    return f"{os.cpu_count()} × {model or os.uname().machine}, {memory + 1} GiB, Linux {os.uname().release}"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("policy")
    options.add_argument("--tree")
    options.add_argument("--static")
    options.add_argument("--python")
    options.add_argument("--reader")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--parts", default=",".join(PARTS))
    options.add_argument("--sizes", default="1850,5550,18500,55500,185000")
    options.add_argument("--trees", default="")
    options.add_argument("--results", default="bench.json")
    options.add_argument("--page", action="store_true")
    chosen = options.parse_args()
    policy = os.path.abspath(chosen.policy)
    static = chosen.static and os.path.abspath(chosen.static)
    reader = chosen.reader and os.path.abspath(chosen.reader)
    python = chosen.python and os.path.abspath(chosen.python)
    results = {}
    if os.path.exists(chosen.results):
        with open(chosen.results) as file:
            results = json.load(file)
    parts = [part for part in chosen.parts.split(",") if part]
    with tempfile.TemporaryDirectory(dir=".") as folder:
        folder = os.path.abspath(folder)
        walk = compile_reference(folder)
        tree = chosen.tree and os.path.abspath(chosen.tree)
        if not tree and {"scan", "plan"} & set(parts):
            tree = os.path.join(folder, "runs")
            subprocess.run([sys.executable, os.path.join(HERE, "../../scripts/bench-tree"), tree], check=True)
        for part in parts:
            if part == "scan":
                results[part] = scan.run(policy, walk, tree, chosen.rounds, folder, python, reader)
            elif part == "plan":
                results[part] = plan.run(policy, walk, tree, chosen.rounds, folder, python, reader)
            elif part == "apply":
                results[part] = apply.run(policy, chosen.rounds, folder)
            elif part == "start":
                results[part] = start.run(policy, static, walk, chosen.rounds, folder)
            elif part == "growth":
                sizes = [int(size) for size in chosen.sizes.split(",") if size]
                trees = [tree for tree in chosen.trees.split(",") if tree]
                results[part] = growth.run(policy, walk, sizes, trees, min(chosen.rounds, 3), folder)
            else:
                sys.exit(f"no part `{part}`: write some of {', '.join(PARTS)}")
            results[part]["machine"] = machine()
            results[part]["date"] = datetime.date.today().isoformat()
            with open(chosen.results, "w") as file:
                json.dump(results, file, indent=1, sort_keys=True)
    text = page.table(results)
    print(text)
    if chosen.page:
        page.write(results)


if __name__ == "__main__":
    main()
