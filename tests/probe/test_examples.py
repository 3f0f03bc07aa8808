"""Examples: labels joined to embeddings, cut with them, and planned into what a probe may see."""

import logging

import numpy as np
import pandas as pd
import pytest

from helpers.embeddings import KINDS, label_table, residue_task, write_embeddings, written_task
from plmbench.core.errors import InputError
from plmbench.core.lengths import LENGTH_POLICIES, cut
from plmbench.probe.examples import LABELLED, read_labels, shuffled, without_test
from plmbench.store.embeddings import open_embeddings

SUBSETS = ["train"] * 3 + ["validation"] * 2 + ["test"] * 2


def labelled(path, labels, kind):
    """Return the Target and the examples of labels, joined to an embedding file."""
    with open_embeddings(path) as embeddings:
        return LABELLED[kind](labels, embeddings, kind)


def joined(tmp_path, targets, kind, subsets=SUBSETS, dropped=()):
    """Return Target and examples of these targets; `dropped` are positions left out of the file."""
    labels = label_table(targets, subsets)
    ids = labels["id"].to_numpy()
    kept = np.delete(ids, list(dropped))
    values = np.zeros((1, len(kept), 2))
    write_embeddings(tmp_path / "x.h5", kept, {"mean": values}, dropped=ids[list(dropped)])
    return labelled(tmp_path / "x.h5", labels, kind)


def letter_states(path, labels, max_length=0, long_sequences="error"):
    """Write residues whose only feature is their label's letter, cut as sequences are."""
    kept = [cut(text, max_length or None, long_sequences) for text in labels["target"]]
    letters = np.array([[ord(letter)] for letter in "".join(kept)], float)
    facts = {
        "lengths": list(map(len, kept)),
        "max_length": max_length,
        "long_sequences": long_sequences,
    }
    write_embeddings(path, labels["id"].to_numpy(), {"residues": letters[None]}, **facts)


@pytest.mark.parametrize("kind", KINDS)
def test_labels_join_by_id_whatever_their_order(tmp_path, kind):
    labels = written_task(tmp_path / "x.h5", kind)
    turned = labels.sample(frac=1, random_state=0)
    seen = []
    for table in (labels, turned):
        _, found = labelled(tmp_path / "x.h5", table, kind)
        names = found.names[found.unit]
        seen.append(sorted(zip(names, found.rows, found.y, found.subset, found.fold, strict=True)))
    assert seen[0] == seen[1]
    with open_embeddings(tmp_path / "x.h5") as embeddings:
        assert list(embeddings.ids) != list(labels["id"])  # or there would be nothing to join


def test_a_class_missing_from_train_or_validation_shifts_no_code(tmp_path):
    target, found = joined(tmp_path, "bcbccab", "classification")
    assert target.classes == ("a", "b", "c")
    assert found.y[found.subset == "train"].tolist() == [1, 2, 1]
    assert found.y[found.subset == "validation"].tolist() == [2, 2]
    assert found.y[found.subset == "test"].tolist() == [0, 1]


def test_a_class_of_dropped_sequences_alone_shifts_no_code(tmp_path):
    target, found = joined(tmp_path, "cabcbcb", "classification", dropped=[1])
    assert target.classes == ("a", "b", "c")
    assert found.y.tolist() == [2, 1, 2, 1, 2, 1]


def test_a_residue_class_missing_from_validation_shifts_no_code(tmp_path):
    labels = label_table(["HE", "CC", "HC", "CC", "CE", "HE", "EE"], SUBSETS, ["11"] * 7)
    letter_states(tmp_path / "x.h5", labels)
    target, found = labelled(tmp_path / "x.h5", labels, "residue_classification")
    assert target.classes == ("C", "E", "H")
    assert found.y[found.subset == "validation"].tolist() == [0, 0, 0, 1]


def test_floor_is_the_least_target_of_all_subsets(tmp_path):
    target, found = joined(tmp_path, map(str, [3.5, 2, 8, 1, 4, -7.25, 9]), "regression")
    assert target.offset == 4.5  # the mean of train
    assert target.floor + target.offset == -7.25
    assert (found.y + target.offset).tolist() == [3.5, 2, 8, 1, 4, -7.25, 9]


def test_a_choice_knows_the_floor_of_all_subsets_but_test(tmp_path):
    target, found = joined(tmp_path, map(str, [3.5, 2, 8, 1, 4, -7.25, 9]), "regression")
    assert without_test(target, found).floor + target.offset == 1


def test_classes_and_names_stay_text(tmp_path):
    path = tmp_path / "labels.tsv"
    labels = label_table(["NA", "01", "1"], ["train", "train", "test"])
    labels.assign(name=["1e3", "nan", "007"]).to_csv(path, sep="\t", index=False)
    again = read_labels(path)
    assert again["target"].tolist() == ["NA", "01", "1"]
    assert again["name"].tolist() == ["1e3", "nan", "007"]


WHOLE = [7, 8]
COUNTED = {"truncate": [4, 4], "keep_ends": [5, 3], "windows": WHOLE, "drop": WHOLE, "error": WHOLE}


