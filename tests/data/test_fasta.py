"""FASTA files as FLIP writes them: labels in headers, or one letter per residue in a file of their
own."""

import gzip

import pandas as pd
import pytest

from plmbench.core.errors import InputError
from plmbench.data.counts import counts_of
from plmbench.data.fasta import fasta_records, flip_fields
from plmbench.data.proteins import sequence_id
from plmbench.data.splits import read_split, unique_sequences, with_files

FLIP = (
    ">Sequence0 TARGET=1.5 SET=train VALIDATION=False",
    "MKV",
    "LLA",
    ">Sequence1 TARGET=-2 SET=train VALIDATION=True",
    "MKA",
    ">Sequence2 TARGET=0 SET=test VALIDATION=False",
    "MKL",
)
LABELS = (">a SET=train VALIDATION=False", "HEC", ">b SET=test VALIDATION=False", "CC")
SEQUENCES = (">b some protein", "AC", ">a", "MK", "V", ">c without labels", "WWW")
MASKS = (">a", "110", ">b", "01", ">c", "111")


@pytest.fixture
def fasta(tmp_path):
    """Return a function that writes lines as a file of this name and returns its path."""

    def write(*lines, name="x.fasta", end="\n", encoding="utf-8", pack=bytes):
        path = tmp_path / name
        path.write_bytes(pack(end.join([*lines, ""]).encode(encoding)))
        return path

    return write


@pytest.fixture
def residues(fasta):
    """Return a function that writes labels, sequences and masks, and returns how to read them."""

    def write(labels=LABELS, sequences=SEQUENCES, mask=MASKS, **form):
        return {
            "path": fasta(*labels, name="labels.fasta", **form),
            "sequences": fasta(*sequences, name="sequences.fasta", **form),
            "task_type": "residue_classification",
            "format": "residue_fasta",
        } | ({"mask": fasta(*mask, name="mask.fasta", **form)} if mask else {})

    return write


def read_flip(path, **settings):
    return read_split(path, format="flip_fasta", **settings)


def refusal(**settings):
    """Return what `read_split` says when it refuses files."""
    with pytest.raises(InputError) as caught:
        read_split(**settings)
    return str(caught.value)


FORMS = [
    {"end": "\r\n"},
    {"encoding": "utf-8-sig"},
    {"pack": gzip.compress},
    {"end": "\r\n", "encoding": "utf-8-sig", "pack": gzip.compress},
]


def test_flip_fasta_holds_target_set_and_validation_in_its_headers(fasta):
    table = read_flip(fasta(*FLIP))
    assert table["name"].tolist() == ["Sequence0", "Sequence1", "Sequence2"]
    assert table["sequence"].tolist() == ["MKVLLA", "MKA", "MKL"]
    assert table["target"].tolist() == [1.5, -2.0, 0.0]
    assert table["subset"].tolist() == ["train", "validation", "test"]


@pytest.mark.parametrize("form", FORMS)
def test_line_ends_byte_order_mark_and_gzip_change_nothing(fasta, form):
    expected = read_flip(fasta(*FLIP))
    pd.testing.assert_frame_equal(read_flip(fasta(*FLIP, **form)), expected)


def test_validation_is_optional_in_a_header(fasta):
    lines = [FLIP[0].replace(" VALIDATION=False", ""), *FLIP[1:]]
    assert read_flip(fasta(*lines))["subset"].tolist() == ["train", "validation", "test"]


@pytest.mark.parametrize("name", ["Golgi apparatus", "Lysosome/Vacuole", "a=b c=d", "NaN"])
def test_a_class_may_hold_blanks_slashes_and_equals_signs(fasta, name):
    lines = [f">P1 TARGET={name} SET=train", "MKV", f">P2 SET=test TARGET={name}", "MKA"]
    table = read_flip(fasta(*lines), task_type="classification")
    assert table["target"].tolist() == [name, name]
    assert table["subset"].tolist() == ["train", "test"]


NAMES = ("sp|P1/2|A_B", "../../etc/passwd", "/root", "a\\b", "..", "Ångström 7", "P1 first one")


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_header_before_the_first_key_is_the_name_and_never_the_id(fasta, name):
    table = read_flip(fasta(f">{name} TARGET=1 SET=train", "MKV", *FLIP[-2:]))
    assert table["name"].tolist() == [name, "Sequence2"]
    assert table["id"].tolist() == [sequence_id("MKV"), sequence_id("MKL")]


