"""The table of what was measured, and the page that holds it."""

import os

import growth
import start
from measure import HERE

DOCS = os.path.join(HERE, "../../Docs")
BEGIN, END = "<!-- measured: written by `make bench` -->", "<!-- end of what was measured -->"


def row(what, measured, target, met=None):
    verdict = "" if met is None else "met" if met else "**not met**"
    return f"| {what} | {measured} | {target} | {verdict} |"


def table(results):
    lines = ["| what | measured | target | |", "| --- | --- | --- | --- |"]
    if "scan" in results:
        lines += scan_rows(results["scan"])
    if "plan" in results:
        lines += plan_rows(results["plan"], results.get("scan"))
    if "apply" in results:
        lines += apply_rows(results["apply"])
    if "start" in results:
        lines += start_rows(results["start"])
    if "growth" in results:
        lines += growth_rows(results["growth"])
    return "\n".join(lines)


def cost(sample):
    return f"{sample['wall']:.2f} s wall, {sample['user']:.2f} user + {sample['system']:.2f} system, " \
           f"{sample['kib'] / 1024:.0f} MiB"


def beside(theirs, ours):
    """How many times as long the others take, or we, in words that cannot be misread."""
    return f"{theirs / ours:.2f} × faster" if theirs >= ours else f"{ours / theirs:.2f} × slower"


def scan_rows(part):
    m, n = part["medians"], part["entries"]
    ours = m["policy"]
    out = [row(f"scan of {n:,} entries, snapshot of {part['snapshot bytes'] / 1e6:.0f} MB written, two threads", cost(ours), "")]
    ratio = ours["wall"] / m["c2"]["wall"]
    out.append(row("· beside the C walk, two threads (no file is read, nothing written)", f"{ratio:.2f} × ({cost(m['c2'])})",
                   "≤ 1.15 ×", ratio <= 1.15))
    if "c scan" in m:
        ratio = ours["wall"] / m["c scan"]["wall"]
        out.append(row("· beside a walk in C that reads the same files, of each table one column, and writes as many bytes",
                       f"{ratio:.2f} × ({cost(m['c scan'])})", ""))
    out.append(row("· the C walk, one thread", cost(m["c1"]), ""))
    out.append(row("· user time an entry", f"{ours['user'] / n * 1e9:,.0f} ns", "≤ 200 ns", ours["user"] / n <= 200e-9))
    for name, title, wanted in [("find", "`find -printf`", 2.2), ("du", "`du -s`", 1.8), ("ncdu", "`ncdu -o`", 1.8),
                                ("gdu", "`gdu -n`", 1.8), ("scandir", "Python `scandir` and `stat`", 3.5)]:
        if name not in m:
            out.append(row(f"· beside {title}", "not installed", f"≥ {wanted} × faster"))
            continue
        ratio = m[name]["wall"] / ours["wall"]
        out.append(row(f"· beside {title}", f"{beside(m[name]['wall'], ours['wall'])} ({cost(m[name])})",
                       f"≥ {wanted} × faster", ratio >= wanted))
    memory, room = ours["kib"] * 1024, n * 80 + (12 << 20)
    out.append(row("· peak memory", f"{(memory - (12 << 20)) / n:.0f} B an entry + 12 MiB", "≤ 80 B an entry + 12 MiB",
                   memory <= room))
    if "since" in m:
        out.append(row(f"· the same, packed ({part['packed bytes'] / 1e6:.0f} MB)", cost(m["packed"]), ""))
        ratio = m["packed"]["wall"] / m["since"]["wall"]
        out.append(row("· again with `--since`, nothing changed, packed", f"{ratio:.1f} × faster than a whole scan ({cost(m['since'])})",
                       "≥ 4 × faster", ratio >= 4))
    out.append(row("C reader of every `results.csv` (one column), one thread", cost(m["csv"]), ""))
    if "read one" not in m:
        out.append(row("· what a scan reads them with, alone", "not built", "≤ 1.25 ×"))
    else:
        ratio = m["read one"]["wall"] / m["csv"]["wall"]
        out.append(row("· what a scan reads them with, alone (the same column, the whole file checked)",
                       f"{ratio:.2f} × ({cost(m['read one'])})", "≤ 1.25 ×", ratio <= 1.25))
        ratio = m["read all"]["wall"] / m["csv"]["wall"]
        out.append(row("· the same, the best of every metric", f"{ratio:.2f} × ({cost(m['read all'])})", ""))
    if "pandas 500" in m:
        each = (m["pandas 500"]["wall"] - m["pandas import"]["wall"]) / 500
        out.append(row("· pandas, one `results.csv` (one column)", f"{each * 1e6:,.0f} µs", ""))
        if "read one" in m and part.get("tables"):
            ours = m["read one"]["wall"] / part["tables"]
            out.append(row("· one of them by what a scan reads them with, the walk included",
                           f"{ours * 1e6:,.0f} µs, {beside(each, ours)} than pandas", "≥ 50 × faster", each / ours >= 50))
    return out


