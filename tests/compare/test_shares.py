"""The share of a gain that is due to pretraining, and its interval."""

import numpy as np
import pytest

from plmbench.compare.draws import UNKNOWN, Estimate
from plmbench.compare.shares import MAY_BE_NONE, NO_GAIN, share_of


def estimate(value, error, freedom=1e6):
    """Return an Estimate of this error."""
    return Estimate(value, value - 2 * error, value + 2 * error, error=error, freedom=freedom)


def test_a_share_has_the_interval_of_fieller():
    found = share_of(estimate(0.10, 0.01), estimate(0.20, 0.02), 0.0001)
    assert found.share_of_gain == pytest.approx(0.5)
    # both ends are ratios for which the difference is 1.96 of its own errors
    for ratio in (found.share_low, found.share_high):
        error = np.sqrt(0.01**2 + ratio**2 * 0.02**2 - 2 * ratio * 0.0001)
        assert abs(0.10 - ratio * 0.20) / error == pytest.approx(1.96, abs=0.001)
    assert found.share_low < 0.5 < found.share_high


@pytest.mark.parametrize(
    ("part", "whole", "reason"),
    [
        (estimate(0.1, 0.01), estimate(-0.1, 0.01), NO_GAIN),
        (estimate(0.1, 0.01), estimate(0.0, 0.01), NO_GAIN),
        (estimate(0.1, 0.01), estimate(0.1, 0.06), MAY_BE_NONE),
        (estimate(0.1, 0.01), estimate(0.1, 0.03, freedom=2), MAY_BE_NONE),
        (UNKNOWN._replace(reason="few"), estimate(0.1, 0.01), "few"),
        (estimate(0.1, 0.01), UNKNOWN._replace(reason="few"), "few"),
    ],
)
def test_a_share_of_no_clear_gain_is_no_number_and_says_why(part, whole, reason):
    found = share_of(part, whole, 0.0)
    assert np.isnan(found[:3]).all()
    assert found.share_reason == reason


def test_intervals_of_a_share_hold_the_truth():
    draw, held = np.random.default_rng(0), 0
    for _ in range(1000):
        shared, own = 0.02 * draw.normal(), 0.02 * draw.normal(size=2)
        part, whole = 0.06 + shared + own[0], 0.15 + shared + own[1]
        error = 0.02 * np.sqrt(2)
        found = share_of(estimate(part, error), estimate(whole, error), 0.02**2)
        held += found.share_low <= 0.4 <= found.share_high
    assert 0.93 <= held / 1000 <= 0.97