def test_ids_that_stand_twice_are_named_with_their_lines(fasta):
    path = fasta(*FLIP, ">Sequence1 TARGET=2 SET=train", "MKW")
    text = refusal(path=path, format="flip_fasta")
    assert "id stands more than once: line 4 ('Sequence1'), line 8 ('Sequence1'); make" in text


def test_a_record_without_id_is_named(fasta):
    path = fasta(*FLIP, "> TARGET=2 SET=train", "MKW")
    assert "id is empty: line 8" in refusal(path=path, format="flip_fasta")


@pytest.mark.parametrize("key", ["TARGET", "SET"])
def test_a_header_without_a_field_is_named(fasta, key):
    lines = list(FLIP)
    lines[3] = lines[3].replace(key, key.lower())
    text = refusal(path=fasta(*lines), format="flip_fasta")
    assert f"x.fasta: header lacks {key}=: line 4 ('Sequence1" in text
    assert text.endswith("); add it")


def test_a_value_may_be_empty_and_is_judged_like_any_other(fasta):
    assert flip_fields("P1 TARGET= SET=train")["target"] == ""
    path = fasta(*FLIP, ">P1 TARGET= SET=train", "MKW")
    assert "target is not a finite number: line 8 ('')" in refusal(path=path, format="flip_fasta")
    path = fasta(*FLIP, ">P1 TARGET=1 SET=nan VALIDATION=False", "MKW")
    assert read_flip(path, missing_split="drop").attrs["missing_split"] == 1


def test_a_record_without_sequence_is_named(fasta):
    path = fasta(*FLIP[:-1])
    assert "sequence is empty: line 6" in refusal(path=path, format="flip_fasta")


@pytest.mark.parametrize("lines", [("MKV", *FLIP), ("", "x", *FLIP)])
def test_text_before_the_first_header_is_refused(fasta, lines):
    with pytest.raises(InputError, match=r"line \d stands before the first '>' header"):
        list(fasta_records(fasta(*lines)))


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b">\xff\nMKV", gzip.compress(b">a\nMKV", mtime=0)[:-9]]
)
def test_a_file_that_is_no_fasta_is_refused(tmp_path, content):
    (tmp_path / "x.fasta").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.fasta: (holds no FASTA|line 1 is not UTF-8|.*gzip)"):
        list(fasta_records(tmp_path / "x.fasta"))


def test_labels_find_their_sequences_and_masks_by_id(residues):
    table = read_split(**residues())
    assert table["name"].tolist() == ["a", "b"]
    assert table["sequence"].tolist() == ["MKV", "AC"]
    assert table["target"].tolist() == ["HEC", "CC"]
    assert table["mask"].tolist() == ["110", "01"]
    assert counts_of(table)["residues"] == 3


@pytest.mark.parametrize("form", FORMS)
def test_residue_files_may_be_written_in_any_form(residues, form):
    expected = read_split(**residues())
    pd.testing.assert_frame_equal(read_split(**residues(**form)), expected)


def test_without_a_mask_every_residue_counts(residues):
    assert read_split(**residues(mask=None))["mask"].tolist() == ["111", "11"]


def test_the_first_word_of_a_header_is_the_id_in_all_three_files(residues):
    labels = (">a of Escherichia coli SET=train", "HEC", *LABELS[2:])
    assert read_split(**residues(labels))["name"].tolist() == ["a", "b"]


def test_labels_and_masks_are_cut_with_the_sequence(residues):
    table = read_split(**residues(), slice=[1, 3])
    assert table[["sequence", "target", "mask"]].values.tolist() == [
        ["KV", "EC", "10"],
        ["C", "C", "1"],
    ]


@pytest.mark.parametrize(("role", "texts"), [("sequences", SEQUENCES), ("mask", MASKS)])
def test_labels_without_a_sequence_or_mask_are_refused(residues, role, texts):
    given = residues(**{role: [line.replace(">b", ">B") for line in texts]})
    text = refusal(**given)
    assert text.startswith(f"{given[role]}: has no record 'b', which {given['path']}, line 3, ")


@pytest.mark.parametrize(("role", "texts"), [("sequences", SEQUENCES), ("mask", MASKS)])
def test_a_sequence_or_mask_that_stands_twice_is_refused(residues, role, texts):
    given = residues(**{role: [*texts, ">b again", "AC"]})
    assert f"{given[role]}: line {len(texts) + 1}: 'b' stands twice" in refusal(**given)


