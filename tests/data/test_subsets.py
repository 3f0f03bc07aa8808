"""Who is train, validation and test, who is left out, and the folds where nobody validates."""

import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plmbench.core.errors import InputError
from plmbench.data.splits import read_split
from plmbench.data.subsets import folded, ranked, sampled

PEPTIDES = st.text("ACDEFGHIKL", min_size=1, max_size=3)
LETTERS = "ACDEFGHIKL"
TEST = ["WW,1,test", "WY,2,test"]
MARKED = "sequence,target,set,validation"


@pytest.fixture
def read(tmp_path):
    """Return a function that reads lines of a table as a split."""

    def split(lines, header="sequence,target,set", **settings):
        path = tmp_path / "x.csv"
        path.write_text("\n".join([header, *lines]))
        return read_split(path, **settings)

    return split


def many(count, copies=1):
    """Return lines of `count` distinct training sequences, each `copies` times, and two of test."""
    names = [f"M{LETTERS[i // 10]}{LETTERS[i % 10]}" for i in range(count)]
    return [f"{name},{i},train" for i, name in enumerate(names * copies)] + TEST


def validating(table):
    """Return the sequences of the validation subset."""
    return set(table["sequence"][table["subset"] == "validation"])


def fold_of(table):
    """Return {sequence: fold} of train."""
    train = table[table["subset"] == "train"]
    return dict(zip(train["sequence"], train["fold"], strict=True))


@pytest.mark.parametrize("flag", ["True", "true", "TRUE", "1", "1.0", " True "])
def test_validation_is_who_is_marked_and_then_there_are_no_folds(read, flag):
    lines = [f"{line},{flag if line.startswith('MAF,') else ''}" for line in many(40)]
    table = read(lines, header=MARKED)
    assert validating(table) == {"MAF"}
    assert set(table["fold"]) == {-1}


@pytest.mark.parametrize("flag", ["", "False", "false", "0", "0.0"])
def test_where_a_validation_column_marks_nobody_there_are_folds(read, flag):
    table = read([f"{line},{flag}" for line in many(40)], header=MARKED)
    assert not validating(table)
    assert fold_of(table) == fold_of(read(many(40)))


def test_validation_may_stand_in_the_column_set(read):
    assert validating(read([*many(20), "WF,1,validation"])) == {"WF"}


def test_a_flag_on_a_test_row_leaves_it_in_test(read):
    table = read(["MKV,1,train,", "MKA,1,train,1", "MKL,1,test,True"], header=MARKED)
    assert list(table["subset"]) == ["train", "validation", "test"]


def test_blanks_and_capitals_do_not_matter_in_set(read):
    table = read(["MKV,1, Train", "MKA,1,VALIDATION", "MKL,1,TEST "])
    assert list(table["subset"]) == ["train", "validation", "test"]


@pytest.mark.parametrize("text", ["", "nan", "NaN", " "])
class TestRowsWithoutASet:
    """They are part of the file, and no part of the split."""

    def test_error_names_them_with_the_remedy(self, read, text):
        with pytest.raises(
            InputError, match=r"neither train nor test: line 2 .*missing_split to dr"
        ):
            read([f"MKV,1,{text}", *many(3)])

    def test_drop_leaves_them_out_and_counts_them(self, read, text):
        table = read([f"MKV,1,{text}", *many(3), f"MKA,1,{text}"], missing_split="drop")
        assert len(table) == 5
        assert table.attrs["missing_split"] == 2
        assert set(table["subset"]) == {"train", "test"}


@pytest.mark.parametrize("missing_split", ["error", "drop"])
@pytest.mark.parametrize("text", ["none", "training", "0", "train,test"])
def test_a_set_of_another_name_is_refused_under_either_policy(read, missing_split, text):
    with pytest.raises(InputError, match=f"set is neither train nor test: line 2 .'{text}'"):
        read([f'MKV,1,"{text}"', *many(3)], missing_split=missing_split)


def test_a_fifth_of_train_is_held_out_in_each_fold_and_none_of_test(read):
    table = read(many(40))
    assert table["fold"][table["subset"] == "train"].value_counts().to_dict() == dict.fromkeys(
        range(5), 8
    )
    assert set(table["fold"][table["subset"] == "test"]) == {-1}
    assert not validating(table)


@pytest.mark.parametrize("folds", [2, 3, 10])
def test_there_are_as_many_folds_as_asked_for(read, folds):
    table = read(many(40), validation={"folds": folds, "seed": 0})
    assert set(fold_of(table).values()) == set(range(folds))


def test_folds_0_holds_nobody_out(read):
    assert set(read(many(40), validation={"folds": 0, "seed": 0})["fold"]) == {-1}


def test_the_order_of_rows_does_not_matter(read):
    lines = many(40)
    expected = fold_of(read(lines))
    random.Random(1).shuffle(lines)
    assert fold_of(read(lines)) == expected


def ranked_sequences(table):
    """Return the training sequences in the order of the draw."""
    train = table[table["subset"] == "train"]
    sequence = dict(zip(train["id"], train["sequence"], strict=True))
    return [sequence[name] for name in ranked(train["id"], 0)]


