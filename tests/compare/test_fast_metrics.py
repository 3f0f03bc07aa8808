"""Metrics on resamples: the same numbers as the repeated examples give, and fast."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from plmbench.compare import fast_metrics, rank_resamples
from plmbench.compare.bootstrap import bootstrapped, looped_values, resamples
from plmbench.core.metrics import METRICS, Metric, Target, metrics_of

NUMBERS = Target("regression", floor=-3.0)
CLASSES = Target("residue_classification", ("A", "B", "C"))
TIED = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=30)
SEEDS = st.integers(0, 2**32 - 1)


def codes_and_probabilities(count, draw):
    """Return codes [example] and probabilities [example, class] with ties, of three classes."""
    codes = draw.integers(0, 3, count)
    weights = draw.integers(1, 4, (count, 3)) + 2 * np.eye(3)[codes] * draw.integers(
        0, 2, (count, 1)
    )
    return codes, weights / weights.sum(1, keepdims=True)


@given(TIED, SEEDS)
def test_spearman_is_that_of_scipy_on_the_repeated_examples(pairs, seed):
    y_true, prediction = np.array(pairs, float).T
    counts = resamples(len(y_true), 10, seed)
    found = bootstrapped("spearman", y_true, prediction, NUMBERS, counts)
    for value, row in zip(found, counts, strict=True):
        drawn = [np.repeat(side, row) for side in (y_true, prediction)]
        if np.ptp(y_true) == 0 or np.ptp(prediction) == 0 or 0 in map(np.ptp, drawn):
            assert np.isnan(value)
        else:
            assert value == pytest.approx(spearmanr(*drawn).statistic, abs=1e-12)


def test_spearman_of_more_examples_than_integers_bear_is_the_same(monkeypatch):
    draw = np.random.default_rng(0)
    sides = draw.integers(0, 40, 200).astype(float), draw.normal(size=200)
    counts = resamples(200, 50, 1)
    exact = bootstrapped("spearman", *sides, NUMBERS, counts)
    monkeypatch.setattr(rank_resamples, "MOST_EXACT", 199)
    assert bootstrapped("spearman", *sides, NUMBERS, counts) == pytest.approx(exact, abs=1e-12)


@settings(max_examples=30)
@given(TIED, SEEDS)
@pytest.mark.parametrize("metric", metrics_of("regression"))
def test_resampled_regression_metrics_are_those_of_the_repeated_examples(metric, pairs, seed):
    y_true, prediction = np.array(pairs, float).T
    counts = resamples(len(y_true), 10, seed)
    found = bootstrapped(metric, y_true, prediction, NUMBERS, counts)
    if np.isnan(found).all():
        return
    offsets = np.arange(len(y_true) + 1)
    expected = looped_values(metric, y_true, prediction, NUMBERS, counts, offsets)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("error")
@settings(max_examples=30)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=15), SEEDS)
@pytest.mark.parametrize("metric", metrics_of("residue_classification"))
def test_resampled_classification_metrics_are_those_of_the_repeated_chains(metric, lengths, seed):
    offsets = np.append(0, np.cumsum(lengths))  # a chain without a scored residue is a unit too
    codes, probabilities = codes_and_probabilities(offsets[-1], np.random.default_rng(seed))
    counts = resamples(len(lengths), 10, seed)
    found = bootstrapped(metric, codes.astype(np.int16), probabilities, CLASSES, counts, offsets)
    if np.isnan(found).all():
        return
    expected = looped_values(metric, codes, probabilities, CLASSES, counts, offsets)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("task_type", ["regression", "classification"])
def test_every_metric_has_values_on_resamples(task_type):
    draw = np.random.default_rng(0)
    numbers = draw.normal(size=40), draw.normal(size=40)
    y_true, prediction = numbers if task_type == "regression" else codes_and_probabilities(40, draw)
    target = Target(task_type, ("A", "B", "C"), floor=-9.0)
    for metric in metrics_of(task_type):
        found = bootstrapped(metric, y_true, prediction, target, resamples(40, 20, 0))
        assert np.isfinite(found).all()
        assert len(set(found)) > 5


def test_a_metric_without_a_fast_path_is_computed_on_repeated_examples(monkeypatch):
    def largest(y_true, prediction, target):
        return float(y_true.max())

    metric = Metric("largest", "largest target", largest, ("regression",))
    monkeypatch.setitem(METRICS, "largest", metric)
    y_true, counts = np.arange(6.0), resamples(6, 30, 0)
    expected = [np.flatnonzero(row).max() for row in counts]
    assert list(bootstrapped("largest", y_true, y_true, NUMBERS, counts)) == expected


@pytest.mark.parametrize("metric", ["spearman", "ndcg", "rmse"])
def test_the_width_of_a_block_changes_no_number(metric, monkeypatch):
    draw = np.random.default_rng(0)
    y_true, prediction = draw.integers(-3, 3, (2, 40)).astype(float)
    counts = resamples(40, 50, 0)
    whole = bootstrapped(metric, y_true, prediction, NUMBERS, counts)
    monkeypatch.setattr(
        fast_metrics, "BLOCK_NUMBERS", 300
    )  # seven resamples, the last block is one
    parts = bootstrapped(metric, y_true, prediction, NUMBERS, counts)
    np.testing.assert_allclose(parts, whole, rtol=1e-13)


def test_a_thousand_resamples_of_spearman_take_a_fraction_of_a_second():
    draw = np.random.default_rng(0)
    y_true, prediction = draw.normal(size=(2, 1745)).round(2)
    counts = resamples(1745, 1000, 0)

    def seconds(values_of, *arguments):
        start = time.perf_counter()
        values_of("spearman", y_true, prediction, NUMBERS, *arguments)
        return time.perf_counter() - start

    fast = min(seconds(bootstrapped, counts) for _ in range(3))
    assert fast < 1.0  # 0.02 s on an idle core
    assert fast < seconds(looped_values, counts, np.arange(1746)) / 4


def test_a_resample_of_one_value_alone_is_undefined():
    counts = np.array([[3, 0, 0], [1, 1, 1]], np.int32)
    for metric in set(metrics_of("regression")) - {"rmse"}:
        found = bootstrapped(metric, np.arange(3.0), np.arange(3.0), NUMBERS, counts)
        assert np.isnan(found[0])
        assert found[1] == pytest.approx(1)
