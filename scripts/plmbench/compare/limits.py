"""What keeps a comparison from finding a gain: test units, seeds of ablations, or other noise; and
how many more it would take."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.compare.tails import student_isf
from plmbench.core.noise_sources import NETWORKS, TEST
from plmbench.core.roles import ABLATION
from plmbench.core.verdicts import ALPHA

POWER = 0.8  # with which a gain is found that is called detectable
MOST_SEEDS = 20  # that anyone draws


class Detectable(NamedTuple):
    """The smallest gain over the hardest of its references that a network would have been found
    with, in 80 % of test subsets, and where most of the noise of that comparison comes from.

    would_take: how many of these, test units or seeds of each ablation, would find a gain that was
    asked for; 0 where more of these alone do not.
    """

    gain: float = np.nan
    most_noise: str = ""
    would_take: int = 0


class Hardest(NamedTuple):
    """The comparison with the reference that is hardest to beat: its variances by source, and its
    degrees of freedom."""

    test: float
    seeds: float
    other: float
    freedom: float
    falls: bool  # whether the part of seeds falls with their number: that of an ablation


def factors(freedom: float | pd.Series, tested: int) -> np.ndarray:
    """Return how many standard errors a gain must have to be found; tested: how many networks are
    corrected for."""
    return student_isf(ALPHA / tested, freedom) + student_isf(1 - POWER, freedom)


def units_for(gain: float, hardest: Hardest, units: int, tested: int) -> int:
    """Return how many test units would find a gain; 0 where none would, for seeds are too few."""
    left = (gain / factors(hardest.freedom, tested)) ** 2 - hardest.seeds - hardest.other
    return int(np.ceil(units * hardest.test / left)) if left > 0 else 0


def seeds_for(gain: float, hardest: Hardest, seeds: int, tested: int) -> int:
    """Return how many seeds of each ablation would find a gain; 0 where not even MOST_SEEDS would.

    More seeds know their spread better. The pretrained network stays one draw: see
    `network_parts`."""
    for more in range(seeds + 1, MOST_SEEDS + 1):
        share = (1 + 1 / more) / (1 + 1 / seeds) if hardest.falls else 1.0
        freedom = hardest.freedom * (more - 1) / (seeds - 1)
        error = np.sqrt(hardest.test + share * hardest.seeds + hardest.other)
        if factors(freedom, tested) * error <= gain:
            return more
    return 0


def detectable_gain(rows: pd.DataFrame, tested: int, asked: float) -> Detectable:
    """Return what would have been found of a network, whose differences that decide its verdict are
    `rows`; tested: how many are corrected for; asked: the gain that `would_take` is for."""
    if rows.empty or not tested:
        return Detectable()
    gains = factors(rows["freedom"], tested) * rows["error"]
    if gains.isna().any():
        return Detectable()
    row = rows.loc[gains.idxmax()]
    test, seeds = row["test_error"] ** 2, row["seed_error"] ** 2
    other = max(0.0, row["error"] ** 2 - test - seeds)
    hardest = Hardest(test, seeds, other, row["freedom"], row["role"] == ABLATION)
    drawn = rows["seeds"][rows["role"] == ABLATION].min()
    would_take = 0
    if row["most_noise"] == TEST:
        would_take = units_for(asked, hardest, row["units"], tested)
    elif row["most_noise"] == NETWORKS and drawn > 1:
        would_take = seeds_for(asked, hardest, int(drawn), tested)
    return Detectable(float(gains.max()), str(row["most_noise"]), would_take)
