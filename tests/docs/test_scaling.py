"""What the simulation of trends gave, and that it runs."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.statistics.scaling import SCENES, architecture_rate, before_rate, rates
from docs.generate import DOCS, filled
from docs.simulations import STATISTICS

TABLE = pd.read_csv(STATISTICS / "scaling.tsv", sep="\t")
FLAT = TABLE[~TABLE["rises"]]
BY_RULE = FLAT[FLAT["after"].notna()]


def test_every_scene_is_in_the_table():
    assert {scene.words for scene in SCENES} <= set(TABLE["scene"])


@pytest.mark.parametrize(
    ("axis", "chains", "least"), [("size", 80, 0.2), ("size", 1000, 0.3), ("depth", 80, 0.2)]
)
def test_before_a_flat_truth_was_said_to_rise_in_many_studies(axis, chains, least):
    spread = FLAT["scene"].str.contains("spread|walk|ablated")
    own = FLAT[spread & (FLAT["axis"] == axis) & (FLAT["chains"] == chains)]
    assert own["before"].max() >= least


def test_now_it_is_in_at_most_one_of_forty_but_for_chance():
    shapes = BY_RULE["scene"].str.startswith("trainings and shapes spread .02: 3 pretrainings")
    assert BY_RULE[~shapes]["after"].max() < 0.045  # .025, and 3 standard errors of 800 trials
    assert BY_RULE[shapes]["after"].max() < 0.15  # docs/scaling.md says so


def test_three_sizes_are_not_assessable():
    three = FLAT["scene"].str.endswith(": 3 sizes")
    assert FLAT[three]["after"].isna().all()


def test_a_rise_is_found():
    size = TABLE[TABLE["rises"] & (TABLE["axis"] == "size")]
    assert (size["after"] > 0.8).all()


def test_the_simulation_runs_and_is_seeded():
    index = next(i for i, scene in enumerate(SCENES) if scene.words.endswith(": 5 sizes"))
    found = [rates(SCENES[index], index, 20, 50) for _ in range(2)]
    assert found[0] == found[1]
    assert np.isfinite(found[0]["after"])


def test_one_pretraining_whose_spread_is_left_out_is_said_to_give_more_often():
    facts = 0.04, 60, 50
    assert architecture_rate(facts[0], 3, *facts[1:]) <= before_rate(*facts)


def test_the_page_has_the_table():
    page = DOCS / "scaling.md"
    assert filled(page) == page.read_text(encoding="utf-8")
