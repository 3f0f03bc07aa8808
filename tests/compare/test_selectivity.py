"""Selectivity: a score less that on the control task, matched by all that names a layer."""

import pandas as pd
import pytest

from plmbench.compare.selectivity import SELECTIVITY_COLUMNS, selectivity_table

CONTROLS, METRICS = {"logistic_selectivity": "logistic"}, {"d": "accuracy", "e": "cross_entropy"}


def row(probe, layer, value, *, seed=0, metric="accuracy", subset="test", **others):
    return {
        "dataset": "d",
        "split": "s",
        "model": "m",
        "weights": "pretrained",
        "probe": probe,
        "pooling": "mean",
        "layer": layer,
        "seed": seed,
        "subset": subset,
        "n": 10,
        "metric": metric,
        "value": value,
        "reason": "",
        **others,
    }


def test_each_layer_has_its_difference_on_test_alone():
    scores = [row("logistic", layer, value) for layer, value in ((0, 0.7), (1, 0.9))]
    scores += [row("logistic", 0, 0.1, subset="validation"), row("ridge", 0, 0.2)]
    control = [row("logistic_selectivity", layer, value) for layer, value in ((0, 0.8), (1, 0.3))]
    control += [row("logistic_selectivity", 0, 0.99, subset="train")]
    found = selectivity_table(pd.DataFrame(scores), pd.DataFrame(control), CONTROLS, METRICS)
    assert list(found) == SELECTIVITY_COLUMNS
    assert found["probe"].tolist() == ["logistic", "logistic"]
    assert found["selectivity"].tolist() == pytest.approx([-0.1, 0.6])


def test_seeds_of_a_probe_are_averaged():
    scores = [row("logistic", 0, value, seed=i) for i, value in enumerate((0.6, 0.8))]
    control = [row("logistic_selectivity", 0, value, seed=i) for i, value in enumerate((0.2, 0.4))]
    found = selectivity_table(pd.DataFrame(scores), pd.DataFrame(control), CONTROLS, METRICS)
    assert found["selectivity"].tolist() == pytest.approx([0.4])


def test_above_zero_is_better_also_where_a_small_value_is():
    name = {"dataset": "e", "metric": "cross_entropy"}
    scores = pd.DataFrame([row("logistic", 0, 0.5, **name)])
    control = pd.DataFrame([row("logistic_selectivity", 0, 0.9, **name)])
    found = selectivity_table(scores, control, CONTROLS, METRICS)
    assert found["selectivity"].tolist() == pytest.approx([0.4])


def test_an_arm_without_a_control_task_has_no_row():
    scores = [row("logistic", 0, 0.7), row("logistic", 0, 0.5, weights="reinit-0")]
    control = [row("logistic_selectivity", 0, 0.3)]
    found = selectivity_table(pd.DataFrame(scores), pd.DataFrame(control), CONTROLS, METRICS)
    assert found["ablation"].tolist() == ["pretrained"]
