"""From scores to tables and figures."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from plmbench.figures import UNITS, write_figure
from plmbench.metrics import METRICS
from plmbench.scores import collect_scores, read_scores, write_scores
from plmbench.summaries import overview, summarise

METRIC = {"toy": "spearman"}
TASK = {"title": "Toy, first", "target": "activity"}


def rows(validation, test, metric="spearman", pooling="mean"):
    """Return the rows of one job: a value a layer for validation and test."""
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
    found = row(summarise(study, METRIC), ablation="pretrained", choice="best")
    assert (found["layer"], found["mean"]) == (1, 0.2)


def test_the_last_layer_is_reported_beside_the_best(study):
    found = row(summarise(study, METRIC), ablation="pretrained", choice="last")
    assert (found["layer"], found["mean"]) == (2, 0.6)


def test_one_layer_is_chosen_for_all_seeds_of_an_ablation(study):
    found = row(summarise(study, METRIC), ablation="reinit", choice="best")
    assert (found["layer"], found["seeds"], found["n"]) == (1, 2, 40)
    assert found["mean"] == pytest.approx(0.4)
    assert found["sd"] == pytest.approx(np.std([0.3, 0.5], ddof=1))


def test_spread_of_a_single_seed_is_undefined(study):
    found = row(summarise(study, METRIC), ablation="pretrained", choice="best")
    assert np.isnan(found["sd"])
    assert found["seeds"] == 1


def test_every_metric_is_reported_at_the_layer_that_the_first_one_chose(tmp_path):
    lines = rows([0.1, 0.9], [0.3, 0.4]) + rows([9.0, 8.0], [7.0, 6.0], metric="rmse")
    summary = summarise(table(tmp_path, ("net", "pretrained", lines)), METRIC)
    assert row(summary, choice="best", metric="rmse")["mean"] == 6.0


def test_a_lower_error_is_the_better_one(tmp_path):
    lines = rows([1.0, 3.0], [1.5, 2.5], metric="rmse")
    summary = summarise(table(tmp_path, ("net", "pretrained", lines)), {"toy": "rmse"})
    assert row(summary, choice="best")["layer"] == 0


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
    assert np.isnan(row(summarise(scores, METRIC), choice="best")["mean"])


def test_an_arm_undefined_on_validation_has_no_best_layer(tmp_path):
    scores = table(tmp_path, ("net", "pretrained", rows([np.nan, np.nan], [0.1, 0.2])))
    assert list(summarise(scores, METRIC)["choice"]) == ["last"]


def test_names_that_look_like_numbers_stay_text(tmp_path):
    scores = table(tmp_path, ("007", "pretrained", rows([0.1], [0.2])), dataset="1e3", split="NA")
    path = tmp_path / "all.tsv"
    scores.to_csv(path, sep="\t", index=False, na_rep="NaN")
    again = read_scores(path).iloc[0]
    assert list(again[["dataset", "split", "model"]]) == ["1e3", "NA", "007"]


def test_overview_has_a_row_a_task_and_network_with_every_arm(study):
    text = overview(summarise(study, METRIC), METRIC, ["onehot"], {"onehot": "one-hot"})
    header, _, line = text.splitlines()
    cells = dict(zip(header.split("|"), line.split("|"), strict=True))
    cells = {name.strip(): value.strip() for name, value in cells.items()}
    assert cells["one-hot"] == "0.450"
    assert cells["reinit"] == "0.400 ± 0.141"
    assert (cells["pretrained"], cells["best layer"]) == ("0.200", "1")


def test_overview_of_baselines_alone_has_a_row_a_task(tmp_path):
    scores = table(tmp_path, ("onehot", "none", rows([0.5], [0.45])))
    text = overview(summarise(scores, METRIC), METRIC, ["onehot"], {})
    assert len(text.splitlines()) == 3
    assert "0.450" in text


def test_overview_without_validation_says_that_no_layer_was_chosen(tmp_path):
    scores = table(tmp_path, ("net", "pretrained", rows([], [0.1, 0.2])))
    text = overview(summarise(scores, METRIC), METRIC, [], {})
    assert text.startswith("No layer was chosen")


def drawn(path, scores, about):
    """Write the figure of a task and return its text; it must be well-formed."""
    write_figure(path, scores, "spearman", about, TASK)
    root = ElementTree.parse(path).getroot()  # noqa: S314 - our own file
    return " ".join("".join(node.itertext()) for node in root.iter() if node.tag.endswith("text"))


def test_figure_names_task_axes_and_every_arm(study, tmp_path):
    text = drawn(tmp_path / "x.svg", study, {"onehot": {"title": "one-hot"}, "net": {}})
    for words in ("Toy, first", "activity, 40 test sequences", "layer (0", "one-hot", "net"):
        assert words in text
    for words in ("Spearman's ρ on test", "reinit (2 seeds)", "pretrained", "chosen on validation"):
        assert words in text


def test_the_same_scores_give_the_same_figure_byte_for_byte(study, tmp_path):
    about = {"onehot": {}, "net": {}}
    drawn(tmp_path / "a.svg", study, about)
    drawn(tmp_path / "b.svg", study, about)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.parametrize("model", ["onehot", "net"])
def test_a_figure_is_drawn_of_baselines_or_a_network_alone(study, tmp_path, model):
    text = drawn(tmp_path / "x.svg", study[study["model"] == model], {"onehot": {}, "net": {}})
    assert "Toy, first" in text


def test_a_single_seed_is_drawn_and_said(study, tmp_path):
    scores = study[study["weights"].isin(["pretrained", "reinit-0"])]
    text = drawn(tmp_path / "x.svg", scores, {"net": {}})
    assert "reinit (1 seed)" in text


def test_networks_have_axes_of_their_own_and_share_one_legend(study, tmp_path):
    other = study[study["model"] == "net"].assign(model="other")
    about = {"onehot": {}, "net": {}, "other": {}}
    text = drawn(tmp_path / "x.svg", pd.concat([study, other]), about)
    assert text.count("ridge, mean pooling") == 2
    assert text.count("reinit (2 seeds)") == 1


def test_a_figure_can_name_every_metric():
    assert set(UNITS) == set(METRICS)


def test_checkpoints_of_a_network_share_its_axes(study, tmp_path):
    early = study[study["weights"] == "pretrained"].assign(model="early")
    about = {"onehot": {}, "net": {}, "early": {"network": "net", "pretraining": 0.25}}
    text = drawn(tmp_path / "x.svg", pd.concat([study, early]), about)
    assert "pretrained, 0.25 of the way" in text
    assert text.count("ridge, mean pooling") == 1


def test_each_probe_and_pooling_has_axes_of_its_own(study, tmp_path):
    more = study[study["model"] == "net"]
    scores = pd.concat([study, more.assign(probe="mlp"), more.assign(pooling="max")])
    text = drawn(tmp_path / "x.svg", scores, {"onehot": {}, "net": {}})
    for title in ("ridge, mean pooling", "mlp, mean pooling", "ridge, max pooling"):
        assert title in text


def test_a_layer_whose_score_is_undefined_does_not_stop_the_figure(tmp_path):
    scores = table(tmp_path, ("net", "pretrained", rows([np.nan, 0.2], [np.nan, 0.2])))
    assert "Toy, first" in drawn(tmp_path / "x.svg", scores, {"net": {}})
