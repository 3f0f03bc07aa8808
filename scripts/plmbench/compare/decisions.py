"""Which differences are clear: p of each question, corrected for how often it is asked.

`benefits` is an intersection-union test (Berger 1982): a network must beat each of its references,
so that the largest p is that of the row, and Holm's correction (1979) runs over rows. A gain over
the best reference is excluded where it is over any of them, so that `no benefit` and `worse` are
corrected over all differences. Each of the three is in error in at most 5 % of studies.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from plmbench.compare.bootstrap import holm
from plmbench.compare.tails import student_sf
from plmbench.core.columns import NETWORK_ROW
from plmbench.core.roles import ABLATION, BASELINE, CONTROL
from plmbench.core.selections import LAST, VALIDATION
from plmbench.core.verdicts import ALPHA, NO, NOT_ASSESSABLE, UNCLEAR, YES

FEWEST_SEEDS = 3  # of an ablation that bears on a verdict


def bears_on_verdict(differences: pd.DataFrame, in_verdict: Mapping[str, bool]) -> pd.Series:
    """Tell of each difference whether its reference bears on the verdict: every baseline and every
    ablation but those that `in_verdict` {name: bool} leaves out. Controls never do."""
    left_out = [name for name, bears in in_verdict.items() if not bears]
    return differences["role"].isin([ABLATION, BASELINE]) & ~differences["reference"].isin(left_out)


def p_above(distance: pd.Series, differences: pd.DataFrame) -> np.ndarray:
    """Return how likely values without expectation lie this far above it [row]; NaN without p."""
    columns = (distance, differences["error"], differences["freedom"], differences["p"])
    far, error, freedom, p = (np.asarray(column, np.float64) for column in columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(error > 0, far / error, np.where(far > 0, np.inf, -np.inf))
    return np.where(np.isnan(p + far), np.nan, student_sf(ratio, freedom))


def sound_at_input(p: pd.Series, differences: pd.DataFrame) -> pd.Series:
    """Return p in which a network whose chosen layer is the input embedding has the larger one of
    this layer and its last.

    The ablations keep layer 0, so that there a network equals them whatever its blocks learned, and
    which layer is best is known from few examples.
    """
    key = [*NETWORK_ROW, "reference"]
    last = differences["layer_selection"] == LAST
    at_last = p[last].set_axis(pd.MultiIndex.from_frame(differences.loc[last, key]))
    other = at_last.reindex(pd.MultiIndex.from_frame(differences[key])).to_numpy()
    at_input = (differences["layer_selection"] == VALIDATION) & (differences["layer"] == 0)
    return p.mask(at_input, pd.Series(np.maximum(p.to_numpy(), other), p.index))


def margins(differences: pd.DataFrame, min_effect: Mapping[str, float]) -> pd.Series:
    """Return the smallest gain worth having of each difference, by its metric; NaN where none is
    set."""
    return differences["metric"].map(min_effect).astype(float)


def with_holm(
    differences: pd.DataFrame, in_verdict: Mapping[str, bool], min_effect: Mapping[str, float]
) -> pd.DataFrame:
    """Return differences with the columns p_holm, p_no_gain and in_verdict (`yes` or `no`).

    p_holm is the two-sided p, p_no_gain that of a gain of `min_effect` {metric: gain} or more. Both
    are corrected over all tasks, networks and references that bear on a verdict, for each selection
    of the layer by itself; p_holm also over all controls. Others are not tested: NaN.
    """
    bears = bears_on_verdict(differences, in_verdict)
    below = pd.Series(
        p_above(margins(differences, min_effect) - differences["difference"], differences),
        differences.index,
    )
    below = sound_at_input(below, differences)
    differences = differences.assign(
        p_holm=np.nan, p_no_gain=np.nan, in_verdict=np.where(bears, YES, NO)
    )
    for family in (bears, differences["role"] == CONTROL):
        for _, rows in differences[family].groupby("layer_selection"):
            differences.loc[rows.index, "p_holm"] = holm(rows["p"])
    for _, rows in differences[bears].groupby("layer_selection"):
        differences.loc[rows.index, "p_no_gain"] = holm(below[rows.index])
    return differences


def word_of(value: float, p: float, above: str, below: str) -> str:
    """Return the word for a value that may differ from 0, from its p after correction."""
    if np.isnan(p):
        return NOT_ASSESSABLE
    if p >= ALPHA:
        return UNCLEAR
    return above if value > 0 else below


def named(rows: pd.DataFrame, chosen: pd.Series) -> str:
    """Return the names of the references that are chosen."""
    return ", ".join(rows["reference"][chosen])


def ahead(rows: pd.DataFrame) -> str:
    """Return the names of the references that are clearly better than the network."""
    return named(rows, (rows["p_holm"] < ALPHA) & (rows["difference"] < 0))


def no_gain_over(rows: pd.DataFrame) -> str:
    """Return the names of the references over which a gain worth having is excluded."""
    return named(rows, rows["p_no_gain"] < ALPHA)


def p_of_benefit(rows: pd.DataFrame) -> float:
    """Return the largest of the one-sided p over the references of a network, before correction."""
    if not {BASELINE, ABLATION} <= set(rows["role"]):
        return np.nan
    return float(p_above(rows["difference"], rows).max())  # NaN where one of them is
