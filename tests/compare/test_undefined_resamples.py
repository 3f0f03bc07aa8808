"""A metric that is undefined on some resamples: intervals from the others, and their share."""

import numpy as np
import pytest

from plmbench.compare.bootstrap import (
    Arm,
    bootstrapped,
    difference,
    mean_with_interval,
    resamples,
)
from plmbench.core.metrics import METRICS, Target, measured

UNITS = 60
NUMBERS = Target("regression")
TWO = Target("classification", ("a", "b"))
THREE = Target("classification", ("a", "b", "c"))
NEVER = {"rmse", "accuracy", "balanced_accuracy", "macro_f1", "cross_entropy"}  # undefined
TARGETS = {"mcc": TWO}


def rare(target, count):
    """Return truth and predictions of 60 units, of which `count` are no zero, or of the last
    class."""
    draw, last = np.random.default_rng(0), len(target.classes) - 1
    if target is NUMBERS:
        y_true = np.where(np.arange(UNITS) < count, 1.0, 0.0)
        return y_true, y_true + draw.normal(size=UNITS)
    others = draw.integers(0, max(last, 1), UNITS)
    y_true = np.where(np.arange(UNITS) < count, last, others)
    powers = np.exp(draw.normal(size=(UNITS, last + 1)) + np.eye(last + 1)[y_true])
    return y_true, powers / powers.sum(1, keepdims=True)


def arm_of(metric, count, salt=0.0):
    """Return the arm of a metric on data of a rare value."""
    target = NUMBERS if "regression" in METRICS[metric].applies_to else TARGETS.get(metric, THREE)
    y_true, prediction = rare(target, count)
    prediction = prediction[::-1] if salt else prediction
    values = bootstrapped(metric, y_true, prediction, target, resamples(UNITS, 1000, 0))
    return Arm(np.array([measured(metric, y_true, prediction, target)[0]]), values[None])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("metric", METRICS)
def test_an_interval_is_that_of_the_resamples_on_which_the_metric_is_defined(metric):
    arm, other = arm_of(metric, 4), arm_of(metric, 4, salt=1)
    (values,), (others,) = arm.resampled, other.resampled
    known = np.isfinite(values)
    assert known.all() == (metric in NEVER)
    estimate = mean_with_interval(arm)
    assert estimate[1:3] == pytest.approx(np.percentile(values[known], [2.5, 97.5]))
    assert (estimate.defined, estimate.reason) == (known.mean(), "")
    both = np.isfinite(values + others)
    estimate = difference(arm, other)
    assert estimate[1:3] == pytest.approx(np.percentile((values - others)[both], [2.5, 97.5]))
    assert 0.9 <= estimate.defined == both.mean() <= 1
    assert 0 <= estimate.p <= 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("metric", [name for name in METRICS if name not in NEVER])
@pytest.mark.parametrize("count", [1, 2])
def test_a_metric_that_is_often_undefined_has_no_interval_and_says_so(metric, count):
    arm = arm_of(metric, count)
    share = np.isfinite(arm.resampled).mean()
    assert 0.5 < share < 0.9
    for estimate in (
        mean_with_interval(arm, UNITS),
        difference(arm, arm_of(metric, 9), UNITS),
    ):
        assert np.isfinite(estimate.value)
        assert np.isnan(estimate[1:4]).all()
        assert estimate.defined <= share
        words = f"defined on {100 * share:.1f} % of the resamples of test; an interval needs 90 %"
        assert estimate.reason == words.replace(".0 %", " %")


def test_a_difference_needs_the_resamples_on_which_both_sides_are_defined():
    values = np.random.default_rng(0).normal(0.5, 0.1, (2, 1, 100))
    values[0, 0, :6] = values[1, 0, 94:] = np.nan
    first, second = (Arm(np.array([0.5]), side) for side in values)
    assert mean_with_interval(first).defined == 0.94
    estimate = difference(first, second)
    assert (estimate.defined, np.isnan(estimate.low)) == (0.88, True)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("undefined", "known"), [(0, True), (10, True), (11, False), (100, False)])
def test_ten_in_a_hundred_resamples_may_be_undefined(undefined, known):
    values = np.random.default_rng(0).normal(0.5, 0.1, (1, 100))
    values[0, :undefined] = np.nan
    estimate = mean_with_interval(Arm(np.array([0.5]), values))
    assert np.isfinite(estimate.low) == known == (estimate.reason == "")
    assert estimate.defined == pytest.approx(1 - undefined / 100)


def test_seeds_of_which_one_is_undefined_on_a_resample_leave_it_out():
    values = np.random.default_rng(0).normal(0.5, 0.1, (3, 100))
    values[1, 7] = np.nan
    estimate = mean_with_interval(Arm(np.full(3, 0.5), values))
    assert estimate.defined == 0.99
    means = np.delete(values.mean(0), 7)
    assert estimate[1:3] == pytest.approx(np.percentile(means, [2.5, 97.5]))
