"""Metrics on many bootstrap resamples at once, from how often each unit is drawn.

The values equal those of the functions of `core.metrics` on the repeated examples, but nothing is
repeated. TALLIED are functions of sums over examples. RANKED work on examples weighted by their
counts [example, resample], in blocks that stay in the processor's cache. Spearman's correlation,
which most comparisons of numbers are by, is in `rank_resamples`.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from plmbench.core.metrics import Target, discounts, gains_of, losses, predicted

BLOCK_NUMBERS = 2**17  # in one array of a block

Tally = Callable[[np.ndarray, np.ndarray, Target], csr_array]  # [example, sum]
ValueOf = Callable[[np.ndarray], np.ndarray]  # [resample, sum] -> [resample]
Weighted = Callable[[np.ndarray], np.ndarray]  # weights [example, resample] -> [resample]


class Ties(NamedTuple):
    """Groups of equal values among examples, in ascending order."""

    order: np.ndarray  # [example], sorts the examples
    starts: np.ndarray  # [group], where each group of equals begins in that order
    group: np.ndarray  # [example], the group of each example, as the examples stand


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole, NaN where whole is 0."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)


def mean_where(mask: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the mean of each row's values where mask [row, column]; NaN where it has none."""
    return ratio(np.where(mask, values, 0.0).sum(1), mask.sum(1))