def test_the_draw_is_by_sha256_of_seed_and_id_and_so_the_same_on_every_machine(read):
    table = read(many(20), validation={"folds": 6, "seed": 0})
    # printf MAL | sha256sum | cut -c-16; printf 0:<that> | sha256sum: the least of all twenty
    assert ranked_sequences(table)[:7] == ["MAL", "MCH", "MAE", "MCK", "MCG", "MAG", "MCL"]
    found = fold_of(table)
    assert {sequence for sequence in found if found[sequence] == 0} == {"MAL", "MCL", "MCF", "MAF"}


def test_another_seed_folds_otherwise(read):
    first, second = (fold_of(read(many(40), validation={"folds": 5, "seed": s})) for s in (0, 1))
    assert first != second
    assert sorted(first.values()) == sorted(second.values())


def test_copies_of_a_sequence_stay_together(read):
    table = read(many(20, copies=3))
    assert (table.groupby("id")["fold"].nunique() == 1).all()
    assert (table["fold"] == 0).sum() == 12


def test_a_training_sequence_that_is_also_tested_is_folded_in_train_alone(read):
    table = read([*many(10), "MAA,7,test"])
    assert table["fold"].tolist()[-1] == -1
    assert fold_of(table)["MAA"] >= 0


def test_a_single_training_sequence_is_not_held_out(read):
    assert set(read(["MKV,1,train", "MKV,2,train", *TEST])["fold"]) == {-1}


def test_fewer_sequences_than_folds_are_each_held_out_once(read):
    assert sorted(fold_of(read(many(3))).values()) == [0, 1, 2]


@settings(deadline=None)  # pandas is slow at first, and cores are shared
@given(st.lists(PEPTIDES, min_size=1, max_size=12), st.integers(0, 6), st.integers(0, 5))
def test_every_fold_leaves_something_to_learn_from(sequences, folds, seed):
    before = ["test" if i % 3 == 2 else "train" for i in range(len(sequences))]
    table = folded(pd.DataFrame({"id": sequences, "subset": before}), folds, seed)
    assert table["subset"].tolist() == before
    train = table[table["subset"] == "train"]
    assert (table["fold"][table["subset"] == "test"] == -1).all()
    assert (train.groupby("id")["fold"].nunique() == 1).all()
    held_out = set(train["fold"])
    assert held_out == {-1} or held_out == set(range(len(held_out)))
    for fold in held_out - {-1}:
        assert (train["fold"] != fold).any()


def test_a_sample_takes_distinct_sequences_of_each_subset_with_all_their_rows(read):
    lines = [*many(20, copies=2), *(f"W{a},1,validation" for a in LETTERS)]
    table = read(lines, sample={"sequences": 4, "seed": 0})
    kept = table.groupby("subset")["id"].nunique()
    assert kept.to_dict() == {"train": 4, "validation": 4, "test": 2}
    assert (table["subset"] == "train").sum() == 8
    assert table.attrs["not_sampled"] == len(lines) - len(table)


def test_a_sample_is_drawn_by_a_hash_and_grows_by_itself(read):
    lines = many(40)
    small = read(lines, sample={"sequences": 5, "seed": 0})
    assert set(small["sequence"][:-2]) == set(ranked_sequences(read(lines))[:5])
    assert small["sequence"].tolist() == [
        s for s in read(lines)["sequence"] if s in set(small["sequence"])
    ]
    random.Random(1).shuffle(lines)
    assert set(read(lines, sample={"sequences": 5, "seed": 0})["id"]) == set(small["id"])
    assert set(read(lines, sample={"sequences": 5, "seed": 1})["id"]) != set(small["id"])
    larger = read(lines, sample={"sequences": 9, "seed": 0})
    assert set(small["id"]) < set(larger["id"])


def test_without_a_sample_everything_stays(read):
    table = read(many(5))
    pd.testing.assert_frame_equal(sampled(table), table)
    assert len(sampled(table, 100)) == len(table)


def test_a_sample_is_drawn_from_rows_in_any_order_of_their_index():
    table = pd.DataFrame({"id": list("abca"), "subset": ["train"] * 4}, index=[7, 3, 5, 1])
    first = ranked("abc", 0)[0]
    assert sampled(table, 1)["id"].unique().tolist() == [first]


ROWS = {"train": 3, "validation": 1, "test": 2}


def test_rows_as_the_catalogue_says_are_accepted(read):
    lines = [*many(3), "WF,1,validation"]
    for rows in (ROWS, {"test": 2}, {}, None):
        assert len(read(lines, rows=rows)) == 6


@pytest.mark.parametrize("subset", ROWS)
def test_other_rows_than_the_catalogue_says_are_refused_with_both(read, subset):
    rows = ROWS | {subset: 1500}
    expected = ", ".join(f"{name} {count:,}" for name, count in rows.items())
    with pytest.raises(InputError) as caught:
        read([*many(3), "WF,1,validation"], rows=rows)
    text = f"x.csv: holds train 3, validation 1, test 2; the catalogue says {expected}. Restore"
    assert text in str(caught.value)


def test_rows_are_counted_before_residues_are_judged_and_a_sample_is_taken(read):
    lines = ["M*V,1,train", *many(2), "WF,1,validation", "MKV,1,"]
    settings = {
        "nonstandard_residues": "drop",
        "missing_split": "drop",
        "sample": {"sequences": 1, "seed": 0},
    }
    assert len(read(lines, rows=ROWS, **settings)) == 3
