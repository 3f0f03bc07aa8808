"""Slopes of gains: what each rule rests on, how often it errs where nothing rises, and what it says
of too few points."""

import numpy as np
import pytest
from scipy.stats import linregress, spearmanr, ttest_1samp

from plmbench.compare.trends import (
    judged,
    of_networks,
    of_path,
    of_paths,
    rank_correlation_of,
    rule_of_networks,
    rule_of_paths,
)

RNG = np.random.default_rng(0)
SIZES = np.array([1.0, 2, 3, 4, 5])
GAINS = np.array([0.10, 0.12, 0.11, 0.16, 0.17])


def trend(rule, values, noise=0.0):
    """Return the Trend of gains by a rule."""
    return judged(float(rule.weights @ values), rule, noise)


def test_one_network_per_size_is_an_ordinary_regression():
    found, expected = trend(of_networks(SIZES, GAINS), GAINS), linregress(SIZES, GAINS)
    assert found.slope == pytest.approx(expected.slope)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.low < found.slope < found.high


def test_from_five_sizes_on_a_size_counts_once_whatever_its_pretrainings():
    x, values = np.repeat(SIZES, 3), np.repeat(GAINS, 3) + np.tile([-0.01, 0, 0.01], 5)
    many, one = (trend(of_networks(*pair), pair[1]) for pair in ((x, values), (SIZES, GAINS)))
    assert many == pytest.approx((*one[:4], ""))


def test_below_five_sizes_each_pretraining_is_a_point():
    x, values = np.repeat(SIZES[:3], 3), RNG.normal(size=9)
    assert trend(of_networks(x, values), values).p == pytest.approx(linregress(x, values).pvalue)


def test_a_path_is_tested_by_its_mean_step():
    walk = RNG.normal(size=9).cumsum()
    found = trend(of_path(np.arange(9.0), walk), walk)
    assert found.slope == pytest.approx(np.diff(walk).mean())
    assert found.p == pytest.approx(ttest_1samp(np.diff(walk), 0).pvalue)


def test_a_path_has_no_memory_of_how_its_steps_are_cut():
    x = np.array([0.0, 1, 2, 4, 8, 16])  # twice the distance, twice the variance
    walks = (np.sqrt(np.diff(x)) * RNG.normal(size=(4000, 5))).cumsum(1)
    walks = np.column_stack([np.zeros(4000), walks])
    rate = np.mean([trend(of_path(x, walk), walk).p < 0.05 for walk in walks])
    assert 0.035 < rate < 0.065


def test_several_paths_are_tested_by_their_slopes():
    x, runs = np.tile(np.arange(4.0), 3), np.repeat([0, 1, 2], 4)
    values = RNG.normal(size=12).cumsum()
    slopes = (values[3::4] - values[::4]) / 3
    found = trend(of_paths(x, values, runs), values)
    assert (found.slope, found.p) == pytest.approx((slopes.mean(), ttest_1samp(slopes, 0).pvalue))


@pytest.mark.parametrize(
    ("x", "reason"),
    [
        ([1, 2, 3], "3 sizes, 3 pretrainings: needs 5, or 3 pretrainings at 3 sizes"),
        ([1, 2, 3, 4], "4 sizes, 4 pretrainings"),
        ([1, 1, 1, 2, 2, 2, 3, 3], "3 sizes, 8 pretrainings"),
        ([1, 2, 3, 4, 5], ""),
        ([1, 1, 1, 2, 2, 2, 3, 3, 3], ""),
        ([1, 2, 2, 2, 3, 3, 3, 4, 4, 4], ""),
    ],
)
def test_five_sizes_or_three_pretrainings_at_three_sizes_can_be_assessed(x, reason):
    found = rule_of_networks(np.array(x, float), np.arange(len(x), dtype=float))
    assert isinstance(found, str) == bool(reason)
    assert not reason or found.startswith(reason)


