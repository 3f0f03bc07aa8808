"""Supervised methods on a small task: what they learn, and the form of what they leave."""

import numpy as np
import pandas as pd
import pytest

from helpers.motifs import motif_task, residue_task
from plmbench.core.errors import InputError
from plmbench.probe.predictions import read_predictions, read_test_set
from plmbench.supervised.arm import method_of, score_sequences
from plmbench.supervised.methods import method, methods
from plmbench.supervised.sequences import Sequences

SMALL = {
    "cnn": {"channels": 16, "learning_rate": 0.01, "batch_size": 16, "epochs": 12},
    "light_attention": {"channels": 16, "learning_rate": 0.01, "batch_size": 16, "epochs": 12},
    "graphnet": {"learning_rate": 0.003, "batch_size": 16, "epochs": 6, "dropout": 0.1},
}
TASKS = {
    "regression": motif_task(("0.25", "0.75")),
    "classification": motif_task(("no", "yes")),
    "residue_classification": residue_task(),
}
ARMS = [
    (name, task_type)
    for name in SMALL
    for task_type in TASKS
    if task_type in method(name).task_types
]


def scores(folder, name, task_type, task=None, **settings):
    """Return the score table of a method, and the path of its predictions."""
    sequences, labels = task or TASKS[task_type]
    probe = method_of(task_type=task_type, method=name, **{**SMALL[name], **settings})
    path = folder / "predictions.h5"
    rows = score_sequences(Sequences(sequences), labels, path, probe)
    return pd.DataFrame(rows), path


def value(table, metric, subset="test", seed=0):
    own = table[(table["metric"] == metric) & (table["subset"] == subset) & (table["seed"] == seed)]
    return own["value"].item()


def ridge_on_composition(task):
    """Return the rank correlation on test of ridge on the counts of letters."""
    sequences, labels = task
    X = np.array(
        [
            [text.count(a) for a in sorted(set("".join(sequences["sequence"])))]
            for text in sequences["sequence"]
        ],
        float,
    )
    y, train = labels["target"].astype(float).to_numpy(), (labels["subset"] == "train").to_numpy()
    centre = X[train].mean(0)
    gram = (X[train] - centre).T @ (X[train] - centre) + np.eye(X.shape[1])
    weights = np.linalg.solve(gram, (X[train] - centre).T @ (y[train] - y[train].mean()))
    test = (labels["subset"] == "test").to_numpy()
    return pd.Series((X - centre)[test] @ weights).corr(pd.Series(y[test]), method="spearman")


@pytest.mark.parametrize("name", ["cnn", "light_attention"])
def test_a_motif_is_learned_that_ridge_on_composition_cannot_see(name, tmp_path):
    assert abs(ridge_on_composition(TASKS["regression"])) < 0.3
    table, _ = scores(tmp_path, name, "regression")
    assert value(table, "spearman") > 0.8


@pytest.mark.parametrize(("name", "task_type"), ARMS)
def test_scores_and_predictions_have_the_form_of_a_probes(name, task_type, tmp_path):
    table, path = scores(tmp_path, name, task_type, seeds=[0, 1], epochs=2)
    assert set(table["pooling"]) == {"none"}
    assert set(table["layer"]) == {0}
    assert set(table["subset"]) == {"train", "validation", "test"}
    assert set(table["seed"]) == {0, 1}
    test = read_test_set(path)
    predictions = read_predictions(path, "none", 0)
    assert predictions.shape[:2] == (2, len(test.y_true))
    labels = TASKS[task_type][1]
    assert list(test.names) == labels["name"][labels["subset"] == "test"].tolist()
    if test.target.classes:
        assert np.allclose(predictions.sum(2), 1, atol=1e-6)


@pytest.mark.parametrize(("name", "task_type"), ARMS)
def test_a_seed_gives_the_same_numbers_again_and_another_seed_others(name, task_type, tmp_path):
    first, path = scores(tmp_path, name, task_type, seeds=[3, 4], epochs=2)
    predictions = read_predictions(path, "none", 0)
    assert not np.array_equal(predictions[0], predictions[1])
    again, path = scores(tmp_path, name, task_type, seeds=[4], epochs=2)
    assert np.array_equal(read_predictions(path, "none", 0)[0], predictions[1])
    seeds = first[first["seed"] == 4].reset_index(drop=True)
    pd.testing.assert_frame_equal(again.reset_index(drop=True), seeds)


@pytest.mark.parametrize("name", ["cnn"])
def test_residues_are_labelled_by_their_surroundings(name, tmp_path):
    table, _ = scores(tmp_path, name, "residue_classification", epochs=20)
    assert value(table, "macro_f1") > 0.9


@pytest.mark.parametrize("name", ["cnn", "light_attention"])
def test_without_validation_the_epoch_is_chosen_in_folds_of_train(name, tmp_path):
    task = motif_task(("no", "yes"), {"train": 120, "test": 40}, folds=2)
    table, _ = scores(tmp_path, name, "classification", task, patience=2)
    rows = table[(table["metric"] == "epoch")]
    assert rows["n"].tolist() == [120]  # every training sequence is held out once
    assert 1 <= rows["value"].item() <= SMALL[name]["epochs"]


def test_training_stops_after_epochs_without_gain_and_keeps_the_best(tmp_path):
    table, _ = scores(tmp_path, "cnn", "regression", epochs=200, patience=3)
    assert value(table, "epoch", "validation") < 100


def test_a_step_too_large_is_named(tmp_path):
    with pytest.raises(InputError, match="smaller learning_rate than 1e\\+30"):
        scores(tmp_path, "cnn", "regression", learning_rate=1e30)


def test_a_method_that_is_none_is_refused_with_those_there_are():
    assert set(SMALL) <= set(methods())
    with pytest.raises(InputError, match="'cnnn' is no supervised method; known: cnn, graphnet"):
        method_of(task_type="regression", method="cnnn")
