"""Validation: who is held out of train where a table marks nobody."""

import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plmbench.datasets import hold_out, read_split

PEPTIDES = st.text("ACDEFGHIKL", min_size=1, max_size=3)
LETTERS = "ACDEFGHIKL"
TEST = ["WW,1,test", "WY,2,test"]
MARKED = "sequence,target,set,validation"


@pytest.fixture
def read(tmp_path):
    """Return a function that reads lines of a table as a split."""

    def split(lines, header="sequence,target,set", **validation):
        path = tmp_path / "x.csv"
        path.write_text("\n".join([header, *lines]))
        return read_split(path, validation=validation or None)

    return split


def many(count, copies=1):
    """Return lines of `count` distinct training sequences, each `copies` times, and two of test."""
    names = [f"M{LETTERS[i // 10]}{LETTERS[i % 10]}" for i in range(count)]
    return [f"{name},{i},train" for i, name in enumerate(names * copies)] + TEST


def held_out(table):
    """Return the sequences of the validation subset."""
    return set(table["sequence"][table["subset"] == "validation"])


def test_the_asked_share_of_train_is_held_out_and_none_of_test(read):
    table = read(many(40), fraction=0.25, seed=0)
    assert table["subset"].value_counts().to_dict() == {"train": 30, "validation": 10, "test": 2}
    assert len(held_out(table)) == 10


def test_a_tenth_is_held_out_where_nothing_is_said(read):
    assert len(held_out(read(many(40)))) == 4


def test_fraction_zero_holds_nothing_out(read):
    assert not held_out(read(many(40), fraction=0, seed=0))


@pytest.mark.parametrize("flag", ["True", "true", "TRUE", "1", "1.0", " True "])
def test_where_validation_is_marked_nothing_is_drawn(read, flag):
    lines = [f"{line},{flag if line.startswith('MAF,') else ''}" for line in many(40)]
    assert held_out(read(lines, header=MARKED)) == {"MAF"}


@pytest.mark.parametrize("flag", ["", "False", "0"])
def test_where_a_validation_column_marks_nothing_some_are_drawn(read, flag):
    lines = [f"{line},{flag}" for line in many(40)]
    assert held_out(read(lines, header=MARKED)) == held_out(read(many(40)))


def test_validation_may_stand_in_the_column_set(read):
    assert held_out(read([*many(20), "WF,1,validation"])) == {"WF"}


def test_a_flag_on_a_test_row_leaves_it_in_test(read):
    table = read(["MKV,1,train,", "MKA,1,train,1", "MKL,1,test,True"], header=MARKED)
    assert list(table["subset"]) == ["train", "validation", "test"]


def test_the_order_of_rows_does_not_matter(read):
    lines = many(40)
    expected = held_out(read(lines))
    random.Random(1).shuffle(lines)
    assert held_out(read(lines)) == expected


def test_the_draw_is_by_sha256_of_seed_and_id_and_so_the_same_on_every_machine(read):
    assert held_out(read(many(20), fraction=0.15, seed=0)) == {"MAE", "MAL", "MCH"}


def test_another_seed_holds_out_others(read):
    first, second = (held_out(read(many(40), fraction=0.25, seed=seed)) for seed in (0, 1))
    assert first != second
    assert len(first) == len(second)


def test_copies_of_a_sequence_stay_together(read):
    table = read(many(20, copies=3), fraction=0.3, seed=0)
    assert (table.groupby("id")["subset"].nunique() == 1).all()
    assert (table["subset"] == "validation").sum() == 18


def test_a_single_training_sequence_is_not_held_out(read):
    assert not held_out(read(["MKV,1,train", "MKV,2,train", *TEST]))


def test_a_large_share_of_few_sequences_leaves_one_to_train_on(read):
    table = read([*many(2)], fraction=0.9, seed=0)
    assert list(table["subset"]).count("train") == 1


@given(st.lists(PEPTIDES, min_size=1, max_size=12), st.floats(0, 0.99), st.integers(0, 5))
def test_whole_sequences_move_from_train_alone_and_never_all(sequences, fraction, seed):
    before = ["test" if i % 3 == 2 else "train" for i in range(len(sequences))]
    table = pd.DataFrame({"id": sequences, "subset": before})
    after = hold_out(table, fraction, seed)
    moved = after["subset"] != before
    assert set(table["subset"][moved]) <= {"train"}
    assert set(after["subset"][moved]) <= {"validation"}
    assert (after[table["subset"] == "train"].groupby("id")["subset"].nunique() == 1).all()
    assert "train" in set(after["subset"])