@pytest.mark.parametrize(
    ("runs", "counted"),
    [
        ([0] * 4, 0),
        ([0] * 5, 5),
        ([0] * 3 + [1] * 3, 0),
        ([0] * 5 + [1] * 5, 5),  # two pretrainings: the first one alone
        ([0] * 4 + [1] + [2], 0),  # ends of other pretrainings are no paths
        ([0] * 3 + [1] * 3 + [2] * 3, 9),
        ([0] * 3 + [1] * 3 + [2] * 3 + [3], 9),
    ],
)
def test_five_points_of_one_pretraining_or_three_pretrainings_can_be_assessed(runs, counted):
    x = np.concatenate([np.arange(n) for n in np.unique(runs, return_counts=True)[1]])
    found = rule_of_paths(x.astype(float), RNG.normal(size=len(x)), np.array(runs), "layers")
    assert isinstance(found, str) == (counted == 0)
    if counted:
        ends = np.flatnonzero(found.weights)
        assert len(ends) == 2 * (3 if counted == 9 else 1)
        assert ends.max() < counted


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ([0] * 4, "4 layers, 1 pretraining: needs 5, or 3 pretrainings at 3 layers"),
        ([0] * 4 + [1] * 2, "4 layers, 2 pretrainings: needs 5, or 3 pretrainings at 3 layers"),
        ([0, 1, 2], "1 layers, 3 pretrainings: needs 5, or 3 pretrainings at 3 layers"),
    ],
)
def test_too_short_a_path_says_what_it_would_take(runs, words):
    x = np.arange(len(runs), dtype=float)
    assert rule_of_paths(x, x, np.array(runs), "layers") == words


def test_points_of_a_path_may_stand_in_any_order():
    x, values = np.arange(6.0), RNG.normal(size=6).cumsum()
    order = RNG.permutation(6)
    rules = [rule_of_paths(x[o], values[o], np.zeros(6), "layers") for o in (np.arange(6), order)]
    assert rules[0].weights[order].tolist() == rules[1].weights.tolist()
    assert rules[0].variance == pytest.approx(rules[1].variance)


def test_noise_of_the_test_subset_widens_what_the_points_alone_would_say():
    rule = of_networks(SIZES, GAINS)
    plain, noisy = trend(rule, GAINS), trend(rule, GAINS, 100 * rule.variance)
    assert noisy.slope == plain.slope
    assert noisy.high - noisy.low == pytest.approx(10 * (plain.high - plain.low))
    assert trend(rule, GAINS, rule.variance / 100) == plain


@pytest.mark.parametrize("noise", [0.0, np.nan])
def test_what_has_no_spread_is_not_certain(noise):
    flat = np.full(5, 0.1)
    found = trend(of_networks(SIZES, flat), flat, noise)
    assert np.isnan(found.p)
    assert found.reason


@pytest.mark.parametrize(
    ("rule_of", "draw", "x"),
    [
        (of_networks, lambda rng, n: rng.normal(size=n), np.arange(5.0)),
        (of_networks, lambda rng, n: rng.normal(size=n), np.repeat([0.0, 1, 2], 3)),
        (of_path, lambda rng, n: rng.normal(size=n).cumsum(), np.arange(16.0)),
        (of_path, lambda rng, n: rng.normal(size=n).cumsum(), np.arange(5.0)),
    ],
    ids=["five sizes", "three by three", "walk of 16", "walk of 5"],
)
def test_where_nothing_rises_one_in_twenty_is_said_to_rise_or_fall(rule_of, draw, x):
    rng = np.random.default_rng(1)
    drawn = [draw(rng, len(x)) for _ in range(2000)]
    rate = np.mean([trend(rule_of(x, values), values).p < 0.05 for values in drawn])
    assert 0.035 < rate < 0.065


def test_rank_correlation_is_that_of_scipy_from_three_points_on():
    x, values = RNG.normal(size=6), RNG.normal(size=6)
    assert rank_correlation_of(x, values) == pytest.approx(spearmanr(x, values).statistic)
    assert np.isnan(rank_correlation_of(x[:2], values[:2]))
    assert np.isnan(rank_correlation_of(x, np.zeros(6)))
