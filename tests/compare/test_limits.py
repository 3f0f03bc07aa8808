"""How many test units or seeds would find a gain: whether as many find it, where the truth is
known."""

import numpy as np
import pandas as pd
import pytest

from plmbench.compare.limits import Question, detectable_gain, seeds_for, units_for
from plmbench.compare.noise import Part, joined
from plmbench.compare.tails import student_sf
from plmbench.core.noise_sources import NETWORKS, TEST

GAIN = 0.2
DRAW = np.random.default_rng(0)


def studied(unit_sd, spread, units, seeds, gain=GAIN):
    """Return (difference, its row) of one study: test units of this sd, a pretrained network and
    seeds of its ablation with this spread between networks."""
    test = unit_sd**2 / units * DRAW.chisquare(units - 1) / (units - 1)
    networks = spread**2 * (1 + 1 / seeds) * DRAW.chisquare(seeds - 1) / (seeds - 1)
    truth = np.sqrt(unit_sd**2 / units + spread**2 * (1 + 1 / seeds))
    noise = joined([Part(test, units - 1), Part(networks, seeds - 1, source=NETWORKS)])
    most = TEST if test >= networks else NETWORKS
    errors = {"test_error": test**0.5, "seed_error": networks**0.5, "most_noise": most}
    row = {"error": noise.error, "freedom": noise.freedom, "role": "ablation", **errors}
    return gain + truth * DRAW.normal(), row | {"units": units, "seeds": seeds}


def found(unit_sd, spread, units, seeds, studies=400):
    """Return the share of studies of so many units and seeds that find the gain."""
    rows = [studied(unit_sd, spread, units, seeds) for _ in range(studies)]
    return np.mean([student_sf(d / row["error"], row["freedom"]) < 0.05 for d, row in rows])


def advised(unit_sd, spread, units, seeds, studies=60):
    """Return the numbers that studies of so many units and seeds are told would do."""
    made = [studied(unit_sd, spread, units, seeds)[1] for _ in range(studies)]
    return np.array([detectable_gain(pd.DataFrame([row]), 1, GAIN).would_take for row in made])


def power_of_advice(unit_sd, spread, units, seeds):
    """Return the power before, and the mean power of studies of as many as each study is told."""
    numbers = advised(unit_sd, spread, units, seeds)
    more_units = unit_sd**2 / units > spread**2 * (1 + 1 / seeds)
    sizes = [(n, seeds) if more_units else (units, n) for n in numbers if n]
    after = [found(unit_sd, spread, *size, studies=40) for size in sizes]
    return found(unit_sd, spread, units, seeds), np.mean(after)


def test_as_many_test_units_as_a_study_is_told_find_the_gain_with_the_power_that_is_said():
    before, after = power_of_advice(2.0, 0.02, 100, 5)
    assert before < 0.4
    assert 0.76 < after < 0.84


def test_as_many_seeds_as_a_study_is_told_find_it_with_less_for_few_seeds_know_their_spread_badly():
    before, after = power_of_advice(0.2, 0.07, 300, 3)
    assert before < 0.6 < after < 0.84  # 0.69 of many studies


@pytest.mark.parametrize(
    ("other", "units", "seeds"),
    [
        ({}, 155, 0),
        ({"test_error": 0.15, "error": 0.15}, 348, 0),  # is harder by its test units
        ({"seed_error": 0.15, "error": 0.15, "test_error": 0.0}, 0, 0),  # which units do not help
    ],
)
def test_what_would_do_is_enough_for_every_reference(other, units, seeds):
    base = {"error": 0.1, "freedom": 1e6, "role": "baseline", "units": 100, "seeds": 3}
    base |= {"test_error": 0.1, "seed_error": 0.0, "most_noise": TEST}
    rows = pd.DataFrame([base | {"role": "ablation"}, base | other])
    assert units_for(Question(GAIN, 1), rows) == units
    assert seeds_for(Question(GAIN, 1), rows) == seeds
