"""Bootstraps: resamples of units, and intervals and p-values that are right."""

import numpy as np
import pytest
from scipy.stats import t as student
from scipy.stats import ttest_ind

from plmbench.compare.bootstrap import (
    Arm,
    bootstrapped,
    difference,
    holm,
    mean_with_interval,
    resamples,
)
from plmbench.core.errors import InputError
from plmbench.core.metrics import Target

NUMBERS = Target("regression")
CLASSES = Target("residue_classification", ("A", "B", "C"))


def test_each_resample_draws_as_many_units_as_there_are():
    counts = resamples(50, 2000, seed=3)
    assert counts.shape == (2000, 50)
    assert counts.dtype == np.int32
    assert (counts.sum(1) == 50).all()
    np.testing.assert_allclose(counts.mean(0), 1, atol=0.12)
    assert counts.var() == pytest.approx(1 - 1 / 50, abs=0.02)  # of a multinomial


def test_resamples_depend_on_the_seed_alone():
    np.testing.assert_array_equal(resamples(20, 10, 1), resamples(20, 10, 1))
    np.testing.assert_array_equal(resamples(20, 5, 1), resamples(20, 10, 1)[:5])
    assert (resamples(20, 10, 1) != resamples(20, 10, 2)).any()


def test_nothing_cannot_be_resampled():
    with pytest.raises(InputError, match="must not be empty"):
        resamples(0, 10, 1)


