"""How time and memory grow with the tree, and the curve of it as a picture."""

import math
import os
import shutil
import subprocess
import sys

import scan
from measure import HERE, interleaved

MAKE_TREE = os.path.join(HERE, "../../scripts/bench-tree")


def measure(policy, walk, tree, rounds, folder):
    contenders = {"policy": [policy, "snapshot", "--root", tree, "-o", "now.jsonl"], "c2": [walk, "tree", tree, "2"]}
    kind = subprocess.run(["stat", "-f", "-c", "%T", tree], capture_output=True, text=True).stdout.strip()
    return {"entries": scan.entries(tree), "fs": kind, "medians": interleaved(walk, contenders, rounds, folder)}


def run(policy, walk, sizes, trees, rounds, folder):
    """`sizes` are numbers of runs: each such tree is made, measured and removed again. `trees` are there already."""
    result = [measure(policy, walk, os.path.abspath(tree), rounds, folder) for tree in trees]
    for runs in sizes:
        tree = os.path.join(folder, "tree")
        made = subprocess.run([sys.executable, MAKE_TREE, tree, str(runs)])
        if made.returncode == 0:
            result.append(measure(policy, walk, tree, rounds, folder))
        else:
            print(f"growth: no tree of {runs} runs could be made", file=sys.stderr)
        shutil.rmtree(tree, ignore_errors=True)
    return {"sizes": sorted(result, key=lambda size: size["entries"])}


def picture(points, path):
    """Time and memory over entries, both axes logarithmic, as SVG without anything from elsewhere."""
    width, height, left, top = 640, 360, 64, 24
    right, bottom = width - 72, height - 48
    lines = [("policy", "wall", "#0b6e99", "seconds"), ("c2", "wall", "#888888", "seconds, the walk in C"),
             ("policy", "kib", "#b5482a", "peak memory, 100 MiB")]
    value = lambda point, name, what: point["medians"][name][what] / (102400 if what == "kib" else 1)
    xs = [math.log10(point["entries"]) for point in points]
    ys = [math.log10(max(value(point, name, what), 1e-3)) for point in points for name, what, _, _ in lines]
    x0, x1, y0, y1 = min(xs), max(xs), math.floor(min(ys)), math.ceil(max(ys))
    place = lambda x, y: (left + (x - x0) / (x1 - x0) * (right - left), bottom - (y - y0) / (y1 - y0) * (bottom - top))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
           f'<title>Time and memory of a scan by entries</title><rect width="{width}" height="{height}" fill="#ffffff"/>']
    for power in range(y0, y1 + 1):
        x, y = place(x0, power)
        out.append(f'<line x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#dddddd"/>'
                   f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0 ** power:g}</text>')
    for point, x in zip(points, xs):
        column, _ = place(x, y0)
        out.append(f'<line x1="{column:.1f}" y1="{top}" x2="{column:.1f}" y2="{bottom}" stroke="#eeeeee"/>'
                   f'<text x="{column:.1f}" y="{bottom + 18}" text-anchor="middle">{point["entries"] / 1000:,.0f}k</text>')
    for number, (name, what, colour, title) in enumerate(lines):
        spots = [place(x, math.log10(max(value(point, name, what), 1e-3))) for x, point in zip(xs, points)]
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
                   + " ".join(f"{x:.1f},{y:.1f}" for x, y in spots) + '"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in spots]
        out.append(f'<text x="{left + 12}" y="{top + 14 + 16 * number}" fill="{colour}">{title}</text>')
    out.append(f'<text x="{(left + right) / 2}" y="{height - 10}" text-anchor="middle">entries</text></svg>')
    with open(path, "w") as file:
        file.write("\n".join(out) + "\n")
