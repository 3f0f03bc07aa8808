"""Labelled tables: what is read, what is refused and how it is named, what is counted."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plmbench.core.alphabet import LETTERS
from plmbench.core.errors import InputError
from plmbench.data.counts import counts_of
from plmbench.data.proteins import sequence_id
from plmbench.data.splits import read_split, unique_sequences

HEADER = "sequence,target,set"
GOOD = ("MKV,1.5,train", "MKA,-2e-1,train", "MKL,0,test")
REMEDIES = (
    "mend these rows",
    "mend these rows, or set the data set's missing_split to drop where set is empty",
    "take these rows out",
    "give each row an id",
    "write True, False or nothing",
    "put quotes around a field with a delimiter in it",
)
PEPTIDES = st.text("ACDEFGHIKLMNPQRSTVWY", min_size=1, max_size=5)


@pytest.fixture
def csv(tmp_path):
    """Return a function that writes lines as `x.csv` and returns its path."""

    def write(*lines, header=HEADER, end="\n"):
        path = tmp_path / "x.csv"
        path.write_bytes(end.join([header, *lines, ""]).encode())
        return path

    return write


def refusal(path, **settings):
    """Return what `read_split` says when it refuses a file; it names the file."""
    with pytest.raises(InputError) as caught:
        read_split(path, **settings)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_rows_are_read_in_file_order_with_targets_as_float64(csv):
    table = read_split(csv(*GOOD, "MKA,3,test"))
    assert list(table["sequence"]) == ["MKV", "MKA", "MKL", "MKA"]
    assert table["target"].dtype == "float64"
    assert list(table["target"]) == [1.5, -0.2, 0.0, 3.0]
    assert list(table["subset"]) == ["train", "train", "test", "test"]


@pytest.mark.parametrize(
    ("line", "problem", "value"),
    [
        ("d,,1,train,", "sequence is empty", "''"),
        ("d,MKC,,train,", "target is not a finite number", "''"),
        ("d,MKC,high,train,", "target is not a finite number", "'high'"),
        ("d,MKC,NaN,test,", "target is not a finite number", "'NaN'"),
        ("d,MKC,-inf,train,", "target is not a finite number", "'-inf'"),
        ("d,MKC,1e999,train,", "target is not a finite number", "'1e999'"),
        ('d,MKC,"1,5",train,', "target is not a finite number", "'1,5'"),
        ("d,MKC", "another number of fields than in the header", "2"),
        ("d,MKC,1,training,", "set is neither train nor test", "'training'"),
        ("d,MKC,1,,", "set is neither train nor test", "''"),
        ("d,MKC,1,train,maybe", "validation is not a flag", "'maybe'"),
        (",MKC,1,train,", "id is empty", "''"),
    ],
)
def test_a_wrong_field_is_named_with_its_line_and_value(csv, line, problem, value):
    lines = [f"{name},{good}," for name, good in zip("abc", GOOD, strict=True)]
    text = refusal(csv(*lines, line, header=f"id,{HEADER},validation"))
    assert f"x.csv: {problem}: line 5 ({value})" in text
    assert text.split("; ")[-1] in REMEDIES


def test_a_sequence_that_the_slice_leaves_empty_is_named(csv):
    path = csv("MKVLL,1,train", "MK,1,train", "MKVLA,0,test")
    assert "sequence is empty within slice [2, 4]: line 3" in refusal(path, slice=[2, 4])


def test_a_slice_keeps_start_and_leaves_out_stop(csv):
    path = csv("MKVLLA,1,train", "MKVLAA,0,test")
    assert list(read_split(path, slice=[1, 5])["sequence"]) == ["KVLL", "KVLA"]


def test_only_the_first_five_of_many_wrong_rows_are_shown(csv):
    text = refusal(csv(*GOOD, *["MKC,x,train"] * 7))
    assert text.count("line ") == 5
    assert "and 2 more" in text


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_numbers_count_empty_lines(csv, ending):
    text = refusal(csv(GOOD[0], "", ",,", *GOOD[1:], "MK*,1,train", end=ending))
    assert "line 7 ('*')" in text


def test_empty_lines_are_no_rows(csv):
    table = read_split(csv(GOOD[0], "", *GOOD[1:], "", ",,"))
    assert table.attrs["rows"] == 3


@pytest.mark.parametrize("sequence", ["MK*", "MJK", "MkV", "M-K", ".MK"])
class TestResiduesThatNotEveryFamilyKnows:
    """Each of the three policies, for each kind of residue."""

    def test_error_names_line_residue_and_remedy(self, csv, sequence):
        text = refusal(csv(*GOOD, f"{sequence},1,train"))
        residue = next(c for c in sequence if c not in LETTERS)
        assert f"line 5 ({residue!r})" in text
        lower = sequence.upper() == "MKV"
        remedy = (
            "in upper case" if lower else "set the data set's nonstandard_residues to mask or drop"
        )
        assert remedy in text

    def test_mask_replaces_and_counts_them(self, csv, sequence):
        table = read_split(
            csv(*GOOD, f"{sequence},1,train", "M*,2,test"), nonstandard_residues="mask"
        )
        expected = "".join(c if c in LETTERS else "#" for c in sequence)
        assert list(table["sequence"][3:]) == [expected, "M#"]
        assert counts_of(table)["masked_residues"] == 2

    def test_drop_leaves_out_the_row_and_counts_it(self, csv, sequence):
        table = read_split(
            csv(GOOD[0], f"{sequence},1,train", *GOOD[1:]), nonstandard_residues="drop"
        )
        assert list(table["sequence"]) == ["MKV", "MKA", "MKL"]
        counts = counts_of(table)
        assert (counts["rows"], counts["dropped"], counts["masked_residues"]) == (4, 1, 0)


@pytest.mark.parametrize("sequence", ["mkv", "**"])
def test_a_row_of_which_a_mask_would_leave_nothing_is_refused(csv, sequence):
    with pytest.raises(InputError, match=r"nothing but residues other than .* line 5 .*upper case"):
        read_split(csv(*GOOD, f"{sequence},1,train"), nonstandard_residues="mask")


@pytest.mark.parametrize("policy", ["error", "mask", "drop"])
def test_rare_amino_acids_stay_under_every_policy(csv, policy):
    table = read_split(csv("BOUXZ,1,train", "MKL,1,test"), nonstandard_residues=policy)
    assert list(table["sequence"]) == ["BOUXZ", "MKL"]
    assert counts_of(table)["masked_residues"] == 0


def test_residues_outside_the_slice_do_not_count(csv):
    path = csv("MKV***,1,train", "MKL***,0,test")
    assert list(read_split(path, slice=[0, 3])["sequence"]) == ["MKV", "MKL"]


def test_ids_that_stand_twice_are_named_with_all_their_lines(csv):
    path = csv("MKV,1,train,a", "MKA,1,train,b", "MKL,1,test,a", header=f"{HEADER},id")
    assert "id stands more than once: line 2 ('a'), line 4 ('a'); make" in refusal(path)


def test_names_are_the_users_ids_or_lines(csv):
    assert list(read_split(csv(*GOOD))["name"]) == ["line2", "line3", "line4"]
    path = csv("MKV,1,train,007", "MKA,1,test,NA", header=f"{HEADER},id")
    assert list(read_split(path)["name"]) == ["007", "NA"]


@pytest.mark.parametrize("subset", ["train", "test"])
def test_an_empty_subset_is_named(csv, subset):
    text = refusal(csv(*(line for line in GOOD if not line.endswith(subset))))
    assert f"the {subset} subset is empty" in text


@pytest.mark.parametrize("subset", ["train", "test"])
def test_a_subset_that_drop_leaves_empty_is_named_with_the_count(csv, subset):
    lines = [line.replace("M", "*") if line.endswith(subset) else line for line in GOOD]
    dropped = "".join(lines).count("*")
    expected = f"the {subset} subset is empty (3 rows read, {dropped} dropped"
    assert expected in refusal(csv(*lines), nonstandard_residues="drop")


def test_another_checksum_is_refused_with_both(csv):
    text = refusal(csv(*GOOD), sha256="0" * 64)
    assert "restore the file" in text
    assert "0" * 64 in text


def test_an_id_is_made_of_the_residues_that_are_embedded(csv):
    table = read_split(
        csv("MKVLL,1,train", "MKVAA,2,train", "MKL*,0,test"),
        nonstandard_residues="mask",
        slice=[0, 4],
    )
    assert list(table["id"]) == [sequence_id(s) for s in ("MKVL", "MKVA", "MKL#")]
    assert sequence_id("MKVL") == "db3a50e128ae0214"  # printf MKVL | sha256sum


@settings(deadline=None)  # pandas is slow at first, and cores are shared
@given(st.lists(st.lists(PEPTIDES, min_size=1, max_size=8), min_size=1, max_size=3))
def test_every_label_finds_its_sequence_once_among_the_unique_ones(splits):
    tables = [
        pd.DataFrame({"sequence": split, "id": map(sequence_id, split), "masked": 0})
        for split in splits
    ]
    unique = unique_sequences(tables)
    assert list(unique["sequence"]) == list(dict.fromkeys(s for split in splits for s in split))
    sequence_of = unique.set_index("id")["sequence"]
    for table in tables:
        assert list(sequence_of.loc[table["id"]]) == list(table["sequence"])


def test_classes_are_text_as_it_stands_but_for_blanks_around_it(csv):
    lines = ("MKV,01,train", "MKA,1,train", "MKC,None,train", 'MKL," a, b ",test', "MKW,None,test")
    table = read_split(csv(*lines), task_type="classification")
    assert list(table["target"]) == ["01", "1", "None", "a, b", "None"]


@pytest.mark.parametrize("target", ["", "  "])
def test_an_empty_class_is_named(csv, target):
    text = refusal(csv(*GOOD, f"MKW,{target},train"), task_type="classification")
    assert "target is empty: line 5 ('line5')" in text


def test_a_row_without_a_set_that_is_left_out_is_not_judged_by_its_residues(csv):
    table = read_split(csv(*GOOD, "M*W,1,"), missing_split="drop")
    assert (table.attrs["rows"], table.attrs["missing_split"], len(table)) == (4, 1, 3)


def test_what_was_left_out_is_counted_by_reason(csv):
    lines = ("MKV,1,train", "MKA,1,train", "MKC,1,train", "M*,1,train", "M**,1,test", "MKL,1,test")
    table = read_split(
        csv(*lines, "MKK,1,", "MRR,2,nan"),
        nonstandard_residues="drop",
        missing_split="drop",
        sample={"sequences": 2, "seed": 0},
    )
    left_out = {"rows": 8, "modality": "protein", "missing_split": 2, "dropped": 2}
    assert table.attrs == left_out | {"not_sampled": 1, "test_not_sampled": 0}
    assert len(table) == 8 - 2 - 2 - 1


def test_counts_of_a_split(csv):
    lines = ("MKV,1,train", "MKV,2,train", "MKAAA,3,train", "MKV,4,test", "MK,9,test")
    assert counts_of(read_split(csv(*lines))) == {
        "rows": 5,
        "missing_split": 0,
        "dropped": 0,
        "not_sampled": 0,
        "masked_residues": 0,
        "unique_sequences": 3,
        "duplicates": 2,
        "leakage": 1,
        "train": 3,
        "validation": 0,
        "test": 2,
        "test_units": 2,
        "folds": 2,
        "residues": 16,
        "shortest": 2,
        "median_length": 3.0,
        "longest": 5,
        "balance": "1 to 9, median 3",
        "mostly_masked": 0,
        "blanks_removed": 0,
        "suspected_nucleotides": 0,
        "unseen_validation": 0,
        "unseen_test": 0,
        "twin_classes": 0,
        "numeric_classes": 0,
        "lone_classes": 0,
        "few_to_choose_on": 2,
        "test_not_sampled": 0,
    }


def test_copies_of_a_test_sequence_are_one_unit(csv):
    lines = ("MKV,1,train", "MKA,4,test", "MKA,5,test", "MK,9,test", "MKV,9,test")
    counts = counts_of(read_split(csv(*lines)))
    assert (counts["test"], counts["test_units"]) == (4, 3)


def test_the_balance_of_classes_is_their_share_and_of_residues_that_of_those_that_count(csv):
    lines = ("MKV,HEE,train,110", "MKA,HHC,test,111")
    path = csv(*lines, header=f"{HEADER},mask")
    counts = counts_of(read_split(path, task_type="residue_classification"))
    assert (counts["balance"], counts["residues"]) == ("C 0.200, E 0.200, H 0.600", 5)
    assert (
        counts_of(read_split(path, task_type="classification"))["balance"] == "HEE 0.500, HHC 0.500"
    )
