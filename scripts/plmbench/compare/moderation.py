"""What the spread of other ablations tells of one: three seeds know their own spread badly.

The variances between seeds of all ablations of a task, under one probe and pooling, are taken as
draws of one distribution (Smyth 2004, limma): each is drawn towards their middle, the more so the
less they differ beyond what so few seeds explain, and is known by more degrees of freedom.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import digamma, polygamma

FEWEST = 2  # variances to learn from


class Prior(NamedTuple):
    """What is known of a variance between seeds before its own seeds are seen.

    freedom: as how many degrees of freedom it counts; most: the largest sum of these and its own,
    that of all seeds together; own: what of the variance the test units add to each seed by itself.
    """

    variance: float
    freedom: float
    most: float
    own: float = 0.0


def moderated(variance: float, freedom: float, prior: Prior | None) -> tuple[float, float]:
    """Return a variance and its degrees of freedom, with what the prior adds."""
    if prior is None:
        return variance, freedom
    total = min(prior.freedom + freedom, prior.most)
    if np.isinf(prior.freedom):
        return prior.variance, total
    weighted = prior.freedom * prior.variance + freedom * variance
    return weighted / (prior.freedom + freedom), total


def inverse_trigamma(value: float) -> float:
    """Return x of trigamma(x) = value, by Newton's method."""
    x = 0.5 + 1 / value
    for _ in range(50):
        slope = polygamma(1, x)
        step = slope * (1 - slope / value) / polygamma(2, x)
        x += step
        if -step / x < 1e-9:
            break
    return float(x)


def prior_of(
    variances: Sequence[float], freedoms: Sequence[float], noises: Sequence[float] | None = None
) -> Prior | None:
    """Return the Prior that variances [ablation] with their degrees of freedom show; None of fewer
    than two that are not 0, which is what equal networks have.

    noises: what of each variance the test units add; nothing by default.
    """
    found = np.array(variances, np.float64)
    noise = np.zeros(len(found)) if noises is None else np.array(noises, np.float64)
    own, noise = np.array(freedoms, np.float64)[found > 0], noise[found > 0]
    found = found[found > 0]
    if len(found) < FEWEST:
        return None
    most, test = float(own.sum()), float(noise @ own / own.sum())
    level = np.log(found) - digamma(own / 2) + np.log(own / 2)
    beyond = level.var(ddof=1) - polygamma(1, own / 2).mean()
    if beyond <= 0:  # they differ no more than so few seeds explain
        return Prior(float(np.exp(level.mean())), np.inf, most, test)
    half = inverse_trigamma(beyond)
    variance = float(np.exp(level.mean() + digamma(half) - np.log(half)))
    return Prior(variance, 2 * half, most, test)
