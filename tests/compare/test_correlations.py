"""Trends of the gain: along which axes, of which networks, from how many points, and in which
words."""

import numpy as np
import pandas as pd
import pytest

from helpers.arms import made, noisy, task_of
from plmbench.compare.correlations import (
    CORRELATION_COLUMNS,
    complete,
    correlation_columns,
    correlation_table,
    with_trends,
)

SIZES = {"net_1": 1, "net_2": 2, "net_4": 4, "net_8": 8, "net_16": 16}
ERRORS = dict(zip(SIZES, (1.8, 1.3, 0.97, 0.7, 0.4), strict=True))
ABOUT = {name: {"series": "ESM-2", "parameters": size} for name, size in SIZES.items()}
SHARES = {"early": (0.25, 2.7), "half": (0.5, 2.6), "net": (1, 2.5)}
STEPS = {
    name: {"network": "net", "pretraining": share, "loss": loss}
    for name, (share, loss) in SHARES.items()
}


def layered(model, weights, *errors, salt=0, **settings):
    """Return Made whose layers miss the truth in the same way, by these errors."""
    arm = made(model, weights, *errors, **settings)
    for layer, error in enumerate(errors):
        arm.values[layer] = noisy(error, salt)
    return arm


def networks(errors, *layers, **settings):
    """Return pretrained networks with the error of their first layer, each with an ablation."""
    arms = []
    for name, error in errors.items():
        arms.append(layered(name, "pretrained", error, *layers, **settings))
        arms += [
            layered(name, f"reinit-{k}", 3.0, *layers, salt=100 + k, **settings) for k in range(2)
        ]
    return arms


def table(folder, arms, about, probes=("ridge",), left_out=(), **settings):
    """Return the table of trends, with its words."""
    found = correlation_table(task_of(folder, arms, **settings), about, probes, left_out)
    return with_trends(found)


def along(found, axis):
    """Return the rows of an axis as (model, points, word)."""
    rows = found[found["axis"] == axis][["model", "points", "trend"]]
    return list(rows.itertuples(index=False, name=None))


@pytest.mark.parametrize("metric", ["spearman", "rmse"])
def test_a_gain_that_rises_with_the_size_of_a_series_is_said_to_rise(tmp_path, metric):
    about = ABOUT | {"other": {"series": "CARP", "parameters": 1}}
    found = table(tmp_path, networks(ERRORS | {"other": 0.1}), about, metric=metric)
    assert [*found] == [*CORRELATION_COLUMNS, "p_holm", "trend"]
    assert along(found, "size") == [("ESM-2", 5, "rises")]


def test_a_score_that_rises_no_faster_than_that_of_ablations_is_no_rise(tmp_path):
    arms = [
        made(name, weights, error + 0.5 * (weights != "pretrained"), salt=7 * i + k)
        for i, (name, error) in enumerate(ERRORS.items())
        for k, weights in enumerate(("pretrained", "reinit-0", "reinit-1"))
    ]
    ((_, _, word),) = along(table(tmp_path, arms, ABOUT), "size")
    assert word in ("unclear", "falls")


def test_a_gain_that_falls_is_said_to_fall(tmp_path):
    errors = dict(zip(ERRORS, sorted(ERRORS.values()), strict=True))
    assert along(table(tmp_path, networks(errors), ABOUT), "size") == [("ESM-2", 5, "falls")]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_too_few_sizes_say_what_it_would_take(tmp_path, count):
    errors = dict([*ERRORS.items()][:count])
    found = table(tmp_path, networks(errors), ABOUT)
    assert along(found, "size") == [("ESM-2", count, "not assessable")]
    (reason,) = found[found["axis"] == "size"]["reason"]
    assert reason == f"{count} sizes, {count} pretrainings: needs 5, or 3 pretrainings at 3 sizes"


def test_pretrainings_of_a_recipe_are_points_of_size(tmp_path):
    errors, about = {}, {}
    for size, error in (("net_1", 2.0), ("net_2", 1.2), ("net_4", 0.5)):
        for seed in range(3):
            name = f"{size}_{seed}"
            errors[name] = error
            about[name] = ABOUT[size] | {"network": f"{size}_0", "pretraining_seed": seed}
    found = table(tmp_path, networks(errors), about)
    assert along(found, "size") == [("ESM-2", 9, "rises")]


