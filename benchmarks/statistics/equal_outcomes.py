"""How often a true gain is excluded where nearly all test sequences have equal outcomes: few of
them are right by one arm alone.

before: percentiles of resamples, whatever their number, so that equal outcomes are [0, 0].
shipped: the exact bound where no outcome differs, and half a discordant unit for each side.
"""

import numpy as np
import pandas as pd

from benchmarks.statistics.studies import MARGIN, SHARES, arm_of, counts_of, percentiles_with_noise
from plmbench.compare.bootstrap import difference
from plmbench.compare.exact import discordant_part

UNITS = (2, 5, 10, 20, 40, 80, 150, 300)
# {gain: shares of sequences that the better arm alone has right, and the other alone}
ALONE = {0.04: (0.04, 0.0), 0.05: (0.06875, 0.01875)}
QUICK, TRIALS = 100, 600


def measure(quick: bool) -> pd.DataFrame:
    """Return one row per gain and number of test sequences."""
    rows = []
    for gain, (first, second) in ALONE.items():
        for units in UNITS:
            rng, counts = np.random.default_rng([7, units]), counts_of(units)
            before, shipped, equal = [], [], []
            for _ in range(QUICK if quick else TRIALS):
                luck = rng.random(units)
                alone = luck < first, (first <= luck) & (luck < first + second)
                sides = [arm_of((~other)[None].astype(float), counts) for other in alone[::-1]]
                before.append(percentiles_with_noise(*sides, rng, units)[1] < MARGIN)
                part = [discordant_part(units, SHARES)]
                shipped.append(difference(*sides, units, SHARES, part).high < MARGIN)
                equal.append(not any(map(np.any, alone)))
            names = {"gain": gain, "units": units, "equal": np.mean(equal)}
            rows.append(names | {"before": np.mean(before), "shipped": np.mean(shipped)})
    return pd.DataFrame(rows)
