"""Plans: what a probe may see, and what is refused before any is fit."""

import logging
import re

import numpy as np
import pytest

from helpers.embeddings import KINDS, label_table, residue_task, write_embeddings
from plmbench.core.errors import InputError
from plmbench.data.splits import read_split
from plmbench.probe.examples import LABELLED, read_labels
from plmbench.probe.layerwise import probe_of, score_layers
from plmbench.probe.plans import drawn, for_permuted, plan_of
from plmbench.probe.predictions import read_test_set
from plmbench.probe.scores import read_scores, write_scores
from plmbench.store.embeddings import open_embeddings


def labelled(path, labels, kind):
    """Return the Target and the examples of labels, joined to an embedding file."""
    with open_embeddings(path) as embeddings:
        return LABELLED[kind](labels, embeddings, kind)


def test_a_sample_is_drawn_by_its_seed_in_order_and_without_repeats():
    where = np.arange(100, 1100)
    found = drawn(where, 50, seed=1)
    assert len(set(found)) == 50
    assert set(found) <= set(where)
    assert np.array_equal(found, np.sort(found))
    assert np.array_equal(found, drawn(where, 50, seed=1))
    assert not np.array_equal(found, drawn(where, 50, seed=2))
    assert drawn(where, 1000) is where


def test_with_a_validation_subset_choices_are_made_on_it(tmp_path):
    labels = residue_task(tmp_path / "x.h5")
    target, found = labelled(tmp_path / "x.h5", labels, "residue_classification")
    plan = plan_of(found, 60, target)
    assert len(plan.train) == len(plan.pairs[0][1]) == 60
    assert plan.pairs[0][0] is plan.train
    assert set(found.subset[plan.train]) == {"train"}
    assert set(found.subset[plan.pairs[0][1]]) == {"validation"}
    assert len(plan.validation) == (found.subset == "validation").sum() > 60


@pytest.mark.parametrize("most", [1000, 90])
def test_folds_hold_out_every_training_example_once(tmp_path, most):
    labels = residue_task(tmp_path / "x.h5", sizes={"train": 30, "test": 10})
    target, found = labelled(tmp_path / "x.h5", labels, "residue_classification")
    plan = plan_of(found, most, target)
    assert len(plan.pairs) == 4
    held_out = np.concatenate([outside for _, outside in plan.pairs])
    assert sorted(held_out) == plan.train.tolist()
    for inside, outside in plan.pairs:
        assert sorted([*inside, *outside]) == plan.train.tolist()
        assert not set(found.unit[inside]) & set(found.unit[outside])


def test_copies_of_a_sequence_are_held_out_together(tmp_path):
    lines = [f"M{letter}K,{i},train" for i, letter in enumerate("ACDEFGHIKL" * 3)]
    (tmp_path / "x.csv").write_text("\n".join(["sequence,target,set", *lines, "WW,1,test"]))
    labels = read_split(tmp_path / "x.csv", validation={"folds": 3})
    ids = labels["id"].unique()
    write_embeddings(tmp_path / "x.h5", ids, {"mean": np.zeros((1, len(ids), 2))})
    target, found = labelled(tmp_path / "x.h5", labels.astype({"target": str}), "regression")
    plan = plan_of(found, 1000, target)
    assert len(plan.pairs) == 3
    for inside, outside in plan.pairs:
        assert not set(found.rows[inside]) & set(found.rows[outside])


def test_a_fold_of_which_the_sample_has_nothing_is_no_pair(tmp_path):
    labels = residue_task(tmp_path / "x.h5", sizes={"train": 30, "test": 10})
    target, found = labelled(tmp_path / "x.h5", labels, "residue_classification")
    left = found._replace(fold=np.where(found.fold == 2, 1, found.fold))
    plan = plan_of(left, 90, target)
    assert len(plan.pairs) == 3
    assert all(len(inside) and len(outside) for inside, outside in plan.pairs)


def test_without_validation_and_folds_there_is_nothing_to_choose_on(tmp_path):
    labels = residue_task(tmp_path / "x.h5", sizes={"train": 30, "test": 10}).assign(fold=-1)
    target, found = labelled(tmp_path / "x.h5", labels, "residue_classification")
    assert plan_of(found, 1000, target).pairs == []


SETTINGS = {
    "ridge": {"alphas": [0.1, 1.0]},
    "logistic": {"Cs": [0.1, 1.0]},
    "mlp": {"hidden": [[2]], "alphas": [0.1, 1.0], "epochs": 2},
}


def embedded(folder, labels, kind):
    """Write an embedding file of sequences of one residue, of features that say nothing."""
    ids, pooling = labels["id"].unique(), "residues" if "residue" in kind else "mean"
    X = np.random.default_rng(0).normal(size=(1, len(ids), 3))
    write_embeddings(folder / "x.h5", ids, {pooling: X}, lengths=[1] * len(ids))


def scores_of(folder, labels, kind, probe):
    """Return the rows of scores of these labels by a probe, on features that say nothing."""
    embedded(folder, labels, kind)
    settings = SETTINGS[probe] | {"select": "r2" if kind == "regression" else "accuracy"}
    probe = probe_of(task_type=kind, probe_type=probe, **settings)
    with open_embeddings(folder / "x.h5") as embeddings:
        return list(score_layers(embeddings, labels, folder / "p.h5", probe))


