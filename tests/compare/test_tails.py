"""Tails are, to the last bit, those of scipy.stats."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

from plmbench.compare.tails import normal_isf, student_isf, student_ppf, student_sf

DRAW = np.random.default_rng(0)
VALUES = np.concatenate([DRAW.normal(0, 3, 500), [0.0, np.inf, -np.inf, np.nan, 1e-300, 40.0]])
TAILS = np.concatenate([DRAW.uniform(0, 1, 500), DRAW.uniform(0, 1e-6, 100), [0.025, 0.5]])


@pytest.mark.parametrize("freedom", [0.3, 1, 2, 2.7, 5, 30, 1e3, 1e9, np.inf, np.nan, 0, -1])
def test_student(freedom):
    pairs = (
        (student_sf(VALUES, freedom), t.sf(VALUES, freedom)),
        (student_isf(TAILS, freedom), t.isf(TAILS, freedom)),
        (student_ppf(TAILS, freedom), t.ppf(TAILS, freedom)),
        (student_isf(0.05, pd.Series([freedom])), t.isf(0.05, pd.Series([freedom]))),
    )
    for found, expected in pairs:
        assert np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize("tail", [1e-9, 0.01, 0.025, 0.5, 0.9])
def test_normal(tail):
    assert normal_isf(tail) == norm.isf(tail)
