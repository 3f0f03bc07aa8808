"""What keeps a comparison from finding a gain: test units, seeds of ablations, or other noise; and
how many more it would take."""

from typing import Any, NamedTuple

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
    asked for and is smaller; 0 where more of these alone do not, or none are needed.
    """

    gain: float = np.nan
    most_noise: str = ""
    would_take: int = 0


class Question(NamedTuple):
    """What is asked of more test units or seeds: a gain that is to be found, and how many networks
    are corrected for."""

    gain: float
    tested: int


def factors(freedom: Any, tested: int) -> np.ndarray:
    """Return how many standard errors a gain must have to be found; tested: how many networks are
    corrected for."""
    return student_isf(ALPHA / tested, freedom) + student_isf(1 - POWER, freedom)


def variances_of(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what test units, networks that ablations drew, and all else add to the variance of
    each difference [row]."""
    test, seeds = (rows[name].to_numpy() ** 2 for name in ("test_error", "seed_error"))
    return test, seeds, np.maximum(0.0, rows["error"].to_numpy() ** 2 - test - seeds)


def units_for(question: Question, rows: pd.DataFrame) -> int:
    """Return how many test units would find a gain over every reference; 0 where none would."""
    test, seeds, other = variances_of(rows)
    left = (question.gain / factors(rows["freedom"], question.tested)) ** 2 - seeds - other
    if (left <= 0).any():
        return 0
    return int(np.ceil(rows["units"].to_numpy() * test / left).max())


def seeds_for(question: Question, rows: pd.DataFrame) -> int:
    """Return how many seeds of each ablation would find a gain over every reference; 0 where not
    even MOST_SEEDS would.

    More seeds know their spread better. The pretrained network stays one draw of it: see
    `network_parts`.
    """
    test, spread, other = variances_of(rows)
    ablated = (rows["role"] == ABLATION).to_numpy()
    drawn = int(rows["seeds"][ablated].min())
    for more in range(drawn + 1, MOST_SEEDS + 1) if drawn > 1 else ():
        share = np.where(ablated, (1 + 1 / more) / (1 + 1 / drawn), 1.0)
        freedom = rows["freedom"] * (more - 1) / (drawn - 1)
        errors = np.sqrt(test + share * spread + other)
        if (factors(freedom, question.tested) * errors <= question.gain).all():
            return more
    return 0


ENOUGH = {TEST: units_for, NETWORKS: seeds_for}  # how many of a source; of others nothing is known


def detectable_gain(rows: pd.DataFrame, tested: int, asked: float) -> Detectable:
    """Return what would have been found of a network, whose differences that decide its verdict are
    `rows`; tested: how many are corrected for; asked: the gain that `would_take` is for."""
    if rows.empty or not tested:
        return Detectable()
    gains = factors(rows["freedom"], tested) * rows["error"]
    if gains.isna().any():
        return Detectable()
    most = str(rows["most_noise"][gains.idxmax()])
    needed = gains.max() > asked and most in ENOUGH
    enough = ENOUGH[most](Question(asked, tested), rows) if needed else 0
    return Detectable(float(gains.max()), most, enough)
