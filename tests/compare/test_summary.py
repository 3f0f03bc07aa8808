"""From scores to a table: the layer that validation chose, and what seeds spread."""

import numpy as np
import pandas as pd
import pytest

from plmbench.compare.summary import SUMMARY_COLUMNS, summarise
from plmbench.core.metrics import metrics_of, primary_metric
from plmbench.core.task_types import TASK_TYPES
from plmbench.probe.scores import collect_scores, write_scores

METRIC = {"toy": "spearman"}


def rows(validation, test, metric="spearman", pooling="mean"):
    """Return the rows of one job: one value per layer, for validation and test."""
    return [
        {
            "pooling": pooling,
            "layer": layer,
            "seed": 0,
            "subset": subset,
            "n": n,
            "metric": metric,
            "value": value,
        }
        for subset, values, n in (("validation", validation, 20), ("test", test, 40))
        for layer, value in enumerate(values)
    ]


def table(tmp_path, *arms, **job):
    """Return the collected scores of arms (model, weights, rows), by way of files."""
    paths = []
    for i, (model, weights, lines) in enumerate(arms):
        paths.append(tmp_path / f"{i}.tsv")
        names = {"dataset": "toy", "split": "first", "probe": "ridge"} | job
        write_scores(paths[-1], lines, **names, model=model, weights=weights)
    return collect_scores(paths)


@pytest.fixture
def study(tmp_path):
    """Return the scores of one-hot and a network, pretrained and ablated with two seeds."""
    return table(
        tmp_path,
        ("onehot", "none", rows([0.5], [0.45], pooling="flat")),
        ("net", "pretrained", rows([0.1, 0.9, 0.3], [0.8, 0.2, 0.6])),
        ("net", "reinit-0", rows([0.1, 0.2, 0.5], [0.1, 0.3, 0.4])),
        ("net", "reinit-1", rows([0.1, 0.8, 0.3], [0.1, 0.5, 0.6])),
    )


def row(summary, **wanted):
    """Return the one row of a summary that has these values."""
    for column, value in wanted.items():
        summary = summary[summary[column] == value]
    assert len(summary) == 1
    return summary.iloc[0]


def test_the_best_layer_is_the_best_on_validation_not_on_test(study):
    found = row(summarise(study, METRIC), ablation="pretrained", layer_selection="validation")
    assert (found["layer"], found["mean"]) == (1, 0.2)


def test_the_last_layer_is_reported_beside_the_best(study):
    found = row(summarise(study, METRIC), ablation="pretrained", layer_selection="last")
    assert (found["layer"], found["mean"]) == (2, 0.6)


def test_one_layer_is_chosen_for_all_seeds_of_an_ablation(study):
    found = row(summarise(study, METRIC), ablation="reinit", layer_selection="validation")
    assert (found["layer"], found["seeds"], found["n"]) == (1, 2, 40)
    assert found["mean"] == pytest.approx(0.4)
    assert found["sd"] == pytest.approx(np.std([0.3, 0.5], ddof=1))


def test_spread_of_a_single_seed_is_undefined(study):
    found = row(summarise(study, METRIC), ablation="pretrained", layer_selection="validation")
    assert np.isnan(found["sd"])
    assert found["seeds"] == 1


def test_every_metric_is_reported_at_the_layer_that_the_first_one_chose(tmp_path):
    lines = rows([0.1, 0.9], [0.3, 0.4]) + rows([9.0, 8.0], [7.0, 6.0], metric="rmse")
    summary = summarise(table(tmp_path, ("net", "pretrained", lines)), METRIC)
    assert row(summary, layer_selection="validation", metric="rmse")["mean"] == 6.0


def test_a_lower_error_is_the_better_one(tmp_path):
    lines = rows([1.0, 3.0], [1.5, 2.5], metric="rmse")
    summary = summarise(table(tmp_path, ("net", "pretrained", lines)), {"toy": "rmse"})
    assert row(summary, layer_selection="validation")["layer"] == 0


def test_hyperparameters_are_no_metrics(tmp_path):
    lines = rows([0.1], [0.2]) + rows([10.0], [10.0], metric="alpha")
    summary = summarise(table(tmp_path, ("net", "pretrained", lines)), METRIC)
    assert set(summary["metric"]) == {"spearman"}


def test_an_undefined_score_of_one_seed_is_not_averaged_away(tmp_path):
    scores = table(
        tmp_path,
        ("net", "reinit-0", rows([0.5], [np.nan])),
        ("net", "reinit-1", rows([0.6], [0.4])),
    )
    assert np.isnan(row(summarise(scores, METRIC), layer_selection="validation")["mean"])


def test_an_arm_undefined_on_validation_has_no_best_layer(tmp_path):
    scores = table(tmp_path, ("net", "pretrained", rows([np.nan, np.nan], [0.1, 0.2])))
    assert list(summarise(scores, METRIC)["layer_selection"]) == ["last"]


def test_poolings_and_probes_are_arms_of_their_own(tmp_path):
    scores = table(
        tmp_path,
        ("net", "pretrained", rows([0.1, 0.9], [0.3, 0.4])),
        ("net", "pretrained", rows([0.9, 0.1], [0.5, 0.6], pooling="max")),
    )
    summary = summarise(scores, METRIC)
    assert row(summary, pooling="mean", layer_selection="validation")["layer"] == 1
    assert row(summary, pooling="max", layer_selection="validation")["layer"] == 0


def test_each_data_set_has_a_metric_of_its_own(tmp_path):
    lines = rows([0.1, 0.9], [0.3, 0.4]) + rows([1.0, 2.0], [7.0, 6.0], metric="rmse")
    first = table(tmp_path, ("net", "pretrained", lines))
    scores = pd.concat([first, first.assign(dataset="other")])
    summary = summarise(scores, METRIC | {"other": "rmse"})
    assert (
        row(summary, dataset="toy", layer_selection="validation", metric="spearman")["layer"] == 1
    )
    assert (
        row(summary, dataset="other", layer_selection="validation", metric="spearman")["layer"] == 0
    )


def test_a_tie_goes_to_the_first_layer(tmp_path):
    scores = table(tmp_path, ("net", "pretrained", rows([0.5, 0.5, 0.5], [0.1, 0.2, 0.3])))
    assert row(summarise(scores, METRIC), layer_selection="validation")["layer"] == 0


@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_every_metric_of_a_task_type_is_summarised(tmp_path, task_type):
    lines = [line for metric in metrics_of(task_type) for line in rows([0.1], [0.2], metric=metric)]
    scores = table(tmp_path, ("net", "pretrained", lines))
    summary = summarise(scores, {"toy": primary_metric(task_type)})
    assert set(summary["metric"]) == set(metrics_of(task_type))


def test_the_table_has_the_published_columns(study):
    assert (
        list(summarise(study, METRIC))
        == SUMMARY_COLUMNS
        == [
            *(
                "dataset",
                "split",
                "model",
                "ablation",
                "pooling",
                "probe",
                "metric",
                "layer_selection",
            ),
            *("layer", "mean", "sd", "seeds", "n"),
        ]
    )
