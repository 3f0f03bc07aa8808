"""How often a true gain is excluded where nearly all test sequences have equal outcomes: one arm
has 99 % of them right, and the other, which errs wherever the first does, 95 or 94 %.

before: percentiles of resamples, whatever their number, so that equal outcomes are [0, 0].
shipped: the exact bound where no outcome differs, and half a discordant unit for each side.
"""

import numpy as np
import pandas as pd

from benchmarks.statistics.studies import MARGIN, SHARES, arm_of, counts_of, percentiles_with_noise
from plmbench.compare.bootstrap import difference
from plmbench.compare.exact import discordant_part

UNITS, BETTER, GAINS = (2, 5, 10, 20, 40, 80, 150, 300), 0.99, (0.04, 0.05)
QUICK, TRIALS = 100, 600


def measure(quick: bool) -> pd.DataFrame:
    """Return one row per gain and number of test sequences."""
    rows = []
    for gain in GAINS:
        for units in UNITS:
            rng, counts = np.random.default_rng([7, units]), counts_of(units)
            before, shipped, equal = [], [], []
            for _ in range(QUICK if quick else TRIALS):
                luck = rng.random(units)
                sides = [
                    arm_of((luck < r)[None].astype(float), counts) for r in (BETTER, BETTER - gain)
                ]
                before.append(percentiles_with_noise(*sides, rng, units)[1] < MARGIN)
                part = [discordant_part(units, SHARES)]
                shipped.append(difference(*sides, units, SHARES, part).high < MARGIN)
                equal.append(sides[0].points == sides[1].points)
            names = {"gain": gain, "units": units, "equal": np.mean(equal)}
            rows.append(names | {"before": np.mean(before), "shipped": np.mean(shipped)})
    return pd.DataFrame(rows)
