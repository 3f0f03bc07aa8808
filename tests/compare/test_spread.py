"""Numbers of maps of responses, where they are known by hand."""

import numpy as np
import pytest

from plmbench.compare.spread import (
    decay_lengths,
    influence,
    letter_share,
    profile,
    rings,
    spread,
)

RESIDUES = 40


def decaying(length, residues=RESIDUES):
    """Return [1, p, q], exp(-|p - q| / length)."""
    places = np.arange(residues)
    return np.exp(-np.abs(places[:, None] - places) / length)[None]


def test_an_even_spread_reaches_as_far_as_an_even_spread():
    found = spread(np.ones((1, RESIDUES, RESIDUES)))
    assert found["reach"] == pytest.approx(1)
    assert found["gain"] == pytest.approx(RESIDUES**0.5)
    assert found["off"] == pytest.approx(1 - 1 / RESIDUES)
    assert found["slope"] == pytest.approx(0)
    assert found["helix"] == pytest.approx(0)


def test_a_response_to_itself_alone_spreads_nowhere():
    found = spread(0.5 * np.eye(RESIDUES)[None])
    assert (found["gain"], found["off"]) == (pytest.approx(0.5), pytest.approx(0))
    assert all(np.isnan(found[name]) for name in ("reach", "r50", "r90", "slope", "helix"))


@pytest.mark.parametrize("length", [1.5, 4.0, 20.0])
def test_the_slope_of_an_exponential_is_its_decay_length(length):
    slope = float(spread(decaying(length))["slope"][0])
    assert dict(decay_lengths({"": slope})) == {"": pytest.approx(length)}


@pytest.mark.parametrize(("slope", "expected"), [(0.0, np.inf), (0.1, np.inf), (np.nan, np.nan)])
def test_what_does_not_fall_has_no_finite_decay_length(slope, expected):
    assert dict(decay_lengths({"low": slope}))["low"] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("apart", [1, 3, 7])
def test_energy_at_one_distance_has_its_radius_there(apart):
    places = np.arange(RESIDUES)
    response = (np.abs(places[:, None] - places) == apart).astype(float)[None]
    found = spread(response)
    assert found["r50"] == pytest.approx(apart)
    assert found["r90"] == pytest.approx(apart)
    even = np.abs(places[:, None] - places).sum(1).mean() / (RESIDUES - 1)
    assert found["reach"] == pytest.approx(apart / even)
    assert found["off"] == pytest.approx(1)


def test_reach_and_radius_are_means_over_residues_and_not_of_the_sum():
    response = np.zeros((1, RESIDUES, RESIDUES))
    response[0, 0, 2], response[0, 5, 9] = 1000, 1e-3
    found = spread(response)
    assert found["r50"] == pytest.approx((2 + 4) / 2)


def test_a_helix_answers_at_three_and_four():
    places = np.arange(RESIDUES)
    apart = np.abs(places[:, None] - places)
    response = np.exp(0.36 * np.isin(apart, (3, 4)))[None]
    assert spread(response)["helix"] == pytest.approx(0.36)
    assert profile(response)[0, :5] == pytest.approx([0, 0, 0.36, 0.36, 0])


def test_rings_hold_all_energy_whatever_is_not_symmetric():
    energy = np.random.default_rng(0).random((2, 7, 7))
    found = rings(energy)
    np.testing.assert_allclose(found.sum(2), energy.sum(2))
    assert found[1, 3, 2] == pytest.approx(energy[1, 3, 1] + energy[1, 3, 5])


def test_influence_is_what_a_residue_sends_to_others():
    response = np.ones((1, 4, 4))
    response[0, 2] *= np.e
    np.fill_diagonal(response[0], 1e6)
    np.testing.assert_allclose(influence(response)[0], [-0.25, -0.25, 0.75, -0.25])


@pytest.mark.parametrize(
    ("values", "letters", "expected"),
    [
        ([1, 1, 3, 3], "AACC", 1.0),
        ([1, 3, 1, 3], "AACC", 0.0),
        ([0, 2, 2, 4], "AACC", 0.5),
        ([1, 1, np.nan, 3], "AACC", 1.0),
        ([2, 2, 2], "ACD", np.nan),
    ],
)
def test_the_share_of_variance_that_letters_explain(values, letters, expected):
    found = letter_share(np.array(values, float), np.array(list(letters)))
    assert found == pytest.approx(expected, nan_ok=True)
