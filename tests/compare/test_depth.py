"""Where half of a gain is lost: areas, crossings, shares, and what an interval covers."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from plmbench.compare.depth import (
    Drawn,
    area_under,
    crossing,
    falling,
    half_depth,
    left_of_gain,
    over_seeds,
    ratios,
    share_lost,
)

DEPTHS = np.array([0, 1, 2, 4, 8, 12, 14, 15, 16])


def exactly(values, noise=0.0, count=400, seed=0):
    """Return the Drawn of values that vary by the same amount on every resample."""
    rng = np.random.default_rng(seed)
    return Drawn(np.array(values), np.array(values) + noise * rng.standard_normal((count, 1)))


@pytest.mark.parametrize(
    ("left", "area", "k50"),
    [
        (1 - DEPTHS / 16, 0.5, 8.0),  # every block gives as much
        ((DEPTHS < 16).astype(float), 15.5 / 16, 15.5),  # the last to go holds all
        ((DEPTHS < 1).astype(float), 0.5 / 16, 0.5),
        (np.where(DEPTHS < 8, 1.0, 0.0), 6 / 16, 6.0),
    ],
)
def test_area_and_half_depth_of_known_curves(left, area, k50):
    assert area_under(DEPTHS, left) == pytest.approx(area)
    assert half_depth(DEPTHS, left) == pytest.approx(k50)


@pytest.mark.parametrize("seed", range(5))
def test_the_fall_is_that_of_isotonic_regression(seed):
    values = np.linspace(1, 0, 9) + 0.4 * np.random.default_rng(seed).standard_normal((3, 9))
    for row, fitted in zip(values, falling(values), strict=True):
        expected = IsotonicRegression(increasing=False).fit_transform(np.arange(9), row)
        np.testing.assert_allclose(fitted, expected, atol=1e-12)


def test_a_curve_that_dips_and_rises_crosses_once():
    left = np.array([1.0, 0.4, 0.8, 0.3, 0.0])
    assert half_depth(np.arange(5), left) == pytest.approx(crossing(np.arange(5), falling(left)))
    assert falling(left)[1] == falling(left)[2] == pytest.approx(0.6)
    assert half_depth(np.arange(5), left) == pytest.approx(2 + 1 / 3)


@pytest.mark.parametrize(("intact", "ablated"), [(0.5, 0.5), (0.4, 0.6)])
def test_nothing_is_divided_by_no_gain(intact, ablated):
    values = np.array([intact, 0.45, ablated])
    assert np.isnan(left_of_gain(values, values[0], values[-1])).all()
    found = ratios(np.arange(3), Drawn(values, np.tile(values, (50, 1))))
    assert np.isnan([*found.area, *found.k50]).all()


def test_what_varies_alike_at_every_depth_cancels():
    found = ratios(DEPTHS, exactly(0.4 + 0.2 * (1 - DEPTHS / 16), noise=0.05))
    assert found.k50 == pytest.approx((8, 8, 8))
    assert [left.value for left in found.left] == pytest.approx(list(1 - DEPTHS / 16))


def test_a_share_is_below_0_where_the_part_did_harm():
    intact, ablated, better = (exactly([value]) for value in (0.54, 0.50, 0.56))
    assert share_lost(better, intact, ablated).value == pytest.approx(-0.5)
    assert share_lost(ablated, intact, ablated).value == pytest.approx(1)
    assert share_lost(intact, intact, ablated).value == pytest.approx(0)


@pytest.mark.parametrize("seeds", [2, 3, 8])
def test_seeds_add_students_t_and_stay_together_over_depths(seeds):
    rng = np.random.default_rng(seeds)
    points = rng.standard_normal((seeds, 1)) + np.zeros((1, 3))  # a seed shifts the whole curve
    drawn = over_seeds(points, np.zeros((seeds, 40_000, 3)) + points[:, None], rng)
    noise = drawn.resampled - points.mean(0)
    assert np.allclose(noise, noise[:, :1])
    from scipy.stats import t

    error = points[:, 0].std(ddof=1) / np.sqrt(seeds)
    low, high = np.percentile(noise[:, 0], [2.5, 97.5])
    expected = error * t.ppf(0.975, seeds - 1)
    assert (-low, high) == pytest.approx((expected, expected), rel=0.1)


def test_one_seed_adds_no_noise():
    points, resampled = np.ones((1, 3)), np.random.default_rng(0).random((1, 20, 3))
    drawn = over_seeds(points, resampled, np.random.default_rng(0))
    assert np.array_equal(drawn.resampled, resampled[0])
