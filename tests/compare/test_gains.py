"""Gains over the better ablation: which one that is, at which layers, and for which networks."""

import numpy as np
import pytest

from helpers.arms import made, small_study, task_of, value_of
from plmbench.compare.arms import ArmKey
from plmbench.compare.bootstrap import difference
from plmbench.compare.gains import GAIN_COLUMNS, chosen_gain, gain_table, noise_along

ABOUT = {
    "net": {"role": "network"},
    "early": {"role": "network", "network": "net", "pretraining": 0.5},
    "onehot": {"role": "baseline"},
    "length": {"role": "control"},
}


def table(folder, arms, about=ABOUT, left_out=(), **settings):
    """Return the table of gains under the probe `ridge`."""
    return gain_table(task_of(folder, arms, **settings), about, ["ridge"], left_out)


def row(found, model="net", selection="validation"):
    """Return the one row of a network at its chosen layer."""
    (only,) = found[(found["model"] == model) & (found["layer_selection"] == selection)].iloc
    return only


@pytest.mark.parametrize("metric", ["spearman", "rmse"])
def test_the_gain_is_over_the_better_ablation_at_their_chosen_layers(tmp_path, metric):
    arms = small_study()
    found = row(table(tmp_path, arms, metric=metric))
    own = {arm.weights: arm for arm in arms if arm.model == "net" and arm.probe == "ridge"}
    reinit = np.mean([value_of(own[f"reinit-{i}"], 1, metric) for i in range(3)])
    order = -1 if metric == "rmse" else 1
    assert (found["reference"], found["reference_layer"], found["layer"]) == ("reinit", 1, 0)
    assert found["gain"] == pytest.approx(order * (value_of(own["pretrained"], 0, metric) - reinit))
    assert found["low"] < found["gain"] < found["high"]


def test_its_interval_is_that_of_the_difference(tmp_path):
    task = task_of(tmp_path, small_study())
    found = row(gain_table(task, ABOUT, ["ridge"]))
    sides = [
        task.arm(ArmKey("ridge", "mean", "net", a), n)
        for a, n in (("pretrained", 0), ("reinit", 1))
    ]
    expected = difference(*sides, task.units, task.unit_range)
    assert tuple(found[["gain", "low", "high"]]) == expected[:3]


def test_an_ablation_that_bears_on_no_verdict_is_no_reference(tmp_path):
    assert row(table(tmp_path, small_study(), left_out=["reinit"]))["reference"] == "resample"


def test_a_checkpoint_and_another_pretraining_have_the_ablations_of_their_network(tmp_path):
    about = ABOUT | {"again": {"network": "net", "pretraining_seed": 1}}
    found = table(tmp_path, [*small_study(), made("again", "pretrained", 0.5, 0.6, salt=20)], about)
    assert {row(found, name)["reference"] for name in ("early", "again")} == {"reinit"}


def test_a_network_without_ablations_has_no_gain(tmp_path):
    arms = [arm for arm in small_study() if arm.weights in ("pretrained", "none")]
    found = table(tmp_path, arms)
    assert found.empty
    assert list(found) == GAIN_COLUMNS


def test_each_layer_but_the_first_is_compared_with_the_ablations_at_that_layer(tmp_path):
    found = table(tmp_path, small_study())
    each = found[found["layer_selection"] == "each"]
    assert each[["model", "layer", "reference_layer"]].to_numpy().tolist() == [["net", 1, 1]]


def test_seeds_that_layers_share_cancel_in_a_slope(tmp_path):
    ablated = [  # seeds differ much, and each alike at both of its layers
        made("net", f"reinit-{i}", error, error, salt=30, best=1)
        for i, error in enumerate((0.5, 1.0, 2.0))
    ]
    for arm in ablated:
        arm.values[1] = arm.values[0]
    task = task_of(tmp_path, [made("net", "pretrained", 0.4, 0.4, salt=3), *ablated])
    about = {"net": {}}
    gain = chosen_gain(task, ArmKey("ridge", "mean", "net", "pretrained"), about, [])
    gains = [gain._replace(reference=(gain.reference[0], layer)) for layer in (0, 1)]
    slope, mean = (noise_along(task, gains, np.array(w)) for w in ([-1.0, 1.0], [0.5, 0.5]))
    assert slope == pytest.approx(0, abs=1e-12)
    assert mean > 0.01