def plan_rows(part, scanned):
    m = part["medians"]
    tree, file = m["tree"], m["file"]
    out = [row(f"tree → plan of {part['actions']:,} actions", cost(tree), "≤ 1.0 s", tree["wall"] <= 1.0),
           row(f"snapshot file (JSON Lines, {part['rows']:,} lines) → plan", cost(file), "≤ 1.0 s", file["wall"] <= 1.0)]
    if "packed" in m:
        out.append(row("packed snapshot → plan", cost(m["packed"]), "≤ 0.08 s", m["packed"]["wall"] <= 0.08))
        spent = m["packed nothing"]["user"] + m["packed nothing"]["system"]
        out.append(row("· of that, start, reading, and deciding that nothing goes", f"{spent:.2f} s processor", ""))
    spent = (file["user"] + file["system"] - m["nothing"]["user"] - m["nothing"]["system"]) / part["actions"]
    out.append(row("· deciding, explaining, sealing, writing and printing an action (this plan less one in which nothing goes)",
                   f"{max(spent, 0) * 1e6:,.1f} µs processor", ""))
    evaluated = part.get("evaluated")
    if evaluated:
        out.append(row(f"evaluating rules alone: a rule asked about a row, {evaluated['asked']:,} times, one thread",
                       f"{evaluated['nanoseconds']:,.0f} ns", "≤ 40 ns", evaluated["nanoseconds"] <= 40))
        out.append(row("· with decoding the facts that the rules read, once for all of them",
                       f"{evaluated['decoded_too']:,.0f} ns", ""))
    else:
        out.append(row("evaluating rules alone", "not built", "≤ 40 ns"))
    for name, wanted in [("polars", 4), ("duckdb", 10), ("pandas", 15)]:
        if name not in m:
            out.append(row(f"· the same query in {name}, same file, same result", "not installed", f"≥ {wanted} × faster"))
            continue
        ratio = m[name]["wall"] / file["wall"]
        out.append(row(f"· the same query in {name}, same file, same result", f"{beside(m[name]['wall'], file['wall'])} ({cost(m[name])})",
                       f"≥ {wanted} × faster", ratio >= wanted))
    return out


