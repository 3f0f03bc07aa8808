"""What the simulation of worth gave, and that it runs."""

import pandas as pd

from benchmarks.statistics.worth import SCENES, Scene, rates
from benchmarks.tables import RESULTS

TABLE = pd.read_csv(RESULTS / "statistics/worth.tsv", sep="\t")


def test_every_scene_is_there():
    found = {Scene(*row) for row in TABLE[list(Scene._fields)].itertuples(index=False)}
    assert found == set(SCENES)


def test_intervals_hold_the_true_worth():
    assert TABLE["coverage_shipped"].min() >= 0.9
    assert TABLE["coverage_shipped"].mean() >= 0.94
    drawn = TABLE[TABLE["spread"] > 0]  # where draws are taken as given, fewer do
    assert drawn["coverage_naive"].min() < drawn["coverage_shipped"].min()


def test_equal_curves_are_seldom_told_apart():
    equal = TABLE[TABLE["worth"] == 1]
    assert equal["above_one_shipped"].max() <= 0.05


def test_the_simulation_runs():
    row = rates(Scene(10.0, 100, 0.05), 3)
    assert 0 <= row["coverage_shipped"] <= 1
    assert row["doublings_shipped"] > 0
