"""Plans from a tree and from a snapshot file, beside the same query in polars, DuckDB and pandas."""

import json
import os
import subprocess
import sys

from measure import interleaved, once

POLICY = """version: 1
roots: [{tree}]
scan:
  user: "{{user}}/**"
trash: {{ purge_after: 24h }}
limits: {{ max_trash: 10000000, max_share: 100% }}
rules:
{rules}
"""
RULES = """  - { id: recent, keep: runs, where: state != failed, per: user, latest: 3 }
  - { id: good, keep: runs, where: mAP50 ?? 0 > 0.8 }
  - { id: stale, trash: runs, where: "state in [finished, interrupted]", after: 14d }
"""
NOTHING = """  - { id: nothing, keep: runs, where: state == failed }
"""
# Asked about every row of its kind, without anything that a plan does besides.
EVALUATED = """  - { id: best, keep: checkpoints, where: "role in [best, last]" }
  - { id: good, keep: runs, where: mAP50 ?? 0 > 0.8 }
  - { id: numbered, trash: checkpoints, where: "role == epoch and mAP50 ?? 0 < 0.5 and run.state == finished", after: 14d }
"""
# The same in three engines: they read the same file, and write the paths that go.
ENGINES = {
    "polars": """
import sys, polars as pl
from datetime import datetime, timedelta
head = pl.read_ndjson(sys.argv[1], n_rows=1)
now = datetime.strptime(head["now"][0][:26].rstrip("Z"), "%Y-%m-%dT%H:%M:%S.%f")
facts = pl.Struct({"user": pl.String, "state": pl.String, "finished_at": pl.String, "mAP50": pl.String})
t = pl.scan_ndjson(sys.argv[1], schema={"kind": pl.String, "path": pl.String, "facts": facts})
r = t.filter(pl.col("kind") == "run").select("path", pl.col("facts").struct.unnest()).with_columns(
    pl.col("mAP50").cast(pl.Float64), t=pl.col("finished_at").str.slice(0, 23).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f"))
r = r.with_columns(rank=pl.when(pl.col("state") != "failed").then(pl.col("t")).rank("ordinal", descending=True).over("user"))
gone = r.filter(pl.col("state").is_in(["finished", "interrupted"]), pl.col("t") <= now - timedelta(days=14),
                ~(pl.col("mAP50").fill_null(0) > 0.8), pl.col("rank") > 3)
gone.select("path").sort("path").collect().write_csv(sys.argv[2], include_header=False)
""",
    "duckdb": """
import sys, duckdb
duckdb.sql(f'''copy (with r as (
  select path, facts.user u, facts.state s, facts.mAP50::double m, facts.finished_at::timestamp t,
         row_number() over (partition by facts.user order by facts.finished_at desc) n
  from read_json('{sys.argv[1]}', format='newline_delimited', columns={{kind: 'varchar', path: 'varchar',
       facts: 'struct("user" varchar, state varchar, mAP50 varchar, finished_at varchar)'}}, maximum_object_size=10000000)
  where kind = 'run')
  select path from r where s in ('finished', 'interrupted') and n > 3 and not coalesce(m, 0) > 0.8
  and t <= (select now::timestamp from read_json('{sys.argv[1]}', format='newline_delimited', columns={{now: 'varchar'}}) limit 1)
           - interval 14 day order by path) to '{sys.argv[2]}' (header false)''')
""",
    "pandas": """
import sys, json, pandas
rows, now = [], None
with open(sys.argv[1]) as file:
    for line in file:
        value = json.loads(line)
        if now is None: now = value["now"]
        elif value.get("kind") == "run": rows.append({"path": value["path"], **value["facts"]})
t = pandas.DataFrame(rows)
t["m"], t["t"] = pandas.to_numeric(t.mAP50), pandas.to_datetime(t.finished_at, format="ISO8601")
t["n"] = t[t.state != "failed"].groupby("user").t.rank(ascending=False, method="first")
gone = t[t.state.isin(["finished", "interrupted"]) & (t.t <= pandas.to_datetime(now) - pandas.Timedelta(days=14))
         & ~(t.m.fillna(0) > 0.8) & (t.n > 3)]
gone.path.sort_values().to_csv(sys.argv[2], header=False, index=False)
""",
}


def write_policy(folder, name, tree, rules):
    with open(os.path.join(folder, name), "w") as file:
        file.write(POLICY.format(tree=tree, rules=rules))


def run(policy, walk, tree, rounds, folder, python, reader=None):
    write_policy(folder, "bench.yaml", tree, RULES)
    write_policy(folder, "nothing.yaml", tree, NOTHING)
    subprocess.run([policy, "snapshot", "-p", "bench.yaml", "-o", "plan.jsonl"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run([policy, "snapshot", "--from", "plan.jsonl", "--packed", "-o", "plan.packed"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    contenders = {
        "tree": [policy, "plan", "-p", "bench.yaml", "-o", "plan.json"],
        "file": [policy, "plan", "-p", "bench.yaml", "--snapshot", "plan.jsonl", "-o", "plan.json"],
        "packed": [policy, "plan", "-p", "bench.yaml", "--snapshot", "plan.packed", "-o", "packed.json"],
        "packed nothing": [policy, "plan", "-p", "nothing.yaml", "--snapshot", "plan.packed", "-o", "nothing.json"],
        "nothing": [policy, "plan", "-p", "nothing.yaml", "--snapshot", "plan.jsonl", "-o", "nothing.json"],
    }
    result = {"medians": interleaved(walk, contenders, rounds, folder)}
    with open(os.path.join(folder, "plan.json")) as file:
        plan = json.load(file)
    ours = sorted(action["path"] for action in plan["actions"])
    with open(os.path.join(folder, "plan.jsonl"), "rb") as file:
        result["rows"] = sum(1 for _ in file) - 1
    result["actions"] = len(ours)
    if not ours:
        sys.exit("plan: nothing was planned, so nothing was measured")
    if reader:
        write_policy(folder, "evaluated.yaml", tree, EVALUATED)
        words = subprocess.run([reader, "evaluate", os.path.join(folder, "evaluated.yaml"),
                                os.path.join(folder, "plan.packed")], check=True,
                               capture_output=True, text=True).stdout.split()
        result["evaluated"] = {
            "decoded_too": float(words[0]), "nanoseconds": float(words[1]), "asked": int(words[2]), "held": int(words[3])}
        if result["evaluated"]["held"] == 0:
            sys.exit("plan: no rule took hold of anything, so nothing was evaluated")
    engines = {}
    for name, program in ENGINES.items() if python else []:
        if subprocess.run([python, "-c", f"import {name}"], capture_output=True).returncode != 0:
            continue
        engines[name] = [python, "-c", program, "plan.jsonl", name + ".csv"]
        once(walk, engines[name], folder)
        with open(os.path.join(folder, name + ".csv")) as file:
            theirs = sorted(line.rstrip("\n").strip('"') for line in file)
        if theirs != ours:
            sys.exit(f"{name}: {len(theirs)} runs go, not the {len(ours)} of the plan")
    if engines:
        result["medians"].update(interleaved(walk, engines, min(rounds, 3), folder))
    return result
