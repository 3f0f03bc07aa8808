"""Sequences that are words, codes or masks throughout: what looks like a protein and is none."""

import pytest

from plmbench.core.errors import InputError
from plmbench.core.notices import notices_of
from plmbench.data.classes import likeness
from plmbench.data.counts import counts_of
from plmbench.data.residues import sequence_records
from plmbench.data.splits import read_split

LONG = "MKTAYIAKQRQISFVK"
HEADER = "sequence,target,set\n"
WORDS = ("NA", "nan", "NaN", "None", "NULL", "true", "FALSE")
CODES = ("AlaGlySerVal", "ALAGLYSER", "MET LYS THR ALA")


def table(tmp_path, *rows):
    """Write a table of numbers and return its path."""
    (tmp_path / "x.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return tmp_path / "x.csv"


@pytest.mark.parametrize("policy", ["error", "mask", "drop"])
@pytest.mark.parametrize("text", [*WORDS, *CODES])
def test_a_word_or_code_beside_proteins_is_refused_under_every_policy(tmp_path, text, policy):
    path = table(tmp_path, f"{LONG},1,train", f"{text},2,train", f"{LONG}A,3,test")
    with pytest.raises(InputError, match=r"sequence is (a word|in codes)") as caught:
        read_split(path, nonstandard_residues=policy)
    assert "line 3" in str(caught.value)
    assert "; give the sequences" in str(caught.value) or "one letter" in str(caught.value)


@pytest.mark.parametrize("text", ["NA", "TRUE"])
def test_a_word_in_a_fasta_file_is_refused_and_among_peptides_is_a_peptide(tmp_path, text):
    (tmp_path / "long").write_text(f">a\n{LONG}\n>b\n{text}\n")
    with pytest.raises(InputError, match=r"a word that a program writes.*line 3"):
        sequence_records(tmp_path / "long")
    (tmp_path / "short").write_text(f">a\nMK\n>b\n{text}\n")
    assert [record.text for record in sequence_records(tmp_path / "short")] == ["MK", text]


def test_proteins_that_are_mostly_masked_and_rows_left_out_are_said(tmp_path):
    soft = LONG[:8] + LONG[8:].lower()
    path = table(tmp_path, f"{LONG},1,train", f"{soft},2,train", f"{LONG}A,3,test")
    counts = counts_of(read_split(path, nonstandard_residues="mask"))
    assert counts["mostly_masked"] == 1
    assert any("more than a tenth of their residues masked" in w for w in notices_of(counts))
    counts = counts_of(read_split(path, nonstandard_residues="drop"))
    assert any("1 row(s) were left out for their residues" in w for w in notices_of(counts))


@pytest.mark.parametrize("subset", ["train", "test"])
def test_a_subset_of_which_no_residue_counts_is_refused(tmp_path, subset):
    rows = [f"{LONG},{'H' * 8 + 'C' * 8},{{}},train", f"{LONG}A,{'HC' * 8 + 'H'},{{}},test"]
    masks = {"train": "1" * 16, "test": "1" * 17} | {subset: "0" * (16 + (subset == "test"))}
    text = "sequence,target,mask,set\n" + "\n".join(
        row.format(mask) for row, mask in zip(rows, masks.values(), strict=True)
    )
    (tmp_path / "x.csv").write_text(text + "\n")
    with pytest.raises(InputError, match=f"no residue of {subset} counts: all its masks are 0"):
        read_split(tmp_path / "x.csv", task_type="residue_classification")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u22121", "-1"),
        ("\u20131", "-1"),
        ("Cell.membrane", "Cell membrane"),
        ("Cytoplasm, Nucleus", "Cytoplasm,Nucleus"),
        ("Golgi (app.)", "Golgi(app.)"),
        ("a / b", "a/b"),
    ],
)
def test_more_spellings_of_one_class_are_known(one, other):
    assert likeness(one) == likeness(other)


@pytest.mark.parametrize(
    ("one", "other"), [("1.1", "11"), ("A+", "A-"), ("1.1.1", "1-1"), ("a,b", "ab")]
)
def test_other_classes_stay_apart(one, other):
    assert likeness(one) != likeness(other)
