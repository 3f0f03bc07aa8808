"""Spearman's correlation on many bootstrap resamples at once, from how often each unit is drawn.

Ranks and their sums are integers, so that the order of sums changes no digit, as far as integers
reach.
"""

from typing import NamedTuple

import numpy as np

from plmbench.compare.fast_metrics import count_blocks, grouped, ratio
from plmbench.core.metrics import Target

MOST_EXACT = 2_000_000  # examples, of whose squared ranks the sum fits 64 bits


class Order(NamedTuple):
    """Examples in ascending order, in groups of equals."""

    order: np.ndarray  # [example], sorts the examples
    bounds: np.ndarray  # [group + 1], where each group begins in that order, and the end
    group: np.ndarray  # [example], the group of each example, as the examples stand


def order_of(values: np.ndarray) -> Order:
    """Return the Order of values [example]."""
    order, starts, group = grouped(values)
    return Order(order, np.append(starts, len(values)), group)


def midranks(weights: np.ndarray, side: Order) -> tuple[np.ndarray, np.ndarray]:
    """Return (twice the mean rank of each example, less count + 1 [resample, example]; the sum of
    the squares of that over what is drawn [resample]), of whole weights [resample, example]."""
    sums = np.zeros((len(weights), len(side.order) + 1), weights.dtype)  # of what stands before
    np.cumsum(weights.take(side.order, 1), axis=1, out=sums[:, 1:])
    bounds = sums.take(side.bounds, 1)  # [resample, group + 1]
    ranks = bounds[:, 1:] + bounds[:, :-1] - sums[:, -1:]  # [resample, group]
    squares = np.einsum("rg,rg,rg->r", np.diff(bounds), ranks, ranks)
    return ranks.take(side.group, 1), squares


def spearman_values(
    metric: str,
    y_true: np.ndarray,
    prediction: np.ndarray,
    target: Target,
    counts: np.ndarray,
    offsets: np.ndarray,
) -> np.ndarray:
    """Return Spearman's correlation [resample]; see `bootstrap.bootstrapped` for the arguments."""
    sides = order_of(y_true), order_of(prediction)
    units = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))  # [example]
    number = np.int64 if len(y_true) <= MOST_EXACT else np.float64
    values = []
    for block in count_blocks(counts, 4 * len(y_true)):  # what a step holds fits the cache
        weights = block.astype(number).take(units, 1)  # [resample, example]
        (first, spread), (second, other) = (midranks(weights, side) for side in sides)
        both = np.einsum("re,re,re->r", weights, first, second).astype(np.float64)
        values.append(ratio(both, np.sqrt(spread.astype(np.float64) * other)))
    return np.concatenate(values)