def apply_rows(part):
    m, n, files = part["medians"], part["runs"], part["purged files"]
    rate = lambda name: f"{n / m[name]:,.0f} items/s"
    out = [row(f"trash of {n:,} runs of 3 files, from the begin in the journal to the end, all of it on the disk; "
               f"{part['file system']}", rate("phase"), "≥ 5,000 items/s", n / m["phase"] >= 5000),
           row("· from the first intent on", rate("intents"), ""),
           row("· the whole `apply`: plan read, roots scanned again, workers", f"{rate('whole')} ({m['whole']:.2f} s)", ""),
           row("· the whole `apply` of one run", f"{m['one'] * 1000:.0f} ms", ""),
           row("· the same renames alone, nothing looked at, nothing synced", rate("bare"), ""),
           row(f"purge of {files:,} files in {files // 25:,} runs, two threads",
               f"{m['policy']:.2f} s wall, {m['policy cpu']:.2f} s processor", "")]
    for name, title, target, most in [("c", "the C delete, one thread", "≤ 1.2 ×", 1.2), ("rm", "`rm -rf`", "< 1 ×", 1.0),
                                      ("rm2", "two `rm -rf` side by side", "", None)]:
        ratio = m["policy"] / m[name]
        out.append(row(f"· beside {title}", f"{ratio:.2f} × its time ({m[name]:.2f} s wall, {m[name + ' cpu']:.2f} s processor)",
                       target, most and (ratio <= most if name == "c" else ratio < most)))
    return out


def start_rows(part):
    m = part["medians"]
    ms = lambda name: f"{m[name]['wall'] * 1000:.1f} ms"
    out = [row("`policy --help`, dynamic standard library", ms("help"), "≤ 7 ms", m["help"]["wall"] <= 0.007)]
    if "help static" not in m:
        out.append(row("· static", "not built", "≤ 3.5 ms"))
    else:
        out.append(row("· static", ms("help static"), "≤ 3.5 ms", m["help static"]["wall"] <= 0.0035))
    for name in sorted(m):
        if name.startswith("check "):
            out.append(row(f"`policy check` of {name[6:]}", ms(name), "≤ 20 ms", m[name]["wall"] <= 0.020))
            more = m.get(f"{start.FURTHER} further {name[6:]}")
            if more:
                each = (more["wall"] - m[name]["wall"]) / start.FURTHER
                out.append(row("· each further policy of the same command: read and analysed", f"{each * 1000:.2f} ms", "≤ 5 ms",
                               each <= 0.005))
    out.append(row("· `python3 -c pass`, for comparison", ms("python"), ""))
    return out


def growth_rows(part):
    sizes = part["sizes"]
    out = []
    for size in sizes:
        place = " in memory (tmpfs)" if size.get("fs") == "tmpfs" else ""
        medians = size["medians"]
        beside = f"; {medians['policy']['wall'] / medians['c2']['wall']:.2f} × the C walk"
        out.append(row(f"scan of {size['entries']:,} entries{place}", cost(medians["policy"]) + beside, ""))
    if len(sizes) > 1:
        first, last = sizes[0], sizes[-1]
        times = last["entries"] / first["entries"]
        slower = last["medians"]["policy"]["wall"] / first["medians"]["policy"]["wall"]
        base = 12 * 1024
        memory = (last["medians"]["policy"]["kib"] - base) / max(first["medians"]["policy"]["kib"] - base, 1)
        out.append(row(f"growth: {times:.0f} × the entries", f"{slower:.1f} × the time, {memory:.1f} × the memory above 12 MiB",
                       f"≤ {1.1 * times:.0f} × the time, ≤ {1.05 * times:.0f} × the memory",
                       slower <= 1.1 * times and memory <= 1.05 * times))
    return out


def write(results):
    """Replaces what lies between the two marks of the page."""
    path = os.path.join(DOCS, "Performance.md")
    with open(path) as file:
        text = file.read()
    first, last = text.index(BEGIN) + len(BEGIN), text.index(END)
    any_part = next(iter(results.values()))
    said = f"Measured on {any_part['date']}: {any_part['machine']}. Medians of interleaved runs, warm cache, ext4."
    body = f"\n{said}\n\n{table(results)}\n"
    if len(results.get("growth", {}).get("sizes", [])) > 1:
        growth.picture(results["growth"]["sizes"], os.path.join(DOCS, "performance-growth.svg"))
        body += "\n![Time and memory of a scan by entries](performance-growth.svg)\n"
    with open(path, "w") as file:
        file.write(text[:first] + body + text[last:])
