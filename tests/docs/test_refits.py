"""What the simulation of refits on GB1 gave, and that it runs."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.statistics import gb1, gb1_refits
from benchmarks.statistics.gb1_refits import GIVEN, LEAST, MOST, POOLINGS, REDRAWS, SHIPPED
from docs.simulations import REFIT_RULES, STATISTICS

TABLE = pd.read_csv(STATISTICS / "gb1_refits.tsv", sep="\t")
VARIANTS = {"train": 700, "validation": 100, "test": 900}


def made_scene(noise=1.0):
    """Return a Scene of made-up variants under a narrow and a wide representation."""
    rng = np.random.default_rng(0)
    count = sum(VARIANTS.values())
    X = rng.normal(size=(count, 12)).astype(np.float32)
    y = X[:, :6].sum(1) + noise * rng.normal(size=count)
    subset = np.repeat([*VARIANTS], [*VARIANTS.values()])
    layers = {("narrow", "none", "flat"): [X[:, :4]], ("wide", "none", "mean"): [X[:, 6:], X]}
    return gb1_refits.Scene(gb1.Population(y, subset, layers), [1.0, 100.0]), [*layers.values()]


def test_the_table_holds_every_rule_and_pooling_of_the_full_run():
    assert {*zip(TABLE["rule"], TABLE["pooling"], strict=True)} == {
        (rule, pooling) for rule in REFIT_RULES for pooling in POOLINGS
    }
    assert (TABLE["trials"] == gb1_refits.TRIALS).all()


@pytest.mark.parametrize("pooling", POOLINGS)
def test_intervals_hold_the_gain_with_refits_and_not_without(pooling):
    held = TABLE[TABLE["pooling"] == pooling].set_index("rule")["coverage"]
    assert LEAST <= held[SHIPPED] <= MOST
    assert held[GIVEN] < 0.9
    assert LEAST <= gb1_refits.coverage(TABLE) <= MOST


def test_the_shipped_rule_is_the_narrowest_that_holds_the_gain():
    valid = TABLE[TABLE["coverage"] >= LEAST].groupby("pooling")["width"]
    shipped = TABLE[TABLE["rule"] == SHIPPED].set_index("pooling")["width"]
    assert (valid.min() == shipped[valid.min().index]).all()


def test_the_simulation_is_seeded_and_refits_widen_its_intervals():
    scene, arms = made_scene()
    first, again = (gb1_refits.trial_of(scene, arms, REDRAWS, 3) for _ in range(2))
    assert first.wholes == again.wholes
    found, same = (list(gb1_refits.intervals(trial, 1)) for trial in (first, again))
    assert found == same
    widths = {rule: high - low for rule, low, high in found}
    assert set(widths) == set(REFIT_RULES)
    assert widths[GIVEN] < widths[SHIPPED] < widths["unscaled"]


def test_a_layer_that_says_more_is_chosen_on_validation():
    scene, (_, layers) = made_scene(noise=0.1)
    rows = {name: np.flatnonzero(scene.whole.subset == name) for name in VARIANTS}
    subsets = [rows[name] for name in ("train", "validation", "test")]
    assert scene.value(rows["test"], scene.predictions(layers, *subsets)) > 0.99
