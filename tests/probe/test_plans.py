"""Plans: what a probe may see, and what is refused before any is fit."""

import numpy as np
import pytest

from helpers.embeddings import residue_task, write_embeddings
from plmbench.data.splits import read_split
from plmbench.probe.examples import LABELLED
from plmbench.probe.plans import drawn, plan_of
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
    plan = plan_of(found, 6, target)
    assert 1 < len(plan.pairs) < 4
    assert all(len(inside) and len(outside) for inside, outside in plan.pairs)


def test_without_validation_and_folds_there_is_nothing_to_choose_on(tmp_path):
    labels = residue_task(tmp_path / "x.h5", sizes={"train": 30, "test": 10}).assign(fold=-1)
    target, found = labelled(tmp_path / "x.h5", labels, "residue_classification")
    assert plan_of(found, 1000, target).pairs == []
