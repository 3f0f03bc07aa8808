"""The error of a value: what each source adds to it, and how well that is known."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from plmbench.compare.bootstrap import Arm, difference
from plmbench.compare.exact import discordant_part
from plmbench.compare.moderation import Prior
from plmbench.compare.noise import Part, joined, spread_part, told_part
from plmbench.core.noise_sources import NETWORKS, PROBE, TEST, TRAINING

DRAW = np.random.default_rng(0)
SHARED = 0.05 * DRAW.normal(size=400)  # noise of resamples that all sides have


def arm(*points, networks=0, own=0.0, seed=1):
    """Return an arm of these points with noise of its own beside the shared one."""
    noise = own * np.random.default_rng(seed).normal(size=(len(points), 400))
    return Arm(np.array(points), np.array(points)[:, None] + SHARED + noise, networks=networks)


@pytest.mark.parametrize(
    ("parts", "error", "freedom"),
    [
        ([Part(4.0, 9)], 2.0, 9),
        ([Part(4.0, 9), Part(5.0)], 3.0, 81 / (16 / 9)),
        ([Part(1.0, 99), Part(1.0, 2)], 2**0.5, 4 / (1 / 99 + 1 / 2)),
        ([Part(1.0, 99), Part(0.0, 2, gross=1.0)], 1.0, 2),  # 1 / (1 / 99 + 1 / 2), no less than 2
        ([Part(0.0, 5)], 0.0, np.inf),
        ([Part(3.0)], 3**0.5, np.inf),
    ],
)
def test_parts_are_joined_as_by_welch_and_satterthwaite(parts, error, freedom):
    assert joined(parts) == pytest.approx((error, freedom))


def test_the_pretrained_network_is_one_draw_beside_those_of_the_ablation():
    seeds = [0.50, 0.54, 0.46]
    found = difference(arm(0.7, networks=1), arm(*seeds, networks=3))
    assert found.error == pytest.approx(0.04 * np.sqrt(1 + 1 / 3))
    assert found.freedom == pytest.approx(2)
    baseline = difference(arm(*seeds, networks=3), arm(0.4))  # no draw on that side
    assert baseline.error == pytest.approx(0.04 / np.sqrt(3))


def test_several_pretrainings_have_a_spread_of_their_own():
    first, second = arm(0.7, 0.72, 0.74, networks=3), arm(0.5, 0.54, 0.46, networks=3)
    assert difference(first, second).error ** 2 == pytest.approx((0.02**2 + 0.04**2) / 3)


def test_the_test_noise_that_each_seed_has_by_itself_is_counted_once():
    points = np.array([0.50, 0.56, 0.47])
    own = 0.03 * np.random.default_rng(3).normal(size=(3, 5000))
    (part,) = spread_part(points, points[:, None] + own, 1 / 3)
    assert part.gross == pytest.approx(points.var(ddof=1) / 3)
    assert part.variance == pytest.approx((points.var(ddof=1) - 0.03**2) / 3, rel=0.05)
    (small,) = spread_part(points / 10, points[:, None] + own, 1.0)
    assert (small.variance, small.freedom) == (0.0, 2)
    assert small.gross > 0


def test_nothing_is_known_of_the_spread_of_one_draw_and_equal_draws_have_none():
    assert spread_part(np.array([0.5]), np.zeros((1, 9)), 1.0) == []
    prior = Prior(0.01, 9.0, 20.0)
    assert spread_part(np.full(3, 0.5), np.tile(SHARED, (3, 1)), 1.0, prior) == []


def test_one_seed_has_an_interval_of_test_units_no_p_and_the_reason():
    found = difference(arm(0.7, networks=1), arm(0.5, own=0.01, networks=1), units=300)
    assert found.low < 0.2 < found.high
    assert np.isnan([found.p, found.error, found.freedom]).all()
    assert found.reason.startswith("one seed: the spread between networks is unknown")


def test_probe_seeds_are_paired_between_arms():
    first, second = arm(0.70, 0.80, 0.60, networks=1), arm(0.50, 0.60, 0.40)
    same = [side._replace(predictions=frozenset("a")) for side in (first, second)]
    assert difference(*same)[1:4] == pytest.approx((0.2, 0.2, 1))  # not by the spread of each
    unlike = arm(0.40, 0.50, 0.63)
    expected = ttest_1samp(first.points - unlike.points, 0).pvalue
    assert difference(first, unlike).p == pytest.approx(expected)
    fewer = arm(0.50, 0.60)  # of another number: nothing to pair
    assert difference(first, fewer).error ** 2 == pytest.approx(0.01 / 3 + 0.005 / 2)


def test_other_parts_widen_an_interval():
    first, second = arm(0.7, networks=1), arm(0.5, own=0.02)
    alone, wider = (difference(first, second, others=o) for o in ((), [Part(0.03**2, 4)]))
    assert wider.error**2 == pytest.approx(alone.error**2 + 0.03**2)
    assert wider.low < alone.low < alone.high < wider.high
    assert wider.p > alone.p


@pytest.mark.parametrize(
    ("source", "own", "networks", "probe", "training"),
    [
        (TEST, 0.05, 0.01, 0.01, 0.01),
        (NETWORKS, 0.01, 0.05, 0.01, 0.01),
        (PROBE, 0.01, 0.01, 0.05, 0.01),
        (TRAINING, 0.01, 0.01, 0.01, 0.05),
    ],
)
def test_the_source_that_adds_most_to_the_noise_is_named(source, own, networks, probe, training):
    units = own * np.random.default_rng(3).normal(size=(2, 400))
    by_network = networks * np.array([-1.0, 0.0, 1.0])[:, None] + probe * np.array([-1.0, 1.0])
    sides = [
        Arm(points, points[:, None] + noise, networks=count)
        for points, noise, count in zip(
            (np.full(2, 0.6), by_network.ravel()), units, (1, 3), strict=True
        )
    ]
    others = [Part(training**2, 4, source=TRAINING)]
    assert difference(*sides, 300, others=others).most_noise == source


def test_few_discordant_units_show_less_spread_than_there_is():
    hits = np.ones((2, 150))
    hits[0, 0] = 0  # one unit differs
    counts = np.random.default_rng(0).multinomial(150, np.full(150, 1 / 150), 2000)
    sides = [Arm(h.mean()[None], (counts @ h / 150)[None]) for h in hits]
    plain = difference(*sides, 150, (0.0, 1.0))
    found = difference(*sides, 150, (0.0, 1.0), [discordant_part(150, (0.0, 1.0))])
    assert plain.high < 0.001  # the unit was drawn, or was not
    assert found.high > plain.high + 0.003
    assert found.error == pytest.approx(np.sqrt(2) / 150, rel=0.1)


def simulated(prior, reps=400, seeds=3, spread=0.04):
    """Return the share of intervals that hold a difference of 0 between draws of one kind."""
    draw, held = np.random.default_rng(1), 0
    for _ in range(reps):
        points = 0.5 + spread * draw.normal(size=1 + seeds)
        own = 0.01 * draw.normal(size=(1 + seeds, 100))
        side = [points[:1], points[1:]]
        noise = [own[:1], own[1:]]
        pair = [
            Arm(p + 0.01 * draw.normal(size=len(p)), p[:, None] + n, networks=len(p))
            for p, n in zip(side, noise, strict=True)
        ]
        found = difference(*pair, prior=prior)
        held += found.low <= 0 <= found.high
    return held / reps


@pytest.mark.parametrize("prior", [None, Prior(0.04**2 + 0.01**2, 20.0, 30.0)])
def test_intervals_of_three_seeds_hold_the_truth(prior):
    assert 0.92 <= simulated(prior) <= 0.985


@pytest.mark.parametrize(
    ("prior", "expected"),
    [
        (Prior(0.05, 4.0, 20.0, 0.01), (0.04, 4.0, 0.05)),
        (Prior(0.05, np.inf, 8.0, 0.01), (0.04, 8.0, 0.05)),
        (Prior(0.05, 4.0, 20.0, 0.06), (0.0, 4.0, 0.05)),  # nothing is left beside the test units
    ],
)
def test_others_tell_of_the_spread_of_a_single_draw(prior, expected):
    assert told_part(prior)[:3] == pytest.approx(expected[:3])


@pytest.mark.parametrize(("networks", "told"), [(1, True), (0, False)])
def test_a_network_is_a_draw_against_a_baseline_too(networks, told):
    prior = Prior(0.04**2, 20.0, 30.0)
    sides = arm(0.6, networks=networks, own=0.01), arm(0.5, own=0.01, seed=2)
    plain, moderated = difference(*sides, 300), difference(*sides, 300, prior=prior)
    added = moderated.error**2 - plain.error**2
    assert added == pytest.approx(0.04**2 if told else 0.0)
    assert (moderated.p > plain.p) == told