def count_blocks(counts: np.ndarray, width: int) -> Iterator[np.ndarray]:
    """Yield counts [resample, unit] in blocks of at most BLOCK_NUMBERS numbers, where one resample
    takes `width` of them."""
    step = max(1, BLOCK_NUMBERS // width)
    for start in range(0, len(counts), step):
        yield counts[start : start + step]


def tally_errors(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> csr_array:
    """Return [example, 2]: 1 and the squared error."""
    return csr_array(np.stack([np.ones(len(y_true)), (y_true - prediction) ** 2], 1))


def tally_losses(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> csr_array:
    """Return [example, 2]: 1 and the negative log probability of the class."""
    return csr_array(np.stack([np.ones(len(y_true)), losses(y_true, prediction, target)], 1))


def tally_classes(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> csr_array:
    """Return [example, 3 * class]: marks of the true class, the predicted and the hit one."""
    y_true, codes, classes = y_true.astype(np.intp), predicted(prediction), len(target.classes)
    hits = np.flatnonzero(codes == y_true)
    everything = np.arange(len(y_true))
    rows = np.concatenate([everything, everything, hits])
    columns = np.concatenate([y_true, codes + classes, y_true[hits] + 2 * classes])
    return csr_array((np.ones(len(rows)), (rows, columns)), (len(y_true), 3 * classes))


def mean_of(sums: np.ndarray) -> np.ndarray:
    """Return the mean [resample] from (how many, their sum)."""
    return ratio(sums[:, 1], sums[:, 0])


def root_mean_of(sums: np.ndarray) -> np.ndarray:
    """Return the root of the mean [resample] from (how many, their sum)."""
    return np.sqrt(mean_of(sums))


def accuracy_of(sums: np.ndarray) -> np.ndarray:
    """Return the accuracy [resample] from sums of `tally_classes`."""
    y_true, _, hits = np.split(sums, 3, axis=1)
    return ratio(hits.sum(1), y_true.sum(1))


def balanced_accuracy_of(sums: np.ndarray) -> np.ndarray:
    """Return the mean recall of the classes in the truth [resample] from `tally_classes`."""
    y_true, _, hits = np.split(sums, 3, axis=1)
    return mean_where(y_true > 0, ratio(hits, y_true))


def macro_f1_of(sums: np.ndarray) -> np.ndarray:
    """Return the mean F1 of the classes in truth or prediction [resample] from `tally_classes`."""
    y_true, codes, hits = np.split(sums, 3, axis=1)
    return mean_where(y_true + codes > 0, ratio(2 * hits, y_true + codes))


def mcc_of(sums: np.ndarray) -> np.ndarray:
    """Return Matthews' correlation [resample] from `tally_classes`."""
    y_true, codes, hits = np.split(sums, 3, axis=1)
    count = y_true.sum(1)
    spreads = [count**2 - (side**2).sum(1) for side in (y_true, codes)]
    covariance = count * hits.sum(1) - (y_true * codes).sum(1)
    return ratio(covariance, np.sqrt(spreads[0] * spreads[1]))


TALLIED: dict[str, tuple[Tally, ValueOf]] = {
    "rmse": (tally_errors, root_mean_of),
    "cross_entropy": (tally_losses, mean_of),
    "accuracy": (tally_classes, accuracy_of),
    "balanced_accuracy": (tally_classes, balanced_accuracy_of),
    "macro_f1": (tally_classes, macro_f1_of),
    "mcc": (tally_classes, mcc_of),
}


def tallied_values(
    metric: str,
    y_true: np.ndarray,
    prediction: np.ndarray,
    target: Target,
    counts: np.ndarray,
    offsets: np.ndarray,
) -> np.ndarray:
    """Return a metric of TALLIED [resample]; see `bootstrap.bootstrapped` for the arguments."""
    tally, value_of = TALLIED[metric]
    examples, units = len(y_true), len(offsets) - 1
    units_of = np.repeat(np.arange(units), np.diff(offsets))
    members = csr_array((np.ones(examples), (units_of, np.arange(examples))), (units, examples))
    sums = members @ tally(y_true, prediction, target)
    return value_of(np.concatenate([block @ sums for block in count_blocks(counts, units)]))


def grouped(values: np.ndarray) -> Ties:
    """Return the groups of equal values [example], ascending."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    new = np.append(True, ordered[1:] != ordered[:-1])
    group = np.empty(len(values), np.intp)
    group[order] = np.cumsum(new) - 1
    return Ties(order, np.flatnonzero(new), group)


def summed(weights: np.ndarray, groups: Ties) -> np.ndarray:
    """Return the sum of weights [example, resample] in each group of equals [group, resample]."""
    weights = weights[groups.order]
    if len(groups.starts) == len(groups.order):
        return weights
    return np.add.reduceat(weights, groups.starts, axis=0)


def midranks(weights: np.ndarray, groups: Ties) -> tuple[np.ndarray, np.ndarray]:
    """Return (twice the mean rank of each example, less count + 1 [example, resample]; the sum of
    the squares of that over what is drawn [resample]): integers, so that sums are exact."""
    sizes = summed(weights, groups)
    ranks = 2 * np.cumsum(sizes, axis=0) - sizes - sizes.sum(0)
    return ranks[groups.group], np.einsum("gr,gr,gr->r", sizes, ranks, ranks)


def deviations(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return values [example] less their mean over what is drawn [example, resample]; NaN where
    all that is drawn is equal."""
    drawn, values = weights > 0, values[:, None]
    lowest = np.where(drawn, values, np.inf).min(0)
    highest = np.where(drawn, values, -np.inf).max(0)
    mean = ratio((weights * values).sum(0), weights.sum(0))
    return values - np.where(highest > lowest, mean, np.nan)


def moment(weights: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the sum of weights * first * second [resample] of [example, resample] each."""
    return np.einsum("er,er,er->r", weights, first, second)


def pearson_block(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> Weighted:
    """Return a function of weights [example, resample] to Pearson's correlation [resample]."""

    def values(weights: np.ndarray) -> np.ndarray:
        first, second = deviations(y_true, weights), deviations(prediction, weights)
        spreads = moment(weights, first, first) * moment(weights, second, second)
        return moment(weights, first, second) / np.sqrt(spreads)

    return values


def r2_block(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> Weighted:
    """Return a function of weights [example, resample] to R² [resample]."""
    errors = (y_true - prediction) ** 2

    def values(weights: np.ndarray) -> np.ndarray:
        spread = deviations(y_true, weights)
        return 1 - errors @ weights / moment(weights, spread, spread)

    return values


def discounted(
    weights: np.ndarray, gains: np.ndarray, groups: Ties, cumulative: np.ndarray
) -> np.ndarray:
    """Return the discounted cumulative gain [resample] of examples ranked as grouped; the gain at
    each rank of a group of equals is the mean of what is drawn of it."""
    sizes = summed(weights, groups)
    means = ratio(summed(weights * gains[:, None], groups), sizes)
    sums = np.diff(cumulative[np.cumsum(sizes, axis=0).astype(np.intp)], axis=0, prepend=0)
    return np.einsum("gr,gr->r", np.nan_to_num(means), sums)


def ndcg_parts(
    y_true: np.ndarray, prediction: np.ndarray, target: Target
) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return a function of weights [example, resample] to NDCG and its chance level [resample]."""
    gains = gains_of(y_true, target.floor)
    ranked, ideal = grouped(-prediction), grouped(-y_true)

    def values(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        counts = weights.sum(0).astype(np.intp)
        cumulative = np.append(0.0, np.cumsum(discounts(counts.max())))
        best = discounted(weights, gains, ideal, cumulative)
        best[(summed(weights, ideal) > 0).sum(0) < 2] = np.nan  # the truth is constant
        chance = ratio(gains @ weights, counts) * cumulative[counts]
        return discounted(weights, gains, ranked, cumulative) / best, chance / best

    return values


def ndcg_block(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> Weighted:
    """Return a function of weights [example, resample] to NDCG [resample]."""
    parts = ndcg_parts(y_true, prediction, target)
    return lambda weights: parts(weights)[0]


def ndcg_corrected_block(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> Weighted:
    """Return a function of weights [example, resample] to NDCG above chance [resample]."""
    parts = ndcg_parts(y_true, prediction, target)

    def values(weights: np.ndarray) -> np.ndarray:
        value, chance = parts(weights)
        return (value - chance) / (1 - chance)

    return values


def roc_auc_block(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> Weighted:
    """Return a function of weights [example, resample] to the mean area under the ROC curves of
    each class against the rest [resample], each from the mean ranks of its examples."""
    classes = range(len(target.classes))
    columns = [grouped(prediction[:, code]) for code in classes]

    def area(code: int, weights: np.ndarray) -> np.ndarray:
        inside = y_true == code
        ranks = midranks(weights, columns[code])[0][inside]
        drawn = weights[inside]
        positive = drawn.sum(0)
        pairs = positive * (weights.sum(0) - positive)
        return 0.5 + ratio((drawn * ranks).sum(0) / 2, pairs)

    return lambda weights: np.mean([area(code, weights) for code in classes], axis=0)


RANKED: dict[str, Callable[[np.ndarray, np.ndarray, Target], Weighted]] = {
    "pearson": pearson_block,
    "r2": r2_block,
    "ndcg": ndcg_block,
    "ndcg_corrected": ndcg_corrected_block,
    "roc_auc": roc_auc_block,
}


def ranked_values(
    metric: str,
    y_true: np.ndarray,
    prediction: np.ndarray,
    target: Target,
    counts: np.ndarray,
    offsets: np.ndarray,
) -> np.ndarray:
    """Return a metric of RANKED [resample]; see `bootstrap.bootstrapped` for the arguments."""
    block_values, lengths = RANKED[metric](y_true, prediction, target), np.diff(offsets)
    parts = (block.T.astype(np.float64) for block in count_blocks(counts, len(y_true)))
    return np.concatenate([block_values(np.repeat(part, lengths, axis=0)) for part in parts])
