"""Rank correlations: along which axes, of which networks, and from how many points."""

import numpy as np
import pytest

from helpers.arms import TRUTH, made, task_of
from plmbench.compare.arms import ArmKey
from plmbench.compare.bootstrap import rank_correlation
from plmbench.compare.correlations import CORRELATION_COLUMNS, correlation_table

SERIES = {"small": 8, "middle": 35, "large": 150}
ERRORS = {"small": 2.0, "middle": 1.0, "large": 0.3}
ABOUT = {name: {"series": "ESM-2", "parameters": size} for name, size in SERIES.items()}
SHARES = {"early": (0.25, 2.7), "half": (0.5, 2.6), "net": (1, 2.5)}
STEPS = {
    name: {"network": "net", "pretraining": share, "loss": loss}
    for name, (share, loss) in SHARES.items()
}


def networks(errors, weights="pretrained", **settings):
    """Return one pretrained network per name, of one layer, with its error."""
    items = enumerate(errors.items())
    return [made(name, weights, error, salt=i, **settings) for i, (name, error) in items]


def table(folder, arms, about, probes=("ridge",), **settings):
    """Return the table of rank correlations."""
    return correlation_table(task_of(folder, arms, **settings), about, probes)


def along(found, axis):
    """Return the rows of an axis as (model, points, correlation)."""
    rows = found[found["axis"] == axis][["model", "points", "correlation"]]
    return [(model, n, round(value, 3)) for model, n, value in rows.itertuples(index=False)]


@pytest.mark.parametrize("metric", ["spearman", "rmse"])
def test_size_is_compared_within_a_series(tmp_path, metric):
    about = ABOUT | {"other": {"series": "CARP", "parameters": 1}}
    arms = networks(ERRORS | {"other": 0.1})
    found = table(tmp_path, arms, about, metric=metric)
    assert list(found) == CORRELATION_COLUMNS
    assert along(found, "size") == [("ESM-2", 3, 1)]


def test_a_score_that_falls_with_size_has_a_negative_correlation(tmp_path):
    arms = networks(dict(zip(ERRORS, [0.3, 1.0, 2.0], strict=True)))
    assert along(table(tmp_path, arms, ABOUT), "size") == [("ESM-2", 3, -1)]


@pytest.mark.parametrize("about", [ABOUT, STEPS], ids=["size and depth", "pretraining and loss"])
def test_two_points_are_no_correlation(tmp_path, about):
    arms = [made(name, "pretrained", 1.0, 0.5, salt=i) for i, name in enumerate(about)]
    assert table(tmp_path / "two", arms[-2:], about).empty
    assert not table(tmp_path / "three", arms, about).empty


def test_an_early_checkpoint_is_no_point_of_size_and_has_no_depth(tmp_path):
    about = ABOUT | {"middle": ABOUT["middle"] | {"pretraining": 0.5}}
    arms = [made(name, "pretrained", 2, 1, 0.5, salt=i) for i, name in enumerate(about)]
    found = table(tmp_path, arms, about)
    assert along(found, "size") == []
    assert {model for model, _, _ in along(found, "depth")} == {"small", "large"}


def test_pretraining_is_compared_among_the_checkpoints_of_a_network(tmp_path):
    arms = networks({"early": 2.0, "half": 1.0, "net": 0.3, "other": 0.1})
    found = table(tmp_path, arms, STEPS | {"other": {}})
    assert along(found, "pretraining") == [("net", 3, 1)]


def test_a_network_without_the_key_is_the_one_that_its_checkpoints_name(tmp_path):
    about = STEPS | {"net": {"pretraining": 1}}
    arms = networks({"early": 2.0, "half": 1.0, "net": 0.3})
    assert along(table(tmp_path, arms, about), "pretraining") == [("net", 3, 1)]


def test_a_lower_loss_is_more_pretraining(tmp_path):
    arms = networks({"early": 2.0, "half": 1.0, "net": 0.3})
    assert along(table(tmp_path, arms, STEPS), "loss") == [("net", 3, 1)]


def test_depth_is_every_layer_that_was_fit(tmp_path):
    arms = [made("net", "pretrained", 2.0, 1.0, 0.5, 0.2), made("onehot", "none", 1.0, salt=5)]
    found = table(tmp_path, arms, {"net": {}, "onehot": {}})
    assert along(found, "depth") == [("net", 4, 1)]
    assert set(found["model"]) == {"net"}


def test_the_value_of_a_network_is_that_of_the_layer_chosen_on_validation(tmp_path):
    arms = [  # at layer 0 the smallest network is the best
        made(name, "pretrained", 0.1 * i, ERRORS[name], salt=i, best=1)
        for i, name in enumerate(ERRORS)
    ]
    assert along(table(tmp_path, arms, ABOUT), "size") == [("ESM-2", 3, 1)]


def test_a_network_without_a_chosen_layer_is_no_point(tmp_path):
    arms = networks(ERRORS)
    arms[1] = arms[1]._replace(best=None)
    assert along(table(tmp_path, arms, ABOUT), "size") == []


def test_ablations_and_controls_are_no_points(tmp_path):
    arms = networks(ERRORS, probe="ridge_shuffled") + networks(ERRORS, weights="reinit-0")
    assert table(tmp_path, arms, ABOUT).empty
    assert list(table(tmp_path, arms, ABOUT)) == CORRELATION_COLUMNS


def test_the_interval_is_that_of_the_resamples(tmp_path):
    arms = networks({"small": 0.9, "middle": 1.0, "large": 0.8}, seeds=2)
    task = task_of(tmp_path, arms)
    row = correlation_table(task, ABOUT, ["ridge"]).iloc[0]
    found = [task.arm(ArmKey("ridge", "mean", name, "pretrained"), 0) for name in SERIES]
    expected = rank_correlation(
        [8, 35, 150],
        [arm.points.mean() for arm in found],
        np.array([arm.resampled.mean(0) for arm in found]),
    )
    assert tuple(row[["correlation", "low", "high"]]) == expected[:3]
    assert row["low"] < row["high"]


def test_an_undefined_layer_makes_the_correlation_undefined(tmp_path):
    arm = made("net", "pretrained", 2.0, 1.0, 0.5)
    arm.values[1] = np.ones((1, len(TRUTH)))
    found = table(tmp_path, [arm], {"net": {}})
    assert found[["correlation", "low", "high"]].isna().all(axis=None)
