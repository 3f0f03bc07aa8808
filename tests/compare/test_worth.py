"""Worth on curves with a known answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from sklearn.isotonic import isotonic_regression

from plmbench.compare.curve_arms import Cell, drawn_curve, weights_of_mean
from plmbench.compare.worth import against_best, log_worths, monotone, worth_of

LABELS = np.array([10.0, 40.0, 160.0, 640.0])
RISING = np.array([0.3, 0.4, 0.5, 0.6])


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=6))
def test_curves_are_made_monotone_as_isotonic_regression_does(values):
    expected = isotonic_regression(values)
    assert monotone(np.array(values)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("gain", "worth"),
    [
        (0.0, 1),
        (0.1, 4),
        (0.2, 16),
        (0.05, 2),
        (0.15, 8),
        (0.3, 64),
        (0.31, np.inf),
        (0.9, np.inf),
        (-0.01, 0),
    ],
)
def test_a_curve_ahead_by_a_step_is_worth_a_step_of_labels(gain, worth):
    found = np.exp(log_worths(RISING + gain, RISING, LABELS)[-1])
    # The network's smallest size reaches the score of all labels: a bound.
    assert found == pytest.approx(worth)


@pytest.mark.parametrize(
    "values", [[0.3, 0.4, 0.5, 0.6], [0.3, 0.4, 0.6, 0.5], [0.5] * 4, [0.6, 0.5, 0.4, 0.3]]
)
def test_what_is_equal_is_worth_1_at_every_size_also_where_it_is_flat(values):
    assert np.exp(log_worths(*[np.array(values)] * 2, LABELS)).tolist() == [1] * 4


def test_a_reference_that_has_stopped_rising_never_reaches_what_is_above_it():
    flat = np.array([0.3, 0.4, 0.4, 0.4])
    assert np.exp(log_worths(np.array([0.41, 0.5, 0.5, 0.5]), flat, LABELS)[-1]) == np.inf
    # It had that score with 40 labels, and the network with 20.
    assert np.exp(log_worths(np.array([0.3, 0.5, 0.5, 0.5]), flat, LABELS)[-1]) == pytest.approx(2)


@pytest.mark.parametrize(
    ("point", "drawn", "size", "text"),
    [
        (np.inf, [np.inf], 3, ">= 64"),
        (np.inf, [np.log(4.2), np.inf], 3, ">= 64 [4.2, >= 64]"),
        (-np.inf, [-np.inf], 3, "< 1"),
        (-np.inf, [-np.inf, np.log(3.1)], 3, "< 1 [< 1, 3.1]"),
        (-np.inf, [-np.inf, np.inf], 1, "< 0.062 [< 0.062, >= 4]"),
        (np.log(8.3), [np.log(3.5), np.log(20)], 3, "8.3 [3.5, 20]"),
    ],
)
def test_what_numbers_cannot_say_is_said_in_words(point, drawn, size, text):
    worth = worth_of(point, np.repeat(drawn, 100).astype(float), size, LABELS)
    assert worth.text == text
    assert worth.reason == ""
    assert np.isnan(worth.worth) == (not np.isfinite(point))


def test_an_interval_that_is_undefined_says_why():
    drawn = np.full(100, np.nan)
    assert "defined on 0 %" in worth_of(0.0, drawn, 3, LABELS).reason
    few = worth_of(0.0, np.zeros(100), 3, LABELS, "12 test sequences: an interval needs 20")
    assert (few.text, few.reason) == ("1", "12 test sequences: an interval needs 20")
    assert np.isnan(few.low)
    assert "undefined" in worth_of(np.nan, drawn, 3, LABELS).reason


def test_the_best_reference_is_the_one_that_needs_fewest_more_labels():
    assert against_best([np.array([1.0, np.inf]), np.array([2.0, -np.inf])]).tolist() == [
        1,
        -np.inf,
    ]


@pytest.mark.parametrize("count", [2, 3, 5])
def test_weights_of_a_mean_spread_as_its_standard_error_says(count):
    rng = np.random.default_rng(0)
    values, weights = rng.normal(size=count), weights_of_mean(count, 20_000, rng)
    assert weights.sum(1) == pytest.approx(1)
    t = (weights @ values - values.mean()) / (values.std(ddof=1) / np.sqrt(count))
    assert np.quantile(t, 0.975) == pytest.approx(student.ppf(0.975, count - 1), rel=0.1)
    assert weights_of_mean(1, 4, rng).tolist() == [[1.0]] * 4


def test_a_curve_without_draws_or_seeds_spreads_by_its_resamples_alone():
    resampled = np.arange(6.0).reshape(1, 1, 6)
    cells = [Cell(resampled[..., 0], resampled), Cell(resampled[..., 0], resampled + 1)]
    rng = np.random.default_rng(0)
    curve = drawn_curve(cells, weights_of_mean(5, 6, rng), rng)
    assert curve.T.tolist() == [list(range(6)), list(range(1, 7))]