@pytest.mark.parametrize("policy", LENGTH_POLICIES)
def test_residue_labels_and_masks_are_cut_exactly_as_the_sequences(tmp_path, policy):
    texts = ["HEC", "CCHHEECCHHE", "EEEECCCCHHHH", "HECHECH", "HE", "CCCCCHH", "ECH"]
    masks = ["101", "11100011101", "000111111110", "1111111", "11", "1100001", "111"]
    labels = label_table(texts, SUBSETS, masks)
    letter_states(tmp_path / "x.h5", labels, max_length=7, long_sequences=policy)
    target, found = labelled(tmp_path / "x.h5", labels, "residue_classification")
    with open_embeddings(tmp_path / "x.h5") as embeddings:
        letters = embeddings.part("residues", 0, 0, 99)
    predicted = [chr(int(code)) for code in letters[found.rows, 0]]
    assert predicted == [target.classes[code] for code in found.y]
    assert np.bincount(found.unit).tolist() == [2, *COUNTED[policy], 7, 2, 3, 3]


def test_residues_with_mask_0_are_no_examples_and_their_class_is_none(tmp_path):
    labels = label_table(
        ["HXE", "XC", "E", "H", "H", "XE", "C"], SUBSETS, ["101", "01", "1", "1", "1", "01", "1"]
    )
    letter_states(tmp_path / "x.h5", labels)
    target, found = labelled(tmp_path / "x.h5", labels, "residue_classification")
    assert target.classes == ("C", "E", "H")
    assert found.rows.tolist() == [0, 2, 4, 5, 6, 7, 9, 10]
    assert found.unit.tolist() == [0, 0, 1, 2, 3, 4, 5, 6]


def test_a_chain_that_stands_twice_is_one_unit(tmp_path):
    labels = label_table(["HEC", "HE", "HEC", "HEC"], ["train", "train", "test", "test"])
    labels = labels.assign(id=["a", "b", "c", "c"], mask=["111", "11", "100", "011"])
    letter_states(tmp_path / "x.h5", labels.drop_duplicates("id"))
    _, found = labelled(tmp_path / "x.h5", labels, "residue_classification")
    assert found.rows[found.subset == "test"].tolist() == [5, 6, 7]
    assert found.unit[found.subset == "test"].tolist() == [2, 2, 2]


def test_labels_that_are_not_as_many_as_residues_are_refused_by_name(tmp_path):
    labels = residue_task(tmp_path / "x.h5")
    for column in ("target", "mask"):
        labels.loc[3, column] = labels.loc[3, column][:-1]
    with pytest.raises(InputError, match="chain 3: as many labels as residues"):
        labelled(tmp_path / "x.h5", labels, "residue_classification")


def test_a_subset_of_masked_residues_alone_is_refused_by_name(tmp_path):
    labels = residue_task(tmp_path / "x.h5")
    tested = labels["subset"] == "test"
    labels["mask"] = labels["mask"].mask(tested, labels["mask"].str.replace("1", "0"))
    with pytest.raises(InputError, match=r"nothing is left of test: no residue .* has mask 1"):
        labelled(tmp_path / "x.h5", labels, "residue_classification")


def test_dropped_sequences_are_left_out_and_counted(tmp_path, caplog):
    with caplog.at_level(logging.INFO, "plmbench"):
        _, found = joined(tmp_path, map(str, range(7)), "regression", dropped=[1, 6])
    assert (found.y + 1).tolist() == [0, 2, 3, 4, 5]  # all of train count for the offset, 1
    assert found.names.tolist() == [f"chain {i}" for i in (0, 2, 3, 4, 5)]
    assert "2 labels of sequences above max_length left out" in caplog.text


@pytest.mark.parametrize(
    ("subset", "dropped"), [("train", [0, 1, 2]), ("validation", [3, 4]), ("test", [5, 6])]
)
def test_a_subset_that_is_dropped_whole_is_refused_by_name(tmp_path, subset, dropped):
    with pytest.raises(InputError, match=rf"nothing is left of {subset}: .*model's max_length"):
        joined(tmp_path, map(str, range(7)), "regression", dropped=dropped)


@pytest.mark.parametrize("kind", KINDS)
def test_shuffled_labels_move_within_their_subset_and_keep_test_untouched(tmp_path, kind):
    labels = written_task(tmp_path / "x.h5", kind)
    _, found = labelled(tmp_path / "x.h5", labels, kind)
    moved = shuffled(found)
    for subset in ("train", "validation", "test"):
        before, after = found.y[found.subset == subset], moved.y[found.subset == subset]
        assert sorted(before) == sorted(after)
        assert (subset == "test") == np.array_equal(before, after)
    assert np.array_equal(moved.y, shuffled(found).y)
    assert all(np.array_equal(*pair) for pair in zip(found[:1], moved[:1], strict=True))


def test_labels_without_an_embedding_are_refused(tmp_path):
    labels = written_task(tmp_path / "x.h5", "regression")
    more = pd.concat([labels, labels.iloc[:1].assign(id="new")])
    with pytest.raises(InputError, match=r"1 labelled sequence\(s\) have no embedding"):
        labelled(tmp_path / "x.h5", more, "regression")
