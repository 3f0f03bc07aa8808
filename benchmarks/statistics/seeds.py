"""What intervals and `benefits` of one difference are worth, by number of ablation seeds, spread
between networks and test sequences: as they were, shipped, and without what other ablations tell.

The truth is that the pretrained network is a draw like the ablated ones: a gain of 0.
"""

import sys
from itertools import product

import numpy as np
import pandas as pd

from benchmarks.statistics.studies import (
    NETWORKS,
    SHARES,
    Truth,
    arms_of,
    counts_of,
    percentiles_with_noise,
    prior_from,
)
from plmbench.compare.bootstrap import difference
from plmbench.compare.exact import discordant_part

SEEDS, SPREADS, UNITS = (1, 2, 3, 5), (0.0, 0.02, 0.04), (150, 1000)
QUICK, TASKS = 5, 40
LEVEL = 0.025  # of one side, at which `benefits` of one row is nominal in a 95 % interval


def intervals(
    rng: np.random.Generator, truth: Truth, counts: np.ndarray
) -> dict[str, list[tuple[float, float, bool]]]:
    """Return of the networks of one task, minus reinit: low, high, and whether p is clear."""
    shared = rng.standard_normal(truth.units)
    arms = [arms_of(rng, truth, counts, shared) for _ in range(NETWORKS)]
    prior = prior_from([one[name] for one in arms for name in ("reinit", "resample")])
    others = [discordant_part(truth.units, SHARES)]
    found: dict[str, list] = {"before": [], "shipped": [], "own seeds alone": []}
    for one in arms:
        sides = one["network"], one["reinit"]
        low, high, p = percentiles_with_noise(*sides, rng, truth.units)
        found["before"].append((low, high, p < 2 * LEVEL and low + high > 0))
        for name, told in (("shipped", prior), ("own seeds alone", None)):
            e = difference(*sides, truth.units, SHARES, others, told)
            found[name].append((e.low, e.high, e.p < 2 * LEVEL and e.value > 0))
    return found


def measure(quick: bool) -> pd.DataFrame:
    """Return one row per number of seeds, spread, number of sequences, and rule."""
    rows = []
    for i, (units, seeds, spread) in enumerate(product(UNITS, SEEDS, SPREADS)):
        if quick and (units, spread) != (UNITS[0], SPREADS[-1]):
            continue
        print(f"seeds: {seeds}, spread {spread}, n {units}", file=sys.stderr, flush=True)
        rng, counts = np.random.default_rng([5, i]), counts_of(units)
        truth = Truth(spread=spread, seeds=seeds, units=units)
        found = [intervals(rng, truth, counts) for _ in range(QUICK if quick else TASKS)]
        for rule in found[0]:
            low, high, clear = np.array([row for one in found for row in one[rule]]).T
            held = (low <= 0) & (high >= 0)
            names = {"units": units, "seeds": seeds, "spread": spread, "rule": rule}
            rates = {"coverage": held.mean(), "width": (high - low).mean()}
            rows.append(names | rates | {"false_benefits": clear.mean()})
    return pd.DataFrame(rows)
