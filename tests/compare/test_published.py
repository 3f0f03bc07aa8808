"""The published study's own rule, by its thresholds."""

import numpy as np
import pytest

from helpers.verdicts import differences
from plmbench.compare.decisions import with_holm
from plmbench.compare.published import published_rule

UP, DOWN = {"difference": 0.1}, {"difference": -0.1}
ALL = {"onehot": UP, "reinit": UP, "resample": UP}
UNKNOWN = dict.fromkeys(("size", "depth", "pretraining"), np.nan)


def rule(found=ALL, rho=UNKNOWN, **where):
    """Return the verdict of a network by the rule."""
    return published_rule(with_holm(differences(["net"], found, **where), {}, {}), rho)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (ALL, "benefits"),  # t is 0.1 / (0.02 / sqrt(3)) = 8.7 with 2 degrees of freedom
        (ALL | {"onehot": {"difference": 0.0001}}, "benefits"),  # one-hot is not tested
        (ALL | {"onehot": DOWN}, "no benefit"),
        (ALL | {"reinit": {"difference": 0.03}}, "no benefit"),  # t 2.6, p .06
        (ALL | {"reinit": {"difference": 0.04}}, "benefits"),  # t 3.5, p .04
        (ALL | {"reinit": {"difference": 0.04, "seeds": 2}}, "no benefit"),  # p .11
        (ALL | {"reinit": {"difference": 0.04, "seeds": 1, "seed_sd": np.nan}}, ""),
        ({"onehot": UP}, ""),
        ({"reinit": UP}, ""),
        (ALL | {"reinit": {"difference": np.nan}}, ""),
    ],
)
def test_a_network_benefits_above_one_hot_and_by_a_t_test_of_seeds(found, verdict):
    assert rule(found) == verdict


@pytest.mark.parametrize(
    ("rho", "verdict"),
    [
        ({"size": 1.0}, "scales"),
        ({"size": 0.99}, "benefits"),  # each step in size must rise
        ({"size": 1.0, "depth": 0.9, "pretraining": 0.9}, "scales"),
        ({"size": 1.0, "depth": 0.89}, "benefits"),
        ({"pretraining": 0.8}, "benefits"),
        ({"depth": 1.0}, "scales"),
    ],
)
def test_a_network_scales_by_rank_correlations_of_its_score(rho, verdict):
    assert rule(rho=UNKNOWN | rho) == verdict


def test_only_last_layers_count():
    table = with_holm(differences(["net"], ALL), {}, {})
    table.loc[table["layer_selection"] == "validation", "difference"] = -1.0
    assert published_rule(table, UNKNOWN) == "benefits"
