"""Is every sync needed? Each is left out alone, and the power cut at every place after it: a sync that nothing misses is
one that the product does not need, or that the campaign does not know how to miss."""

import collections
import itertools
import multiprocessing
import os
import random

import cuts
import powerstate
from powerscene import LAYOUTS


def find(job):
    """label -> its mutants in one layout: (operation, kill before a recovery, sync, the steps after it)."""
    program, top, layout = job
    found = collections.defaultdict(list)
    with powerstate.scene(program, top, "ext4", layout) as scene:
        tried = [(operation, None, powerstate.steps(scene, operation)) for operation in powerstate.OPERATIONS]
        for operation in powerstate.RECOVERED:
            tried += [(operation, *prelude) for prelude in powerstate.preludes(scene, operation)]
        for operation, killed, steps in tried:
            arguments = powerstate.start(scene, operation, killed)
            origins = cuts.origins(scene, arguments)
            for place, step in enumerate(steps):
                if step.call[0] in cuts.SYNCS:
                    label = f"{origins.get(step.call) or 'unknown'}: {step.what}"
                    found[label].append((operation, killed, step, steps[place + 1:] + [None]))
    # The last call of a place first: what comes after one that is left out makes up for it.
    return {label: mutants[::-1] for label, mutants in found.items()}


def try_out(job):
    """For each label the first case that misses its sync, and how many cases were tried."""
    program, top, kind, layout, labels = job
    result = []
    with powerstate.scene(program, top, kind, layout) as scene:
        for label, mutants in labels:
            cases = in_turns([
                [powerstate.Case(operation, killed, step, dropped, flag)
                 for step in reversed(later) for flag in reversed(powerstate.flags(kind, layout))]
                for operation, killed, dropped, later in mutants])
            missed, count = None, 0
            for case in cases[:LIMIT]:
                try:
                    count += powerstate.carry_out(scene, case)
                except powerstate.BROKEN as violation:
                    count += 1
                    missed = f"{kind}, {layout}: {powerstate.words(case)}: {violation}"
                    break
            result.append((label, missed, count))
    return result


def in_turns(groups):
    """From each group one at a time. What is missing shows mostly at the end: that half comes from there, in order."""
    for group in groups:
        late = group[:len(group) // 2]
        early = [case for case in group if case not in late]
        random.Random(1).shuffle(early)
        group[:] = [case for pair in itertools.zip_longest(late, early) for case in pair if case]
    return [case for row in itertools.zip_longest(*groups) for case in row if case]


# Cases of one label, kind and layout; and what must be in a label for it to be tried at all.
LIMIT = int(os.environ.get("POLICY_POWER_LIMIT", "60"))
ONLY = os.environ.get("POLICY_POWER_ONLY", "")


def prove(program, top, kinds):
    with multiprocessing.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        found = dict(zip(LAYOUTS, pool.map(find, [(program, top, layout) for layout in LAYOUTS], chunksize=1)))
        labels = sorted(set(itertools.chain(*found.values())))
        labels = [label for label in labels if ONLY in label]
        missed, counts = {}, collections.Counter()
        for kind, layout in itertools.product(kinds, LAYOUTS):
            left = [(label, found[layout][label]) for label in labels if label in found[layout] and label not in missed]
            jobs = [(program, top, kind, layout, left[start::4]) for start in range(4)]
            for result in pool.imap_unordered(try_out, [job for job in jobs if job[4]], chunksize=1):
                for label, violation, count in result:
                    counts[label] += count
                    if violation:
                        missed[label] = violation
                        print(f"power cut: without {label}: after {counts[label]} cuts: {violation}"[:400], flush=True)
    alone = [label for label in labels if label not in missed]
    for label in alone:
        print(f"power cut: NOT MISSED: {label} ({counts[label]} cuts)")
    print(f"power cuts, one sync left out: {len(missed)} of {len(labels)} missed, {sum(counts.values())} states")
    return not alone
