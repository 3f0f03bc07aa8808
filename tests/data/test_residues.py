"""What stands in sequences: a table of what is no residue, and blanks, in each kind of file."""

import pytest

from plmbench.core.alphabet import BLANK, LETTERS, NO_RESIDUE, RESIDUE_POLICIES
from plmbench.core.errors import InputError
from plmbench.data.counts import counts_of
from plmbench.data.residues import sequence_records
from plmbench.data.splits import read_split

CSV = "id,sequence,target,set\na,MKV,1,train\nb,{},2,train\nc,MKL,3,test\n"
FLIP = ">a TARGET=1 SET=train\nMKV\n>b TARGET=2 SET=train\nMKVL\n{}\n>c TARGET=3 SET=test\nMKL\n"
RESIDUES = "sequence,target,mask,set\n{},{},{},train\nMKL,HHH,111,test\n"
OUT, UNKNOWN = "take out what is no letter", "write X where a residue is unknown"
POLICIES = pytest.mark.parametrize("policy", RESIDUE_POLICIES)
ODD = [  # name, what stands in a sequence, what is named, the remedy
    ("digits", "MK1V", "('1')", "take the numbers out"),
    ("numbers of columns", "MKV 10", "('1')", "take the numbers out"),
    ("other digits", "MK\u0661V", "ARABIC-INDIC DIGIT ONE')", OUT),
    ("semicolon", "MKV;comment", "(';')", "take comments out"),
    ("our own mask", "MK#V", "('#')", UNKNOWN),
    ("question mark", "MK?V", "('?')", UNKNOWN),
    ("quote", "'MKV'", '("\'")', OUT),
    ("underscore", "MK_V", "('_')", OUT),
    ("brackets", "[MKV]", "('[')", OUT),
    ("slash", "MKV/MKL", "('/')", OUT),
    ("byte order mark", "MK\ufeffV", "ZERO WIDTH NO-BREAK SPACE')", OUT),
    ("zero width space", "MK\u200bV", "ZERO WIDTH SPACE')", OUT),
    ("control character", "MK\x01V", "U+0001')", OUT),
    ("file separator", "MK\x1cV", "U+001C')", OUT),
    ("umlaut", "MK\u00c4", "LATIN CAPITAL LETTER A WITH DIAERESIS')", "write in ASCII"),
    ("Cyrillic", "MK\u0410V", "CYRILLIC CAPITAL LETTER A')", "write in ASCII"),
    ("full width", "MK\uff36", "FULLWIDTH LATIN CAPITAL LETTER V')", "write in ASCII"),
    ("dash", "MK\u2013V", "EN DASH')", OUT),
    ("soft hyphen", "MK\u00adV", "SOFT HYPHEN')", OUT),
    ("dots", "MK\u2026", "HORIZONTAL ELLIPSIS')", OUT),
    ("DNA", "\U0001f9ec", "DNA DOUBLE HELIX')", OUT),
    ("not decoded", "MK\ufffdV", "REPLACEMENT CHARACTER')", OUT),
]


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a text as a file and returns its path."""

    def write(text, name="x"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return write


def refusal(path, **settings):
    """Return what `read_split` says when it refuses a file."""
    with pytest.raises(InputError) as caught:
        read_split(path, **settings)
    return str(caught.value).removeprefix(f"{path}: ")


@POLICIES
@pytest.mark.parametrize("row", ODD, ids=lambda row: row[0])
@pytest.mark.parametrize(("form", "text", "line"), [("csv", CSV, 3), ("flip_fasta", FLIP, 5)])
def test_what_is_no_residue_is_refused_under_every_policy(written, form, text, line, row, policy):
    _, sequence, named, remedy = row
    said = refusal(written(text.format(sequence)), format=form, nonstandard_residues=policy)
    assert said.startswith("the sequence holds what is no residue (letters, '*', '-' and '.' are)")
    assert f": line {line} (" in said
    assert named in said
    assert remedy in said.partition("; ")[2]


@POLICIES
@pytest.mark.parametrize("row", ODD[:8], ids=lambda row: row[0])
def test_the_file_of_sequences_is_named_and_not_that_of_labels(written, row, policy):
    sequences = written(f">b\nMK\n\n>a words\nMKV\n{row[1]}\n", "sequences")
    labels = written(">a SET=train\nHEHEC\n>b SET=test\nCC\n", "labels")
    settings = {"format": "residue_fasta", "task_type": "residue_classification"}
    with pytest.raises(InputError) as caught:
        read_split(labels, sequences=sequences, nonstandard_residues=policy, **settings)
    assert str(caught.value).startswith(f"{sequences}: the sequence holds what is no residue")
    assert ": line 6 (" in str(caught.value)
    assert row[2] in str(caught.value)


JOINED = [  # what was lost, the file, the line, the remedy
    ("a line end", FLIP.replace("\n>c", ">c").format("MKV"), 5, "put a line end before '>'"),
    ("a line end after a gap", ">a SET=train TARGET=1\nMK->b SET=test\nMK", 2, "line end before"),
    ("all line ends", FLIP.replace("\nM", "M").format("MKV"), 2, ""),
    (
        "none: a mark before it",
        FLIP.replace(">c", "\ufeff>c").format("MKV"),
        6,
        "take out '\\ufeff' before it",
    ),
    ("none: a quote before it", FLIP.replace(">c", '">c').format("MKV"), 6, "take out "),
    ("none: a NUL before it", FLIP.replace(">c", "\0>c").format("MKV"), 6, "take out "),
    ("a line end, for another", FLIP.replace("\n>c", "\u2028>c").format("MKV"), 5, "line end"),
]


@POLICIES
@pytest.mark.parametrize("row", JOINED, ids=lambda row: row[0])
def test_a_record_that_was_joined_to_the_one_before_is_refused_with_its_line(written, row, policy):
    _, text, line, remedy = row
    said = refusal(written(text), format="flip_fasta", nonstandard_residues=policy)
    assert f"line {line}" in said
    assert remedy in said


@pytest.mark.parametrize("role", ["path", "sequences", "mask"])
def test_records_are_not_joined_in_any_file_of_residues(written, role):
    texts = {
        "path": ">a SET=train\nHEC\n>b SET=test\nCC\n",
        "sequences": ">a\nMKV\n>b\nAC\n",
        "mask": ">a\n110\n>b\n01\n",
    }
    texts[role] = texts[role].replace("\n>b", ">b")
    files = {name: written(text, name) for name, text in texts.items()}
    settings = {"format": "residue_fasta", "task_type": "residue_classification"}
    with pytest.raises(
        InputError,
        match=rf"{role}: line 2: '>' within a line of the record of line 1; .* before '>'$",
    ):
        read_split(**files, **settings)


BLANKS = [
    "M K V",
    "MK V ",
    "\tMKV",
    "M\u00a0K V",
    "MK\u3000V",
    "MK\u2009V",
    "MK\x85V",
    '"M\nK\r\nV"',
]


@POLICIES
@pytest.mark.parametrize("sequence", BLANKS)
def test_blanks_are_taken_out_of_sequences_and_counted(written, sequence, policy):
    table = read_split(written(CSV.format(sequence)), nonstandard_residues=policy)
    assert table["sequence"].tolist() == ["MKV", "MKV", "MKL"]
    counts = counts_of(table)
    assert counts["blanks_removed"] == len(BLANK.findall(sequence))
    assert (counts["masked_residues"], counts["dropped"], counts["duplicates"]) == (0, 0, 1)


def test_blanks_around_lines_of_fasta_are_layout_and_those_within_are_counted(written):
    table = read_split(written(FLIP.format("  M KL\t")), format="flip_fasta")
    assert table["sequence"].tolist() == ["MKV", "MKVLMKL", "MKL"]
    assert counts_of(table)["blanks_removed"] == 1


def test_a_sequence_of_blanks_alone_is_empty(written):
    assert "sequence is empty: line 3" in refusal(written(CSV.format(" \t ")))


@pytest.mark.parametrize(
    ("sequence", "target", "mask"),
    [("MK VL", "HE CC", "11 10"), ("MK VL", "HECC", "1110"), (" M KVL", " H ECC", "1110")],
)
def test_labels_and_masks_lose_the_blanks_of_their_sequence(written, sequence, target, mask):
    path = written(RESIDUES.format(sequence, target, mask))
    table = read_split(path, task_type="residue_classification")
    assert table[["sequence", "target", "mask"]].iloc[0].tolist() == ["MKVL", "HECC", "1110"]
    assert counts_of(table)["blanks_removed"] == sequence.count(" ")


def test_without_a_mask_no_blank_counts(written):
    path = written("sequence,target,set\nM KV,H EC,train\nMKL,HHH,test\n")
    assert read_split(path, task_type="residue_classification")["mask"].tolist() == ["111"] * 2


@pytest.mark.parametrize("target", ["H ECC", "HE-CC", "HE CC ", "HEC"])
def test_labels_with_other_blanks_than_the_sequence_are_refused_by_length(written, target):
    path = written(RESIDUES.format("MK VL", target, "1111"))
    said = refusal(path, task_type="residue_classification")
    assert f"target has another length than the sequence: line 2 ('{len(target)} for 4')" in said


def test_a_blank_may_be_a_class_of_residues(written):
    path = written(RESIDUES.format("MKVL", "H CC", "1111"))
    assert read_split(path, task_type="residue_classification")["target"][0] == "H CC"


def test_a_class_of_sequences_keeps_its_blanks(written):
    path = written("sequence,target,set\nMKVLA AVL,outer one,train\nMKL,b,test\n")
    assert read_split(path, task_type="classification")["target"].tolist() == ["outer one", "b"]


@POLICIES
def test_what_is_no_residue_is_refused_outside_the_slice_too(written, policy):
    path = written(CSV.format("MKV1"))
    assert ": line 3 ('1')" in refusal(path, slice=[0, 3], nonstandard_residues=policy)


def test_blanks_are_taken_out_before_a_sequence_is_cut(written):
    table = read_split(written(CSV.format("M K V L")), slice=[1, 3])
    assert table["sequence"].tolist() == ["KV", "KV", "KL"]


def test_a_row_without_a_set_is_left_out_whatever_its_sequence_holds(written):
    path = written(CSV.format("MKV") + "d,MK1,4,\n")
    assert counts_of(read_split(path, missing_split="drop"))["missing_split"] == 1


def test_every_wrong_row_is_counted_and_five_are_shown(written):
    said = refusal(written(CSV.format("MK#") + "".join(f"d{i},M1,4,test\n" for i in range(6))))
    assert "line 3 ('#'), line 5 ('1'), line 6 ('1')" in said
    assert "and 2 more; " in said


def test_a_line_within_a_quoted_field_is_named(written):
    assert ": line 5 ('1')" in refusal(written(CSV.format('"MKV\r\nMKV\nM1"')))


def test_records_of_proteins_have_no_blanks_and_nothing_else_but_residues(written, caplog):
    path = written(">a\nM K\nv*\n>b\n\n")
    assert [record.text for record in sequence_records(path)] == ["MKv*", ""]
    assert "1 blank(s) within sequences were taken out" in caplog.text
    with pytest.raises(InputError, match=r"no residue .*: line 3 \('2'\); take the numbers out"):
        sequence_records(written(">a\nMKV\nMK2\n"))


def test_every_character_is_a_residue_or_a_blank_or_none():
    for character in map(chr, range(0x11000)):
        residue = character.isascii() and (character.isalpha() or character in "*-.")
        blank = character.isspace() and character not in "\x1c\x1d\x1e\x1f"
        assert bool(NO_RESIDUE.match(character)) != (residue or blank), repr(character)
        assert bool(BLANK.match(character)) == blank
    assert not NO_RESIDUE.search(LETTERS)


GENE = "ATGGCTAAAGGTGAAGAACTGTTTACCGGTGTTGTTCCG"
PROTEIN = "MKTAYIAKQRWDEFGHSLNVPQGTREWLKMDNAFYISCHV"


@pytest.mark.parametrize(
    ("sequences", "count"),
    [
        ([GENE, GENE[::-1], PROTEIN], 2),
        ([GENE, GENE, PROTEIN], 1),
        ([GENE.replace("T", "U"), GENE[:30]], 2),
        ([f"{GENE}NNNNNNNNNN", f"{GENE}R"], 2),
        ([GENE[:29], "ACGT", PROTEIN], 0),
        (["A" * 40, "N" * 40, "AG" * 20, "ACGN" * 10, PROTEIN], 0),
        ([f"{GENE}KKKK", PROTEIN], 0),
    ],
)
def test_sequences_of_nucleotides_are_counted(written, sequences, count):
    rows = [f"{sequence},1,train\n" for sequence in sequences]
    counts = counts_of(
        read_split(written("".join(["sequence,target,set\n", *rows, "MK,1,test\n"])))
    )
    assert counts["suspected_nucleotides"] == count
