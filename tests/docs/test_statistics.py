"""What the simulation of few test sequences gave, and that it runs."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.statistics.few_units import LEAST_GAIN, UNITS, false_no_benefit, rates
from benchmarks.statistics.scenes import CLASSES, SCENES
from docs.simulations import FEW_UNITS
from plmbench.core.metrics import METRICS, measured
from plmbench.core.units import FEWEST_UNITS

TABLE = pd.read_csv(FEW_UNITS, sep="\t")


def test_every_metric_has_a_scene_of_a_gain_that_counts():
    assert set(TABLE["metric"]) == set(METRICS) - {"ndcg"}  # whose gains are far below a hundredth
    assert (TABLE["gain"] >= LEAST_GAIN).all()
    assert set(TABLE["units"]) == set(UNITS)


def test_no_benefit_is_in_error_in_at_most_5_percent_of_any_scene():
    assert false_no_benefit(TABLE).max() <= 0.05
    assert TABLE["excluded_before"].max() > 0.5


@pytest.mark.parametrize("metric", sorted(set(TABLE["metric"])))
def test_a_verdict_needs_no_more_sequences_than_its_metric_calls_for(metric):
    own = TABLE[(TABLE["metric"] == metric) & (TABLE["units"] >= 50)]
    wrong = own[own["excluded_after"] > 0.05]["units"].max()
    assert METRICS[metric].fewest_units == (50 if np.isnan(wrong) else 100)


def test_intervals_of_the_least_number_of_sequences_hold_the_gain():
    held = TABLE[TABLE["units"] == FEWEST_UNITS]["coverage_after"]
    assert held.median() >= 0.9
    assert TABLE[TABLE["units"] == 5]["coverage_before"].median() < 0.8


def test_the_simulation_runs_and_tells_before_from_after():
    scene = next(s for s in SCENES if s.metric == "accuracy" and s.target is CLASSES)
    row = rates(scene, 2, scene.gain(np.random.default_rng(0)), 20)
    assert row["excluded_before"] > row["excluded_after"] == 0
    assert row["intervals_before"] > row["intervals_after"]
    assert row == rates(scene, 2, scene.gain(np.random.default_rng(0)), 20)  # seeded


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.metric} {scene.skills}")
def test_the_better_arm_of_a_scene_is_better(scene):
    y_true, *sides = scene.draw(np.random.default_rng(0), 2000 // scene.lengths, scene.skills)
    order = -1 if METRICS[scene.metric].lower_is_better else 1
    first, second = (order * measured(scene.metric, y_true, x, scene.target)[0] for x in sides)
    assert first > second
