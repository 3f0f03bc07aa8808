"""Arms without an embedding or a probe: every probe's networks are compared with them."""

import pandas as pd
import pytest

from helpers.arms import made, small_study, task_of
from plmbench.compare.decisions import bears_on_verdict
from plmbench.compare.differences import comparison_tables
from plmbench.core.roles import ABLATION, BASELINE, CONTROL

ROLES = {"onehot": "baseline", "cnn": "baseline", "net": "network", "early": "network"}
DIRECT = {"probe": "direct", "pooling": "none"}


@pytest.fixture
def tables(tmp_path):
    arms = [*small_study(), made("cnn", "none", 0.6, salt=20, seeds=3, **DIRECT)]
    arms += [made("net", "pretrained", 0.5, 0.5, salt=21, probe="mlp")]
    return comparison_tables(task_of(tmp_path, arms), ROLES, {"ridge": "ridge_shuffled"})


def test_they_are_a_reference_of_networks_under_every_probe(tables):
    _, differences = tables
    rows = differences[(differences["reference"] == "cnn") & (differences["model"] == "net")]
    assert set(zip(rows["probe"], rows["layer_selection"], strict=True)) == {
        (probe, selection) for probe in ("ridge", "mlp") for selection in ("validation", "last")
    }
    assert set(rows["role"]) == {"baseline"}
    assert set(rows["reference_pooling"]) == {"none"}
    assert rows["low"].notna().all()


def test_their_arm_has_the_seeds_of_its_training(tables):
    arms, _ = tables
    own = arms[arms["model"] == "cnn"]
    assert set(own["probe"]) == {"direct"}
    assert set(own["seeds"]) == {3}
    assert (own["low"] < own["value"]).all()


def test_they_have_no_differences_of_their_own(tables):
    _, differences = tables
    assert "direct" not in set(differences["probe"])


@pytest.mark.parametrize(
    ("left_out", "bearing"),
    [
        ({}, ["onehot", "cnn", "reinit"]),
        ({"cnn": False}, ["onehot", "reinit"]),
        ({"cnn": False, "reinit": False}, ["onehot"]),
        ({"onehot": True, "random": True}, ["onehot", "cnn", "reinit"]),
    ],
)
def test_a_baseline_bears_on_the_verdict_unless_it_is_left_out_and_a_control_never(
    left_out, bearing
):
    roles = {"onehot": BASELINE, "cnn": BASELINE, "reinit": ABLATION, "random": CONTROL}
    table = pd.DataFrame({"reference": roles.keys(), "role": roles.values()})
    assert table["reference"][bears_on_verdict(table, left_out)].tolist() == bearing