def test_what_is_undefined_on_the_test_subset_is_undefined_on_every_resample():
    counts = resamples(4, 10, 0)
    decisions = np.array([[2.0, -1.0, 0.0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    estimate = bootstrapped("cross_entropy", np.arange(4) % 3, decisions, CLASSES, counts)
    assert np.isnan(estimate).all()
    broken = np.array([0.0, 1.0, np.nan, 2.0])
    assert np.isnan(bootstrapped("rmse", np.arange(4.0), broken, NUMBERS, counts)).all()


@pytest.mark.parametrize("units", [3, 5])
def test_counts_of_other_units_are_an_error(units):
    with pytest.raises(ValueError, match=f"{units} units resampled, 4 in the offsets"):
        bootstrapped("rmse", np.arange(4.0), np.arange(4.0), NUMBERS, resamples(units, 2, 0))


def test_predictions_of_other_examples_are_an_error():
    with pytest.raises(ValueError, match="4 y_trues, 3 predictions"):
        bootstrapped("rmse", np.arange(4.0), np.arange(3.0), NUMBERS, resamples(4, 2, 0))


def test_chains_whose_residues_agree_give_a_wider_interval_than_their_residues():
    draw = np.random.default_rng(0)
    right = np.repeat(draw.integers(0, 2, 40), 50)  # all of a chain, or nothing
    codes = np.zeros(2000, int)
    prediction = np.eye(3)[1 - right]
    offsets = np.arange(0, 2001, 50)
    chains = bootstrapped("accuracy", codes, prediction, CLASSES, resamples(40, 500, 0), offsets)
    residues = bootstrapped("accuracy", codes, prediction, CLASSES, resamples(2000, 500, 0))
    assert chains.std() == pytest.approx(residues.std() * np.sqrt(50), rel=0.15)


def arm(points, resampled=None, noise=0.0, seed=0, networks=0):
    """Return an arm of these points, its resamples each seed's point with the noise of `seed`."""
    points = np.asarray(points, float)
    shared = noise * np.random.default_rng(seed).normal(size=400)
    drawn = points[:, None] + shared if resampled is None else np.asarray(resampled)
    return Arm(points, drawn, networks=networks)


def test_with_one_seed_on_each_side_the_interval_is_that_of_the_percentiles():
    first, second = arm([0.8], noise=0.1, seed=1), arm([0.5], noise=0.2, seed=2)
    estimate = difference(first, second)
    differences = (first.resampled - second.resampled)[0]
    assert estimate[:3] == pytest.approx((0.3, *np.percentile(differences, [2.5, 97.5])))
    assert estimate.seeds == 1


def test_what_two_arms_share_on_a_resample_cancels():
    first, draw = arm([0.8], noise=0.3), np.random.default_rng(0)
    second = arm([0.5], first.resampled - 0.3 + draw.normal(0, 0.001, 400))
    estimate = difference(first, second)
    assert estimate[:3] == pytest.approx((0.3, 0.298, 0.302), abs=5e-4)
    assert estimate.p < 1e-9
    alone = mean_with_interval(arm([0.8], noise=0.3))
    assert alone.high - alone.low > 1


def test_an_arm_does_not_differ_from_itself():
    several = arm([0.1, 0.1, 0.1], noise=0.1)  # their mean differs from one of them by rounding
    same = [side._replace(predictions=frozenset("a")) for side in (several, arm([0.1], noise=0.1))]
    for first, second in (same, same[::-1], (same[0], same[0])):
        estimate = difference(first, second)
        assert estimate[:3] == pytest.approx((0, 0, 0), abs=1e-15)
        assert estimate.p == 1


def test_the_p_of_seeds_alone_is_that_of_welch():
    first = arm([0.8, 0.9, 0.85], networks=3)
    second = arm([0.7, 0.83, 0.75, 0.81, 0.6], networks=5)
    estimate = difference(first, second, units=100)
    expected = ttest_ind(first.points, second.points, equal_var=False).pvalue
    assert estimate.p == pytest.approx(expected, rel=1e-9)
    assert estimate.seeds == 5


@pytest.mark.parametrize("units", [20, np.inf])
def test_the_p_of_the_test_subset_alone_is_that_of_its_units(units):
    first, second = arm([0.8], noise=0.1, seed=1), arm([0.5], noise=0.1, seed=2)
    error = (first.resampled - second.resampled).std(ddof=1)
    estimate = difference(first, second, units=units)
    assert estimate.p == pytest.approx(2 * student.sf(0.3 / error, units - 1), rel=1e-9)


def test_more_seeds_narrow_the_interval_of_one_arm():
    few, many = [0.1, 0.3, 0.2], [0.1, 0.3, 0.2] * 10
    wide, narrow = (mean_with_interval(arm(p)) for p in (few, many))
    assert np.ptp(wide[1:3]) > 4 * np.ptp(narrow[1:3]) > 0
    assert wide.seeds == 3
    assert np.isnan(wide.p)


def test_intervals_and_p_values_of_simulated_arms_are_right():
    """Two arms of equal expected accuracy, whose seeds differ by 0.06 and test examples at random:
    95 % of the intervals hold 0, and 5 % of the p are below 0.05."""
    draw, target, covered, p = (
        np.random.default_rng(0),
        Target("classification", ("A", "B")),
        [],
        [],
    )
    codes, units = np.zeros(150, int), 150

    def simulated(difficulty, seeds, counts):
        accuracies = np.clip(0.7 + draw.normal(0, 0.06, seeds), 0, 1)
        wrong = (difficulty > accuracies[:, None]).astype(int)
        predictions = np.eye(2)[wrong]
        resampled = [bootstrapped("accuracy", codes, one, target, counts) for one in predictions]
        return Arm(1 - wrong.mean(1), np.array(resampled), networks=seeds)

    for repeat in range(300):
        counts, difficulty = resamples(units, 200, repeat), draw.random((2, 1, units))
        sides = [simulated(difficulty[side], 5, counts) for side in range(2)]
        estimate = difference(*sides, units=units)
        covered.append(estimate.low <= 0 <= estimate.high)
        p.append(estimate.p)
    assert 0.92 <= np.mean(covered) <= 0.985  # 0.86 without the seeds' noise
    assert 0.015 <= np.mean(np.array(p) < 0.05) <= 0.08


@pytest.mark.filterwarnings("error")
def test_nan_on_either_side_gives_nan():
    good, bad = arm([0.8, 0.7], noise=0.1), arm([0.5, np.nan], noise=0.1)
    for first, second in ((good, bad), (bad, good)):
        estimate = difference(first, second)
        assert np.isnan(estimate[:4]).all()
    assert np.isnan(mean_with_interval(bad)[:3]).all()


def test_holm_adjusts_as_by_hand():
    # sorted: 0.005 * 4 = 0.02, 0.01 * 3 = 0.03, 0.03 * 2 = 0.06, 0.04 * 1 = 0.04, raised to 0.06
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


def test_holm_counts_no_nan_and_stays_at_most_one():
    np.testing.assert_allclose(holm([np.nan, 0.03, np.nan, 0.9]), [np.nan, 0.06, np.nan, 0.9])
    np.testing.assert_allclose(holm([0.7, 0.6]), [1, 1])
    assert np.isnan(holm([np.nan])).all()
    assert holm([]).shape == (0,)
