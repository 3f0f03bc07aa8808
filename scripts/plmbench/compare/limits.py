"""What keeps a comparison from finding a gain: test units, seeds of ablations, or other noise; and
how many more it would take."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import t as student

from plmbench.core.roles import ABLATION
from plmbench.core.verdicts import ALPHA, OTHER, SEEDS, TEST

POWER = 0.8  # with which a gain is found that is called detectable
MOST_SEEDS = 20  # that anyone draws


class Limit(NamedTuple):
    """The smallest gain that a network would have been found with over the hardest of its
    references, in 80 % of test subsets, and what makes most of that reference's error.

    would_take: how many test units or seeds would find a gain of a given size; 0 where more of
    these alone do not.
    """

    detectable_gain: float = np.nan
    limited_by: str = ""
    would_take: int = 0


class Hardest(NamedTuple):
    """The reference that is hardest to beat: variances by source, and what a gain of one standard
    error is multiplied with."""

    test: float
    seeds: float
    other: float
    freedom: float
    grows: bool  # whether its part of seeds falls with their number: that of an ablation

    def largest(self) -> str:
        """Return the source that makes most of the error."""
        parts = {TEST: self.test, SEEDS: self.seeds, OTHER: self.other}
        return max(parts, key=parts.__getitem__)


def factors(freedom: float | pd.Series, tested: int) -> np.ndarray:
    """Return how many standard errors a gain must have to be found; tested: how many networks are
    corrected for."""
    return student.isf(ALPHA / tested, freedom) + student.isf(1 - POWER, freedom)


def units_for(gain: float, hardest: Hardest, units: int, tested: int) -> int:
    """Return how many test units would find a gain; 0 where none would, for seeds are too few."""
    left = (gain / factors(hardest.freedom, tested)) ** 2 - hardest.seeds - hardest.other
    return int(np.ceil(units * hardest.test / left)) if left > 0 else 0


def seeds_for(gain: float, hardest: Hardest, seeds: int, tested: int) -> int:
    """Return how many seeds of each ablation would find a gain; 0 where not even MOST_SEEDS would.

    More seeds know their spread better. The pretrained network stays one draw: see
    `network_parts`."""
    for more in range(seeds + 1, MOST_SEEDS + 1):
        share = (1 + 1 / more) / (1 + 1 / seeds) if hardest.grows else 1.0
        freedom = hardest.freedom * (more - 1) / (seeds - 1)
        error = np.sqrt(hardest.test + share * hardest.seeds + hardest.other)
        if factors(freedom, tested) * error <= gain:
            return more
    return 0


def limit_of(rows: pd.DataFrame, tested: int, gain: float) -> Limit:
    """Return the Limit of a network whose differences that decide its verdict are `rows`; tested:
    how many networks are corrected for; gain: that `would_take` is for."""
    if rows.empty or not tested:
        return Limit()
    found = factors(rows["freedom"], tested) * rows["error"]
    if found.isna().any():
        return Limit()
    row = rows.loc[found.idxmax()]
    test, seeds = row["test_error"] ** 2, row["seed_error"] ** 2
    other = max(0.0, row["error"] ** 2 - test - seeds)
    hardest = Hardest(test, seeds, other, row["freedom"], row["role"] == ABLATION)
    limited_by, would_take = hardest.largest(), 0
    if limited_by == TEST:
        would_take = units_for(gain, hardest, row["units"], tested)
    elif limited_by == SEEDS:
        drawn = int(rows["seeds"][rows["role"] == ABLATION].min())
        would_take = seeds_for(gain, hardest, drawn, tested)
    return Limit(float(found.max()), limited_by, would_take)