def test_a_protein_labelled_twice_is_two_rows_of_one_sequence(residues):
    twice = (">b SET=train VALIDATION=True", "CC")  # FLIP's bind has such, also across subsets
    table = read_split(**residues((*LABELS, *twice)))
    assert table["name"].tolist() == ["a", "b", "b (2)"]
    assert table["subset"].tolist() == ["train", "test", "validation"]
    assert (len(unique_sequences([table])), counts_of(table)["leakage"]) == (2, 1)


def test_a_protein_labelled_twice_with_different_labels_is_refused(residues):
    text = refusal(**residues((*LABELS, ">b SET=train", "CH")))
    assert "labels.fasta: line 5: 'b' stands twice, with different labels" in text


@pytest.mark.parametrize(("labels", "problem"), [("HE", "'2 for 3'"), ("HECC", "'4 for 3'")])
def test_labels_of_another_length_than_the_sequence_are_refused(residues, labels, problem):
    text = refusal(**residues((LABELS[0], labels, *LABELS[2:])))
    assert f"target has another length than the sequence: line 1 ({problem})" in text


def test_a_mask_of_another_length_is_refused(residues):
    text = refusal(**residues(mask=(">a", "11", *MASKS[2:])))
    assert "mask has another length than the sequence: line 1 ('2 for 3')" in text


@pytest.mark.parametrize("mask", ["11-", "121", "TTF"])
def test_a_mask_of_other_letters_than_0_and_1_is_refused(residues, mask):
    text = refusal(**residues(mask=(">a", mask, *MASKS[2:])))
    assert "mask is not of 0 and 1: line 1 ('a')" in text


OWN_TEST = "sequence,ss3,set\nMKVW,HHHH,train\nWWWW,CCCC,test\n"


@pytest.fixture
def with_own_test(residues, tmp_path):
    """Return how to read a split whose test rows are in a CSV of their own."""

    def write(text=OWN_TEST, **more):
        (tmp_path / "cb.csv").write_text(text)
        columns = {"target": "ss3"}
        source = {"path": tmp_path / "cb.csv", "format": "csv", "columns": columns}
        return residues() | {"test": source | more}

    return write


def test_all_rows_of_a_test_file_replace_the_splits_own_test_rows(with_own_test):
    table = read_split(**with_own_test())
    assert table["sequence"].tolist() == ["MKV", "MKVW", "WWWW"]
    assert table["subset"].tolist() == ["train", "test", "test"]
    assert table["mask"].tolist() == ["110", "1111", "1111"]
    assert table.index.tolist() == [0, 1, 2]


def test_a_test_file_needs_no_set(with_own_test):
    text = "sequence,ss3\nMKVW,HHHH\n"
    assert read_split(**with_own_test(text))["subset"].tolist() == ["train", "test"]


def test_the_rows_of_the_catalogue_count_those_of_the_test_file(with_own_test):
    read_split(**with_own_test(), rows={"train": 1, "test": 2})
    assert "holds train 1, test 2; the catalogue says train 1, test 1" in refusal(
        **with_own_test(), rows={"train": 1, "test": 1}
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (OWN_TEST + "MK*W,HHHH,test\n", r"cb\.csv: residues other than .*: line 4 \('\*'\)"),
        (OWN_TEST + "MKW,HHHH,test\n", r"cb\.csv: target has another length .*: line 4"),
        (OWN_TEST.replace("ss3", "ss"), r"cb\.csv: lacks column\(s\) ss3"),
    ],
)
def test_what_is_wrong_in_a_test_file_is_named_with_that_file(with_own_test, text, problem):
    with pytest.raises(InputError, match=problem):
        read_split(**with_own_test(text))


def test_another_checksum_of_a_test_file_is_refused(with_own_test):
    assert "cb.csv: sha256 is" in refusal(**with_own_test(sha256="0" * 64))


def test_files_find_their_place_among_the_settings():
    settings = {"task_type": "regression", "test": {"format": "csv"}}
    files = {"path": "a", "sequences": "b", "test.path": "c"}
    assert with_files(settings, files) == {
        "task_type": "regression",
        "path": "a",
        "sequences": "b",
        "test": {"format": "csv", "path": "c"},
    }
    assert settings == {"task_type": "regression", "test": {"format": "csv"}}
