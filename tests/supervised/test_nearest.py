"""nearest: the label of the most similar training sequence."""

import numpy as np
import pandas as pd
import pytest

from helpers.proteins import MADE, made_protein, needs_mmseqs, relative_of
from plmbench.core.metrics import Target
from plmbench.data.kmers import likest
from plmbench.probe.places import placed
from plmbench.probe.selection import Examples, Folds
from plmbench.supervised import nearest_labels
from plmbench.supervised.methods import method
from plmbench.supervised.sequences import Sequences
from plmbench.supervised.settings import NearestSettings

QUERIES = [relative_of(MADE[i], 0.7, i) for i in (2, 0, 3, 1)]
TEXTS = [*MADE, *QUERIES, "MKV", "MKVA", "#" * 5]
SOURCE = Sequences(pd.DataFrame({"id": map(str, range(len(TEXTS))), "sequence": TEXTS}))
NUMBERS, CLASSES = Target("regression"), Target("classification", ("a", "b"))


def fitted(y, target, rows=range(4), pairs=()):
    """Return nearest, fit on these rows of TEXTS."""
    train = Examples(placed(np.array(rows)), np.array(y))
    parts = [tuple(Examples(placed(np.array(r)), np.array(v)) for r, v in pair) for pair in pairs]
    folds = Folds(train, parts)
    facts = {"select": "accuracy", "seed": 0, "source": SOURCE}
    return nearest_labels.fit_nearest(folds, target, NearestSettings(), **facts)


@needs_mmseqs
def test_a_relative_has_the_label_of_its_relative():
    predict = fitted([0.1, 1.1, 2.1, 3.1], NUMBERS).predict
    assert predict(placed(np.array([4, 5, 6, 7, 4]))).tolist() == [2.1, 0.1, 3.1, 1.1, 2.1]
    assert predict(placed(np.arange(4))).tolist() == [0.1, 1.1, 2.1, 3.1]


@needs_mmseqs
def test_classes_are_one_hot_and_held_out_parts_are_predicted_without_their_labels():
    pairs = [(([0, 1], [0, 1]), ([4, 5], [0, 0])), (([2, 3], [0, 1]), ([4, 6], [0, 1]))]
    found = fitted([0, 1, 0, 1], CLASSES, pairs=pairs)
    assert found.predict(placed(np.array([4, 7]))).tolist() == [[1, 0], [0, 1]]
    assert found.held_out[1].tolist() == [[1, 0], [0, 1]]
    assert found.held_out[0][1].tolist() == [1, 0]  # of the first protein
    assert found.choices == {}


@pytest.mark.parametrize("queries", [[4, 5, 6, 7], [8, 9, 10]], ids=["relatives", "short"])
def test_without_the_program_words_tell(monkeypatch, caplog, queries):
    monkeypatch.setattr(nearest_labels, "found", lambda: None)
    predict = fitted([0.0, 1.0, 2.0, 3.0], NUMBERS).predict
    values = predict(placed(np.array(queries)))
    assert "MMseqs2 is not there" in caplog.text
    assert values.tolist() == ([2, 0, 3, 1] if queries[0] == 4 else values.tolist())
    assert np.isfinite(values).all()


def test_the_likest_shares_most_words_and_is_the_first_of_equals():
    targets = ["ACDEFG", "ACDEFG", "WWWYYYW", made_protein(5)]
    assert likest(["ACDEFGH", "WWWYY", targets[3][:40], "MK", "##"], targets).tolist() == [
        0,
        2,
        3,
        0,
        0,
    ]


def test_it_serves_no_residues_and_no_variants():
    declared = method("nearest")
    assert set(declared.task_types) == {"regression", "classification"}
    assert not declared.for_variants
    assert method("cnn").for_variants