TRAIN = ["train"] * 6 + ["test"] * 4
PROBES = [(kind, probe) for kind in KINDS for probe in SETTINGS]
PROBES.remove(("regression", "logistic"))


def labels_of(kind, train, test, subsets=TRAIN):
    """Return a table of labels; train and test: text, a letter or a digit per sequence."""
    targets = [*train, *test]
    masks = ["1"] * len(targets) if kind == "residue_classification" else None
    return label_table(targets, subsets, masks)


@pytest.mark.parametrize(("kind", "probe"), PROBES)
def test_every_probe_refuses_a_train_of_one_target_in_the_same_words(tmp_path, kind, probe):
    words = "target 1" if kind == "regression" else "class '1'"
    with pytest.raises(InputError) as caught:
        scores_of(tmp_path, labels_of(kind, "111111", "1212"), kind, probe)
    text = str(caught.value)
    assert text.startswith(f"train holds 6 example(s), all of {words}, and a probe needs two ")
    assert "training rows (set: train) of another " in text


@pytest.mark.parametrize("train", ["111112", "111121", "12"])
@pytest.mark.parametrize(("kind", "probe"), PROBES)
def test_every_probe_refuses_folds_of_which_all_but_one_hold_one_target(
    tmp_path, kind, probe, train
):
    labels = labels_of(kind, train, "1212", ["train"] * len(train) + ["test"] * 4)
    with pytest.raises(InputError) as caught:
        scores_of(tmp_path, labels, kind, probe)
    what, where, remedy = str(caught.value).split("; ")
    one = r"target \d" if kind == "regression" else r"class '\d'"
    assert re.fullmatch(rf"{one} has 1 training example\(s\), in fold \d of [24] alone", what)
    assert re.match(f"the rest of train is all of {one}, so that nothing can be chosen", where)
    assert "more such training rows or a column validation" in remedy


@pytest.mark.parametrize("kind", KINDS)
def test_a_control_leaves_out_a_fold_whose_rest_permuted_labels_leave_with_one_target(
    tmp_path, kind
):
    labels = labels_of(kind, "111122", "1212").assign(fold=[0, 1, 2, 0, 1, 2] + [-1] * 4)
    embedded(tmp_path, labels, kind)
    target, found = labelled(tmp_path / "x.h5", labels, kind)
    plan = plan_of(found, 1000, target)
    lone = found._replace(y=np.where(found.fold == 1, found.y.max(), found.y.min()))
    assert (len(plan.pairs), len(for_permuted(plan, lone).pairs)) == (3, 2)


@pytest.mark.parametrize(("kind", "probe"), PROBES)
def test_every_probe_refuses_a_choice_without_validation_and_folds(tmp_path, kind, probe):
    labels = labels_of(kind, "121212", "1212").assign(fold=-1)
    with pytest.raises(InputError) as caught:
        scores_of(tmp_path, labels, kind, probe)
    what, where, remedy = str(caught.value).partition(", which has 6 example(s); ")
    assert where
    assert re.match("nothing to choose .* on, among 2: no validation rows, and no folds", what)
    assert "set validation: {folds: 5} in the data set's entry" in remedy


@pytest.mark.parametrize(("validation", "warns"), [(3, True), (19, True), (20, False)])
def test_the_log_says_where_choices_are_made_on_few_sequences(tmp_path, validation, warns, caplog):
    subsets = ["train"] * 6 + ["validation"] * validation + ["test"] * 4
    labels = labels_of("classification", "121212", ("12" * 12)[: validation + 4], subsets)
    with caplog.at_level(logging.WARNING, "plmbench"):
        scores_of(tmp_path, labels, "classification", "ridge")
    said = f"chosen on {validation} held-out sequence(s) alone" in caplog.text
    assert said == warns


def test_the_log_says_which_test_examples_are_of_a_class_that_is_not_learned(tmp_path, caplog):
    labels = labels_of("classification", "121212", "1233")
    with caplog.at_level(logging.WARNING, "plmbench"):
        scores_of(tmp_path, labels, "classification", "ridge")
    assert "2 of 4 test example(s) are of a class that no training example left has" in caplog.text
    labels = labels_of("classification", "121212", "3344")
    with pytest.raises(InputError, match=r"4 of 4 test example\(s\) .* such as '3', '4'; give"):
        scores_of(tmp_path, labels, "classification", "ridge")


WORDS = ["NaN", "None", "null", "NA", "nan", "-inf", "<NA>", "True", "N/A", ""]


def test_a_class_may_be_called_as_a_missing_value(tmp_path):
    rows = [
        f"M{letter}{other}K,{name},{'test' if other in 'AC' else 'train'}"
        for letter, name in zip("ACDEFGHIK", WORDS, strict=False)
        for other in "ACDEFG"
    ]
    (tmp_path / "x.csv").write_text("\n".join(["sequence,target,set", *rows]))
    read_split(tmp_path / "x.csv", task_type="classification").to_csv(
        tmp_path / "labels.tsv", sep="\t", index=False
    )
    labels = read_labels(tmp_path / "labels.tsv")
    write_scores(tmp_path / "s.tsv", scores_of(tmp_path, labels, "classification", "logistic"))
    scores = read_scores(tmp_path / "s.tsv")
    assert set(read_test_set(tmp_path / "p.h5").target.classes) == set(WORDS[:9])
    assert scores["value"][scores["subset"] == "test"].notna().all()
