"""Bins of a test sequence's distance from what was learned from: its identity to the nearest
training sequence, or of a variant its number of mutations."""

from collections.abc import Iterator
from math import isnan

WITHIN = (30, 50, 90)  # percent identity
ALL = "all"
IDENTITY_BINS = ("< 30 %", "30-50 %", "50-90 %", ">= 90 %")
MOST_MUTATIONS = 5  # that have a bin of their own
MUTATIONS, IDENTITY = "mutations", "identity"  # what a bin is of


def identity_bin(identity: float) -> str:
    """Return the bin of an identity, a share."""
    return IDENTITY_BINS[sum(100 * identity >= percent for percent in WITHIN)]


def mutation_bins() -> Iterator[str]:
    """Yield the bins of numbers of mutations, rising."""
    yield from map(str, range(MOST_MUTATIONS))
    yield f">= {MOST_MUTATIONS}"


def mutation_bin(mutations: float) -> str:
    """Return the bin of a number of mutations."""
    return [*mutation_bins()][min(int(mutations), MOST_MUTATIONS)]


def bin_of(mutations: float, identity: float) -> tuple[str, str]:
    """Return what the bin of a test sequence is of, and its bin; ("", "") where neither is known.

    NaN is what is not known.
    """
    if not isnan(mutations):
        return MUTATIONS, mutation_bin(mutations)
    return ("", "") if isnan(identity) else (IDENTITY, identity_bin(identity))