def test_an_early_checkpoint_is_no_point_of_size_and_has_no_depth(tmp_path):
    about = ABOUT | {"net_4": ABOUT["net_4"] | {"pretraining": 0.5}}
    found = table(tmp_path, networks(ERRORS, 1.0, 0.5), about)
    assert along(found, "size") == [("ESM-2", 4, "not assessable")]
    assert "net_4" not in {model for model, _, _ in along(found, "depth")}


def test_pretraining_is_compared_among_the_checkpoints_of_a_network(tmp_path):
    arms = networks({"net": 0.3, "other": 0.1})
    arms += [made("early", "pretrained", 2.0, salt=50), made("half", "pretrained", 1.0, salt=51)]
    found = table(tmp_path, arms, STEPS | {"other": {}})
    assert along(found, "pretraining") == [("net", 3, "not assessable")]
    assert found[found["axis"] == "pretraining"]["rho"].tolist() == [1]
    assert along(found, "loss") == [("net", 3, "")]  # described, and no more


def test_depth_is_every_layer_that_was_fit_but_the_first(tmp_path):
    layers = (1.6, 1.3, 1.05, 0.8, 0.6)
    arms = [layered("net", "pretrained", 9.0, *layers)]
    arms += [layered("net", f"reinit-{k}", 9.0, *[3.0] * 5, salt=2 + k) for k in range(2)]
    arms.append(made("onehot", "none", 1.0, salt=5))
    found = table(tmp_path, arms, {"net": {}, "onehot": {"role": "baseline"}})
    assert along(found, "depth") == [("net", 5, "rises")]


def test_a_network_whose_ablations_rise_alike_does_not_rise_with_depth(tmp_path):
    layers = (1.6, 1.3, 1.05, 0.8, 0.6)
    arms = [
        made("net", w, 9.0, *layers, salt=9 * k)
        for k, w in enumerate(("pretrained", "reinit-0", "reinit-1"))
    ]
    ((_, _, word),) = along(table(tmp_path, arms, {"net": {}}), "depth")
    assert word == "unclear"


@pytest.mark.parametrize(
    "arms",
    [
        networks(ERRORS, probe="ridge_shuffled"),
        [arm for arm in networks(ERRORS) if arm.weights != "pretrained"],
        [arm for arm in networks(ERRORS) if arm.weights == "pretrained"],
    ],
    ids=["a control", "ablations alone", "no ablation"],
)
def test_without_a_gain_there_is_no_row(tmp_path, arms):
    found = table(tmp_path, arms, ABOUT)
    assert found.empty
    assert "trend" in found


def test_a_network_without_a_chosen_layer_is_no_point(tmp_path):
    arms = networks(ERRORS)
    arms[3] = arms[3]._replace(best=None)
    assert along(table(tmp_path, arms, ABOUT), "size")[0][1] == 4


def test_p_is_corrected_over_the_rows_of_an_axis_that_could_be_assessed():
    rows = [("size", 0.02), ("size", 0.03), ("size", np.nan), ("depth", 0.04), ("loss", np.nan)]
    made_up = pd.DataFrame(rows, columns=["axis", "p"]).assign(slope=[1, -1, np.nan, -1, np.nan])
    found = with_trends(made_up)
    np.testing.assert_allclose(found["p_holm"], [0.04, 0.04, np.nan, 0.04, np.nan])
    assert found["trend"].tolist() == ["rises", "falls", "not assessable", "falls", ""]


def test_the_columns_of_a_network_say_what_was_not_assessed():
    rows = pd.DataFrame([{"axis": "depth", "slope": 0.1, "low": 0.0, "high": 0.2, "p_holm": 0.3}])
    found = correlation_columns(rows.assign(rho=0.5, trend="unclear"))
    assert (found["depth_trend"], found["depth_slope"], found["rho_depth"]) == ("unclear", 0.1, 0.5)
    assert (found["size_trend"], found["pretraining_trend"]) == ("not assessable",) * 2
    assert np.isnan(found["size_slope_p"])


@pytest.mark.parametrize(
    ("facts", "whole"),
    [({}, True), ({"pretraining": 0.5}, False), ({"pretraining_seed": 1}, False)],
)
def test_a_network_of_its_own_is_no_checkpoint_and_no_other_pretraining(facts, whole):
    assert complete(facts) == whole
