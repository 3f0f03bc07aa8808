"""Few test units, and units that all agree: no spread is read as certainty."""

import numpy as np
import pytest

from helpers.arms import TEST, Made, part, task_of
from plmbench.compare.arms import digest_of, unit_range_of
from plmbench.compare.bootstrap import Arm, difference, mean_with_interval
from plmbench.compare.differences import comparison_tables
from plmbench.compare.exact import exact_interval, exact_p, other_share
from plmbench.core.metrics import METRICS, Target
from plmbench.core.units import FEWEST_UNITS

SHARES = (0.0, 1.0)  # the range of an accuracy
CLASSES = Target("classification", ("A", "B"))


def constant(value, seeds=1, predictions=()):
    """Return an arm that is the same on every resample."""
    return Arm(np.full(seeds, value), np.full((seeds, 100), value), "", frozenset(predictions))


def noisy(value, seed=1):
    """Return an arm that differs from resample to resample."""
    return Arm(np.array([value]), value + np.random.default_rng(seed).normal(0, 0.1, (1, 100)))


def rng():
    """Return a generator of the seeds' noise."""
    return np.random.default_rng(0)


@pytest.mark.parametrize(("units", "share"), [(2, 0.84), (3, 0.71), (10, 0.31), (20, 0.17)])
def test_none_of_so_many_units_leaves_this_share_possible(units, share):
    assert other_share(units) == pytest.approx(share, abs=0.005)
    assert (1 - other_share(units)) ** units == pytest.approx(0.025)  # Clopper & Pearson
    for first in (constant(1.0), constant(1.0, seeds=3)):
        estimate = difference(first, constant(1.0), units, SHARES)
        assert estimate[:4] == pytest.approx((0, -share, share, 1), abs=0.005)
        assert "exact bound" in estimate.reason


@pytest.mark.parametrize(
    ("value", "unit_range", "limits"),
    [
        (1.0, SHARES, (0.16, 1.0)),
        (0.0, SHARES, (0.0, 0.84)),
        (0.5, SHARES, (0.08, 0.92)),
        (10.0, (0.0, 10.0), (1.58, 10.0)),
        (0.0, (-1.0, 1.0), (-0.84, 0.84)),
        (1.0, (-1.0, 1.0), (-0.68, 1.0)),
    ],
)
def test_an_exact_interval_has_the_scale_of_the_metric(value, unit_range, limits):
    assert exact_interval(value, 2, unit_range) == pytest.approx(limits, abs=0.005)


@pytest.mark.parametrize("units", [5, 50])
@pytest.mark.parametrize("value", [-0.2, 0.4, 1.0])
def test_an_exact_p_is_that_of_the_likeliest_distribution_of_mean_0(units, value):
    share = 1 / (1 + abs(value))  # of units of `value`, where all others are at the other end
    assert share * value - np.sign(value) * (1 - share) == pytest.approx(0)
    assert exact_p(value, units, (-1, 1)) == pytest.approx(min(1, 2 * share**units))


@pytest.mark.parametrize("metric", METRICS)
def test_an_exact_bound_is_for_means_over_units_of_a_known_range_alone(metric):
    assert (unit_range_of(metric) is not None) == (metric == "accuracy")


FEW = "{} test units are too few: an interval needs 20"
ALIKE = "the same on every resample of test: no spread can be seen"
ONE = "one test unit has no spread"


@pytest.mark.parametrize(
    ("first", "second", "units", "unit_range", "reason"),
    [
        (constant(1.0), constant(1.0), 1, SHARES, ONE),
        (constant(1.0, predictions="a"), constant(1.0, predictions="a"), 1, SHARES, ONE),
        (noisy(0.8), noisy(0.5, 2), 1, SHARES, ONE),
        (noisy(0.8), noisy(0.5, 2), 2, SHARES, FEW.format(2)),
        (noisy(0.8), noisy(0.5, 2), 19, None, FEW.format(19)),
        (constant(1.0), constant(1.0), 5, None, FEW.format(5)),
        (constant(1.0), constant(0.0), 5, None, FEW.format(5)),
        (constant(1.0), constant(1.0), 300, None, ALIKE),
        (constant(1.0), constant(0.0), 300, None, ALIKE),
        (
            constant(1.0, predictions=["a", ""]),
            constant(1.0, predictions=["a", ""]),
            99,
            None,
            ALIKE,
        ),
        (constant(1.0, predictions="a"), constant(1.0, predictions="b"), 99, None, ALIKE),
    ],
)
def test_a_difference_without_an_interval_says_why(first, second, units, unit_range, reason):
    estimate = difference(first, second, units, unit_range)
    assert estimate.value == first.points[0] - second.points[0]
    assert np.isnan(estimate[1:4]).all()
    assert estimate.reason == reason


