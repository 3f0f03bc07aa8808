"""Subsets of a learning curve are nested, stratified, and the same for every arm."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from helpers.embeddings import KINDS, label_table, written_task
from plmbench.core.errors import InputError
from plmbench.probe.nested_subsets import nested_subsets, usable

SIZES = ["1/16", "1/4", "1/2", "1"]
CURVE = {"sizes": SIZES, "draws": 4, "validation": "grows"}


def rows_of(targets, subset="train"):
    """Return labels of one subset with these targets."""
    return label_table(targets, [subset] * len(targets))


def by_size(subsets, draw=0):
    """Return {size: ids of train} of one draw; all labels are drawn once."""
    return {each.size: each.train for each in subsets if each.draw == draw or each.size == "1"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_size_of_a_draw_holds_the_smaller_ones(kind, tmp_path):
    labels = written_task(tmp_path / "x.h5", kind)
    subsets = nested_subsets(labels, kind, **CURVE)
    for draw in range(4):
        found = [by_size(subsets, draw)[size] for size in SIZES]
        assert all(small < large for small, large in pairwise(found))
        assert [len(ids) for ids in found] == [3, 12, 24, 48]
    assert len({by_size(subsets, draw)["1/4"] for draw in range(4)}) == 4
    assert sum(each.size == "1" for each in subsets) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_neither_the_order_of_rows_nor_the_other_sizes_bear_on_a_draw(kind, tmp_path):
    labels = written_task(tmp_path / "x.h5", kind)
    first = by_size(nested_subsets(labels, kind, **CURVE))
    turned = labels.iloc[::-1].reset_index(drop=True)
    alone = nested_subsets(turned, kind, **CURVE | {"sizes": ["1/4", "1"], "draws": 1})
    assert by_size(alone)["1/4"] == first["1/4"]


def test_validation_grows_with_train_or_stays(tmp_path):
    labels = written_task(tmp_path / "x.h5", "regression")
    grown = nested_subsets(labels, "regression", **CURVE)
    assert {each.size: len(each.validation) for each in grown} == dict(
        zip(SIZES, [1, 4, 8, 16], strict=True)
    )
    stays = nested_subsets(labels, "regression", **CURVE | {"validation": "stays"})
    assert {len(each.validation) for each in stays} == {16}


@pytest.mark.parametrize("share", [0.5, 0.1, 0.05])
def test_every_class_has_its_share_to_one_label(share):
    targets = np.where(np.arange(80) < 80 * share, "rare", "common")
    labels = rows_of(targets)
    for each in nested_subsets(labels, "classification", **CURVE):
        rare = labels["target"][labels["id"].isin(each.train)].eq("rare").sum()
        assert abs(rare - share * len(each.train)) <= 1


def test_families_are_spread_within_classes():
    labels = rows_of(["a"] * 40 + ["b"] * 40)
    families = {name: str(i // 10) for i, name in enumerate(labels["id"])}  # eight of ten
    for each in nested_subsets(labels, "classification", families=families, **CURVE):
        if each.size == "1/2":
            counts = pd.Series([families[name] for name in each.train]).value_counts()
            assert len(counts) == 8
            assert counts.between(3, 7).all()


@pytest.mark.parametrize(
    ("targets", "task_type", "size", "words"),
    [
        (list("0123456789" * 4), "regression", "1/64", "1 label(s) of 1 sequence(s)"),
        (list("0123456789" * 4), "regression", "1/16", "3 label(s) of 3 sequence(s)"),
        (list("abcdefgh" * 8), "classification", "1/4", "for 8 classes; 3 for each are the least"),
        (["0"] * 59 + ["1"] * 5, "regression", "1/8", "all of one value"),
    ],
)
def test_a_size_of_too_few_labels_is_left_out_and_says_why(targets, task_type, size, words):
    labels = rows_of(targets)
    curve = CURVE | {"sizes": [size, "1/2", "1"]}
    kept, left_out = usable(labels, task_type, nested_subsets(labels, task_type, **curve))
    assert {each.size for each in kept} >= {"1"}
    assert words in left_out[size]
    assert left_out[size].startswith(f"size {size}: train would have")


def test_few_validation_labels_leave_a_size_out_too():
    labels = pd.concat([rows_of(list("01" * 50)), rows_of(list("01" * 10), "validation")])
    labels = labels.assign(id=[f"{i:03d}" for i in range(len(labels))])
    subsets = nested_subsets(labels, "regression", **CURVE | {"sizes": ["1/10", "1/2", "1"]})
    _, left_out = usable(labels, "regression", subsets)
    assert "validation would have 2 label(s)" in left_out["1/10"]


@pytest.mark.parametrize("sizes", [["1/64", "1"], ["1/64", "1/32", "1/16"]])
def test_one_point_is_no_curve(sizes):
    labels = rows_of(list("01" * 20))
    subsets = nested_subsets(labels, "regression", **CURVE | {"sizes": sizes})
    with pytest.raises(InputError, match=r"sizes: fewer than two .* train would have 1 label"):
        usable(labels, "regression", subsets)
