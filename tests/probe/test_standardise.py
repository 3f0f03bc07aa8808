"""Standardised by blocks, features are what they are standardised at once."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from plmbench.probe import standardise as standards
from plmbench.probe.standardise import Standard


def features(dtype, count=50):
    """Return features far from 0, of unequal scales, the last one constant."""
    X = np.random.default_rng(0).normal(size=(count, 4)) * [0.1, 1, 100, 0] + [5, -3, 1e4, 2]
    return X.astype(dtype)


@pytest.mark.parametrize("block", [1, 7, 8192])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_blocks_change_nothing(monkeypatch, block, dtype):
    monkeypatch.setattr(standards, "BLOCK", block)
    X, others = features(dtype), features(dtype, count=9)
    standard, expected = Standard(X), StandardScaler().fit(X)
    for part in (X, others):
        found = standard(part)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected.transform(part), rtol=1e-4, atol=1e-5)
    assert standard(X, np.float32).dtype == np.float32
    np.testing.assert_allclose(standard.deviations(), X.std(0, dtype=np.float64), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("count", [3, 50, 8193, 20_000])
def test_it_is_scikit_learns_scaler_to_the_last_digit(dtype, count):
    X, scaler = features(dtype, count), StandardScaler()
    for part in standards.blocks(X):
        scaler.partial_fit(X[part])
    standard = Standard(X)
    np.testing.assert_array_equal(standard.deviations(), np.sqrt(scaler.var_))
    np.testing.assert_array_equal(standard(X), scaler.transform(X))


def test_a_constant_feature_is_0_everywhere():
    assert not Standard(features("float32"))(features("float32"))[:, 3].any()