def test_from_the_least_number_of_units_on_there_is_an_interval():
    estimate = difference(noisy(0.8), noisy(0.5, 2), FEWEST_UNITS)
    assert estimate.low < 0.3 < estimate.high
    assert (estimate.reason, estimate.defined) == ("", 1)
    assert 0 < estimate.p < 1


@pytest.mark.parametrize("units", [2, 19, 300])
def test_arms_that_are_equal_by_construction_differ_by_nothing_whatever_the_metric(units):
    same = [constant(0.9, predictions="ab")._replace(resampled=noisy(0.9).resampled)] * 2
    for unit_range in (None, SHARES):
        assert difference(*same, units, unit_range)[:4] == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("arm", "units", "unit_range", "limits", "reason"),
    [
        (noisy(0.8), 1, SHARES, None, ONE),
        (constant(0.8, seeds=3), 1, None, None, ONE),
        (noisy(0.8), 19, SHARES, None, FEW.format(19)),
        (constant(1.0), 2, SHARES, (0.16, 1), "the same on every test sequence"),
        (constant(1.0), 200, SHARES, (0.98, 1), "the same on every test sequence"),
        (constant(1.0), 200, None, None, ALIKE),
        (noisy(0.8), 20, None, (0.62, 0.93), ""),
    ],
)
def test_the_interval_of_an_arm_follows_the_same_rules(arm, units, unit_range, limits, reason):
    estimate = mean_with_interval(arm, units, unit_range)
    expected = limits or (np.nan, np.nan)
    assert estimate[1:3] == pytest.approx(expected, abs=0.05, nan_ok=True)
    assert estimate.reason.startswith(reason)
    assert np.isnan(estimate.p)


def shares(confidence, codes):
    """Return the shares of two classes [1, example, class], the true one with this confidence."""
    right = np.eye(2)[codes]
    return np.float32(right * confidence + (1 - right) * (1 - confidence))[None]


def found_of(folder, pairs, units=60):
    """Return the row of a network minus its ablation, from confidences of both."""
    codes = np.arange(60) % 2
    test = TEST._replace(y_true=codes, target=CLASSES)
    arms = [
        Made("net", weights, {0: shares(confidence, codes)}, test=test)
        for weights, confidence in zip(("pretrained", "reinit-0", "reinit-1"), pairs, strict=True)
    ]
    arms = [part(arm, np.arange(60) < units) for arm in arms]
    _, differences = comparison_tables(task_of(folder, arms, "accuracy"), {"net": "network"}, {})
    return differences[differences["layer_selection"] == "validation"].iloc[0]


@pytest.mark.parametrize(
    ("confidences", "bound"),
    [
        ((0.9, 0.9, 0.9), 0),  # the same embeddings
        ((0.9, 0.8, 0.9), 0.0596),  # all right, by other embeddings
        ((0.9, 0.9, 0.8), 0.0596),
        ((1.0, 1.0, 1.0), 0.0596),  # all certain, which two networks can be
    ],
)
def test_arms_of_equal_predictions_are_equal_and_arms_of_equal_score_are_not(
    tmp_path, confidences, bound
):
    row = found_of(tmp_path, confidences)
    assert (row["difference"], row["units"]) == (0, 60)
    assert (row["low"], row["high"]) == pytest.approx((-bound, bound), abs=1e-4)
    assert bool(row["reason"]) == bool(bound)


@pytest.mark.parametrize(("units", "bound"), [(2, 0.842), (3, 0.708), (20, 0.168)])
def test_few_sequences_that_all_arms_get_right_leave_most_gains_possible(tmp_path, units, bound):
    row = found_of(tmp_path, (0.9, 0.8, 0.7), units)
    assert (row["low"], row["high"], row["p"]) == pytest.approx((-bound, bound, 1), abs=1e-3)


def test_probabilities_of_0_and_1_alone_have_no_digest():
    assert digest_of(np.eye(2)) == ""
    assert digest_of(np.eye(2) * 0.9) != digest_of(np.eye(2) * 0.8) != ""
