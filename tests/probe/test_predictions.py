"""The file of predictions: whole or not there, and enough to compute any statistic again."""

import h5py
import numpy as np
import pytest

from helpers.embeddings import label_table, write_embeddings
from plmbench.core.metrics import Target
from plmbench.probe import examples as labelled
from plmbench.probe import predictions as files
from plmbench.probe.examples import LABELLED
from plmbench.probe.predictions import new_predictions, of_units, read_predictions, read_test_set
from plmbench.store.embeddings import open_embeddings

NUMBERS = files.TestSet(
    np.array(["sp|P0/1", "Ångström", "3"], object),
    np.array([0.1, -1e300, 1 / 3]),
    None,
    Target("regression", (), -1e300, 0.25),
)
RESIDUES = files.TestSet(
    np.array(["a", "b"], object),
    np.array([2, 0, 1, 1, 0]),
    np.array([0, 2, 5]),
    Target("residue_classification", ("C", "E", "H")),
)
TESTS = pytest.mark.parametrize("test", [NUMBERS, RESIDUES], ids=["numbers", "residues"])


def written(path, test, seeds=2):
    """Write predictions of two layers and return them, {layer: [seed, example, ...]}."""
    generator, shape = np.random.default_rng(0), (seeds, len(test.y_true), len(test.target.classes))
    values = {layer: generator.normal(size=shape[: 2 + (shape[2] > 0)]) for layer in (0, 16)}
    with new_predictions(path, {"": test}) as write:
        for layer, array in values.items():
            write("mean", layer, {"": array})
    return values


@TESTS
def test_a_file_holds_what_was_tested(tmp_path, test):
    written(tmp_path / "x.h5", test)
    again = read_test_set(tmp_path / "x.h5")
    assert again.target == test.target
    assert again.names.tolist() == test.names.tolist()
    assert np.array_equal(again.y_true, test.y_true)
    assert again.offsets is test.offsets or np.array_equal(again.offsets, test.offsets)


@TESTS
def test_predictions_come_back_a_row_a_seed_of_classes_in_single_precision(tmp_path, test):
    kept = np.float32 if test.target.classes else np.float64
    for layer, values in written(tmp_path / "x.h5", test).items():
        again = read_predictions(tmp_path / "x.h5", "mean", layer)
        assert again.dtype == np.float64
        assert np.array_equal(again, values.astype(kept))


def test_a_file_has_the_published_layout(tmp_path):
    written(tmp_path / "x.h5", RESIDUES)
    with h5py.File(tmp_path / "x.h5") as file:
        assert sorted(file) == ["mean", "names", "offsets", "y_true"]
        assert h5py.check_string_dtype(file["names"].dtype).encoding == "utf-8"
        assert (file["offsets"].dtype, file["y_true"].dtype) == (np.int64, np.int16)
        values = file["mean/16"]
        assert (values.dtype, values.shape, values.compression) == (np.float32, (2, 5, 3), "gzip")
        assert dict(file.attrs) == {
            "task_type": "residue_classification",
            "classes": '["C", "E", "H"]',
            "floor": 0.0,
            "offset": 0.0,
        }
    written(tmp_path / "y.h5", NUMBERS)
    with h5py.File(tmp_path / "y.h5") as file:
        assert sorted(file) == ["mean", "names", "y_true"]
        assert file["y_true"].dtype == file["mean/0"].dtype == np.float64
        assert (file.attrs["floor"], file.attrs["offset"]) == (-1e300, 0.25)


def test_a_broken_off_job_leaves_no_file(tmp_path):
    with pytest.raises(ValueError), new_predictions(tmp_path / "x.h5", {"": NUMBERS}) as write:  # noqa: PT011, PT012
        write("mean", 0, {"": np.zeros((1, 3))})
        write("mean", 0, {"": np.zeros((1, 3))})  # it is there already
    assert list(tmp_path.iterdir()) == []


def examples_of(tmp_path, labels, kind, values, **facts):
    """Return the Target and the examples of labels whose sequences have these features."""
    write_embeddings(tmp_path / "x.h5", labels["id"].to_numpy(), values, **facts)
    with open_embeddings(tmp_path / "x.h5") as embeddings:
        return LABELLED[kind](labels, embeddings, kind)


def test_what_is_tested_is_the_test_subset_in_the_order_of_the_labels(tmp_path):
    labels = label_table(["1.5", "2.5", "3.5", "4.5"], ["test", "train", "test", "train"])
    values = {"mean": np.zeros((1, 4, 2))}
    target, examples = examples_of(tmp_path, labels, "regression", values)
    test, where = labelled.test_set_of(examples, target)
    assert where.tolist() == [0, 2]
    assert test.names.tolist() == ["chain 0", "chain 2"]
    assert target.offset == 3.5  # the mean of train
    assert (test.y_true.tolist(), test.offsets, test.target) == ([-2, 0], None, target)


def test_copies_of_a_sequence_are_one_unit_named_as_in_test(tmp_path):
    labels = label_table(["1", "2", "3", "4", "5"], ["train", "test", "test", "test", "train"])
    labels = labels.assign(id=["a", "b", "a", "b", "c"])
    values = {"mean": np.arange(6.0).reshape(1, 3, 2)}
    write_embeddings(tmp_path / "x.h5", np.array(["a", "b", "c"]), values)
    with open_embeddings(tmp_path / "x.h5") as embeddings:
        target, examples = LABELLED["regression"](labels, embeddings, "regression")
    test, where = labelled.test_set_of(examples, target)
    assert test.names.tolist() == ["chain 2", "chain 1"]
    assert target.offset == 3
    assert (test.y_true.tolist(), test.offsets.tolist()) == ([0, -1, 1], [0, 1, 3])
    assert where.tolist() == [2, 1, 3]


def test_a_unit_of_residues_is_a_chain_and_one_without_counted_residues_is_none(tmp_path):
    masks = ["111", "11", "00", "101"]
    labels = label_table(["HEH", "EE", "HH", "EHE"], ["test", "train", "test", "test"], masks)
    values, kind = {"residues": np.zeros((1, 10, 2))}, "residue_classification"
    target, examples = examples_of(tmp_path, labels, kind, values, lengths=[3, 2, 2, 3])
    test, where = labelled.test_set_of(examples, target)
    assert test.names.tolist() == ["chain 0", "chain 3"]
    assert test.offsets.tolist() == [0, 3, 5]
    assert test.y_true.tolist() == [1, 0, 1, 0, 0]
    assert examples.rows[where].tolist() == [0, 1, 2, 7, 9]


def test_a_part_of_the_units_has_their_examples_alone():
    part, mask = of_units(RESIDUES, np.array([False, True]))
    assert part.names.tolist() == ["b"]
    assert (part.y_true.tolist(), part.offsets.tolist()) == ([1, 1, 0], [0, 3])
    assert mask.tolist() == [False, False, True, True, True]
    part, mask = of_units(NUMBERS, np.array([True, False, True]))
    assert (part.y_true.tolist(), part.offsets) == ([0.1, 1 / 3], None)
    assert mask.tolist() == [True, False, True]
