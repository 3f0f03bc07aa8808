"""Means over chains with intervals: chains of one cluster are one unit, drawn together."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plmbench.compare.bootstrap import Arm, difference, mean_with_interval, resamples
from plmbench.compare.draws import Estimate
from plmbench.core.weights import NONE, PRETRAINED, parse_weights

Array = NDArray[np.float64]
UNDEFINED = "undefined on every chain"


class Chains(NamedTuple):
    """The chains of a set, and how often each is drawn: counts [resample, chain]."""

    ids: Sequence[str]
    units: int
    counts: Array


def drawn_chains(
    ids: Sequence[str], cluster_of: Mapping[str, str], n_bootstrap: int, seed: int
) -> Chains:
    """Return the Chains of these ids, resampled by cluster."""
    clusters = [cluster_of[name] for name in ids]
    names = list(dict.fromkeys(clusters))
    drawn = resamples(len(names), n_bootstrap, seed)  # [resample, unit]
    return Chains(ids, len(names), drawn[:, [names.index(c) for c in clusters]].astype(float))


def weighted(values: ArrayLike, sizes: ArrayLike, counts: Array) -> Array:
    """Return the mean [resample] of values [chain], each of so many examples; what is NaN is left
    out."""
    values, sizes = np.asarray(values, float), np.asarray(sizes, float)
    sizes = np.where(np.isfinite(values), sizes, 0)
    total, weight = counts @ np.where(sizes > 0, values * sizes, 0), counts @ sizes
    return np.divide(total, weight, out=np.full(len(counts), np.nan), where=weight > 0)


def arm_of(
    values: ArrayLike, chains: Chains, sizes: ArrayLike | None = None, drawn_by: str = ""
) -> Arm:
    """Return the Arm of values [network, chain], or of one network [chain]; sizes: examples of
    each; drawn_by: weights, NONE where no network drew the values."""
    rows = np.atleast_2d(np.asarray(values, float))
    weights = np.broadcast_to(1.0 if sizes is None else np.asarray(sizes, float), rows.shape)
    once = np.ones((1, rows.shape[1]))
    points = [weighted(row, size, once)[0] for row, size in zip(rows, weights, strict=True)]
    drawn = [weighted(row, size, chains.counts) for row, size in zip(rows, weights, strict=True)]
    undefined = UNDEFINED if np.isnan(points).any() else ""
    networks = 0 if drawn_by == NONE else len(rows)
    return Arm(np.array(points), np.array(drawn), undefined, networks=networks)


def mean_over_chains(arm: Arm, chains: Chains) -> Estimate:
    """Return the Estimate of an arm."""
    return of_chains(mean_with_interval(arm, chains.units))


def difference_over_chains(first: Arm, second: Arm, chains: Chains) -> Estimate:
    """Return the Estimate of one arm minus another, paired by chain."""
    return of_chains(difference(first, second, chains.units))


def of_chains(estimate: Estimate) -> Estimate:
    """Return an Estimate whose reason speaks of chains."""
    words = estimate.reason.replace("test units", "chains").replace("test unit", "chain")
    return estimate._replace(reason=words)


def by_ablation(weights: Sequence[str]) -> dict[str, list[str]]:
    """Return {ablation: its weights, one per seed} of all but pretrained ones."""
    found: dict[str, list[str]] = {}
    for name in weights:
        ablation = parse_weights(name).ablation
        if ablation not in (NONE, PRETRAINED):
            found.setdefault(ablation, []).append(name)
    return found
