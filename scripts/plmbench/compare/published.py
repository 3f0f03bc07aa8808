"""The published study's own rule, so that its verdicts and ours can be compared like with like.

Li et al. (2024, doi 10.1101/2024.02.05.578959) compare last layers: a network benefits where it
scores above one-hot, and above each of its ablations by a one-sided t-test of their seeds against
its one score, at 0.05 and without correction. It scales where besides the score rises with each
step in size, and its rank correlation with depth and with pretraining is 0.9 or more.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from plmbench.compare.tails import student_sf
from plmbench.core.axes import DEPTH, PRETRAINING, SIZE
from plmbench.core.roles import ABLATION, BASELINE
from plmbench.core.selections import LAST
from plmbench.core.verdicts import BENEFITS, NO_BENEFIT, SCALES, YES

CUTOFF = 0.05
LEAST_RHO = {SIZE: 1.0, DEPTH: 0.9, PRETRAINING: 0.9}
FEWEST = 2  # seeds of a t-test


def exceeds_seeds(row: Mapping[str, float]) -> bool:
    """Tell whether seeds of an ablation lie below one score, by a one-sided t-test."""
    error = row["seed_sd"] / np.sqrt(row["seeds"])
    if error == 0:
        return row["difference"] > 0
    return bool(student_sf(row["difference"] / error, row["seeds"] - 1) < CUTOFF)


def rises(rho: Mapping[str, float]) -> bool:
    """Tell whether every rank correlation that was measured is as high as the rule asks."""
    measured = [rho[axis] >= least for axis, least in LEAST_RHO.items() if np.isfinite(rho[axis])]
    return bool(measured) and all(measured)


def published_rule(own_rows: pd.DataFrame, rho: Mapping[str, float]) -> str:
    """Return the verdict of one network by the study's rule; "" where it says nothing: without a
    baseline, an ablation, or two seeds of it.

    own_rows: its differences; rho: {axis: rank correlation of its score}.
    """
    rows = own_rows[(own_rows["layer_selection"] == LAST) & (own_rows["in_verdict"] == YES)]
    baselines, ablations = (rows[rows["role"] == role] for role in (BASELINE, ABLATION))
    seeds = ablations["seeds"].min()
    if baselines.empty or not seeds >= FEWEST or rows["difference"].isna().any():
        return ""
    above = (baselines["difference"] > 0).all()
    if not (above and all(exceeds_seeds(row) for _, row in ablations.iterrows())):
        return NO_BENEFIT
    return SCALES if rises(rho) else BENEFITS
