"""Control tasks: one class per type, the same in all subsets, with the shares of the task."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from plmbench.core.alphabet import STANDARD
from plmbench.core.errors import InputError
from plmbench.data.control_tasks import classes_of_types, control_task, most_frequent_pair

DRAW = np.random.default_rng(0)
TEXTS = ["".join(DRAW.choice(list(STANDARD), 50)) for _ in range(40)]
SUBSETS = ["train"] * 24 + ["validation"] * 6 + ["test"] * 10
SEQUENCES = pd.DataFrame({"id": [f"s{i}" for i in range(40)], "sequence": TEXTS})


def labels_of(targets, **columns):
    ids = SEQUENCES["id"]
    table = pd.DataFrame({"name": ids, "id": ids, "target": targets, "subset": SUBSETS, "fold": -1})
    return table.assign(**columns)


def residue_labels():
    targets = ["".join(DRAW.choice(list("HEC"), 50, p=[0.5, 0.3, 0.2])) for _ in TEXTS]
    return labels_of(targets, mask=["1" * 40 + "0" * 10] * 40)


def test_a_letter_has_one_class_in_all_subsets():
    labels = residue_labels()
    made = control_task(labels, SEQUENCES, "residue_classification")
    joined = "".join(TEXTS), "".join(made["target"])
    pairs = set(zip(*joined, strict=True))
    assert len(pairs) == 20
    assert {target for _, target in pairs} == set("HEC")
    others = [name for name in labels if name != "target"]
    pd.testing.assert_frame_equal(made[others], labels[others])


def test_classes_have_about_the_shares_of_the_task_in_train():
    labels = residue_labels()
    made = control_task(labels, SEQUENCES, "residue_classification")
    train = labels["subset"] == "train"
    shares = []
    for table in (labels, made):
        counts = Counter("".join(text[:40] for text in table["target"][train]))
        shares.append([counts[name] / sum(counts.values()) for name in "HEC"])
    assert shares[1] == pytest.approx(shares[0], abs=0.06)  # a letter is about a twentieth


def test_a_sequences_type_is_its_most_frequent_pair():
    assert most_frequent_pair("MKKAKK") == "KK"
    assert most_frequent_pair("ACAC") == "AC"
    assert most_frequent_pair("CABA") == "AB"  # a tie: the first by the alphabet
    assert most_frequent_pair("M") == "M"
    made = control_task(labels_of(["a", "b"] * 20), SEQUENCES, "classification")
    classes = {}
    for text, target in zip(TEXTS, made["target"], strict=True):
        classes.setdefault(most_frequent_pair(text), set()).add(target)
    assert {len(names) for names in classes.values()} == {1}


def test_the_order_of_rows_draws_no_other_classes():
    labels = labels_of(["a", "b"] * 20)
    made = control_task(labels, SEQUENCES, "classification").set_index("id")["target"]
    turned = control_task(labels[::-1], SEQUENCES, "classification").set_index("id")["target"]
    assert turned.loc[made.index].equals(made)


@pytest.mark.parametrize("rare", [1, 2, 5])
def test_two_classes_are_there_however_rare_one_is(rare):
    classes = ["b"] * rare + ["a"] * (100 - rare)
    types = list("ABCDEFGHIJ") * 10
    found = classes_of_types(types, classes, types)
    assert set(found.values()) == {"a", "b"}


@pytest.mark.parametrize(
    ("types", "classes"), [(["A", "A"], ["a", "b"]), (["A", "B"], ["a", "a"]), ([], [])]
)
def test_what_has_one_type_or_one_class_is_refused(types, classes):
    with pytest.raises(InputError, match="needs two types and two classes in train"):
        classes_of_types(types, classes, types)


def test_a_type_that_train_lacks_has_a_class_too():
    found = classes_of_types(["A", "B", "C"], ["x", "y", "x"], ["A", "B", "C", "Z"])
    assert found["Z"] in ("x", "y")
