"""The sequences that supervised methods read, in the place of an embedding file."""

import numpy as np
import pandas as pd
import pytest

from plmbench.core.alphabet import STANDARD
from plmbench.core.errors import InputError
from plmbench.probe.places import BASE, Places, placed, places_of
from plmbench.supervised.sequences import Sequences


def sequences(*texts):
    return Sequences(pd.DataFrame({"id": [f"s{i}" for i in range(len(texts))], "sequence": texts}))


def test_a_sequence_is_one_hot_and_rare_letters_are_blank():
    source = sequences(STANDARD, "AXB#-U")
    assert np.array_equal(source.of(0), np.eye(20))
    assert source.of(1)[0].argmax() == 0
    assert source.of(1)[1:].sum() == 0


def test_rows_and_spans_are_by_id():
    source = sequences("MKV", "A", "CD")
    assert source.rows(["s2", "s0"]).tolist() == [2, 0]
    assert source.spans(["s1", "s2"]) == [(3, 4), (4, 6)]
    with pytest.raises(InputError, match=r"1 labelled sequence.* are not there, the first is s9"):
        source.rows(["s1", "s9"])


@pytest.mark.parametrize("places", [[0], [BASE - 1, BASE, BASE + 1], [2**24 + 1, 2**31 + 5]])
def test_positions_pass_through_features_of_single_precision(places):
    assert places_of(placed(np.array(places))).tolist() == places


def test_places_are_predicted_in_the_order_asked_for():
    rows = np.array([7, 3, 3, 40_000])
    (X,) = Places().take(rows)
    assert places_of(X).tolist() == rows.tolist()
    found = np.concatenate([part for part, _ in Places().blocks(rows)])
    assert rows[found].tolist() == sorted(rows)
