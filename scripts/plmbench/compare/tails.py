"""Tails of Student's t and of the normal distribution: to the last bit the numbers of scipy.stats,
as tests say, which takes half a second to load. What they return has the shape of what they are
given, a number for numbers."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtr, stdtrit


def student_sf(t: ArrayLike, freedom: ArrayLike) -> Any:
    """Return how likely Student's t with these degrees of freedom is to lie above t."""
    return stdtr(np.asarray(freedom, np.float64), -np.asarray(t, np.float64))


def student_isf(tail: ArrayLike, freedom: ArrayLike) -> Any:
    """Return what Student's t lies above with the probability `tail`, between 0 and 1."""
    return -stdtrit(np.asarray(freedom, np.float64), np.asarray(tail, np.float64))


def student_ppf(share: ArrayLike, freedom: ArrayLike) -> Any:
    """Return what Student's t lies below with the probability `share`, between 0 and 1."""
    return stdtrit(np.asarray(freedom, np.float64), np.asarray(share, np.float64))


def normal_isf(tail: float) -> float:
    """Return what a standard normal variable lies above with the probability `tail`."""
    return float(-ndtri(tail))
