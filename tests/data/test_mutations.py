"""Sites of mutation: where the sequences of a data set differ from its wild type."""

import gzip
import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plmbench.core.alphabet import STANDARD
from plmbench.core.errors import InputError
from plmbench.data.mutations import COLUMNS, read_sites, read_wild_type, sites_of, unseen_letters

WILD_TYPE = "MKVLA"
PROTEIN = "MKTAYIAKQRWDEFGHSLNVPQGTREWLKMDNAFYISCHV"


@pytest.fixture
def wild_type(tmp_path):
    """Return a function that writes a FASTA file and returns its path."""

    def write(text):
        (tmp_path / "wt.fasta").write_text(text)
        return tmp_path / "wt.fasta"

    return write


def rows_of(sequences):
    """Return rows of these sequences, as `read_split` gives them."""
    return pd.DataFrame({"sequence": sequences}).assign(
        file="x.csv", line=range(2, 2 + len(sequences))
    )


def library(sites, count=60, protein=PROTEIN, letters=STANDARD):
    """Return variants of a protein with any of the letters at each of these sites."""
    draw, made = random.Random(0), []
    for _ in range(count):
        variant = list(protein)
        for site in sites:
            variant[site] = draw.choice(letters)
        made.append("".join(variant))
    return made


def scan(protein=PROTEIN):
    """Return all single mutants of a protein, without the protein."""
    return [
        protein[:i] + letter + protein[i + 1 :]
        for i, own in enumerate(protein)
        for letter in STANDARD
        if letter != own
    ]


def refusal(path, sequences, **settings):
    """Return what `read_sites` says when it refuses a wild type; it names the file first."""
    with pytest.raises(InputError) as caught:
        read_sites(path, rows_of(sequences), **settings)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value).removeprefix(f"{path}: ")


def test_sites_are_counted_from_0_with_the_residues_that_stand_there():
    table = sites_of(["MKVLA", "MRVLA", "MCVLW"], WILD_TYPE)
    assert table.values.tolist() == [[1, "K", "CKR"], [4, "A", "AW"]]


def test_a_site_where_few_sequences_differ_from_the_wild_type_alike_is_a_site(wild_type):
    table = read_sites(wild_type(f">wt\n{WILD_TYPE}\n"), rows_of(["MRVLA", "MRVLA"]))
    assert table.values.tolist() == [[1, "K", "R"]]


def test_the_wild_type_alone_has_no_sites():
    table = sites_of([WILD_TYPE], WILD_TYPE)
    assert (list(table.columns), len(table)) == (list(COLUMNS), 0)


@settings(deadline=None)  # pandas is slow at first, and cores are shared
@given(st.lists(st.text("ACD", min_size=6, max_size=6), min_size=1, max_size=8))
def test_outside_the_sites_every_sequence_is_the_wild_type(sequences):
    sites = set(sites_of(sequences, "ACDACD")["site"])
    for i, residue in enumerate("ACDACD"):
        assert all(sequence[i] == residue for sequence in sequences) == (i not in sites)


@pytest.mark.parametrize(("cut", "expected"), [(None, "MKVLA"), ([0, 3], "MKV"), ([1, 9], "KVLA")])
def test_the_wild_type_is_the_one_record_within_the_slice(wild_type, cut, expected):
    assert read_wild_type(wild_type(">the only one\nMKV\nLA\n"), cut) == expected


def test_the_wild_type_may_be_gzipped_and_have_windows_line_ends(tmp_path):
    (tmp_path / "wt.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf>first\r\nMKVLA\r\n"))
    assert read_wild_type(tmp_path / "wt.gz", None) == WILD_TYPE


@pytest.mark.parametrize(
    "text", ["MKV LA", "MK\tVLA\n\n", " M K V\nL A ", "MKV\u00a0LA", "MKV\n\nLA"]
)
def test_blanks_are_taken_out_of_a_wild_type(wild_type, text):
    assert read_wild_type(wild_type(f">wt\n{text}\n"), None) == WILD_TYPE


def test_a_slice_shifts_the_sites(wild_type):
    path = wild_type(f">wt\n{WILD_TYPE}\n")
    assert read_sites(path, rows_of(["KVLA", "KVLW"]), [1, 5])["site"].tolist() == [3]


LETTERS_MESSAGE = "none of ACDEFGHIKLMNPQRSTVWYBOUXZ; "
UPPER = "write the wild type in upper case"
REFUSED = [  # name, file, policy, what, where, remedy
    ("lower", f">wt\n{PROTEIN.lower()}\n", "error", "has 'm'", "position 1,", UPPER),
    ("soft", f">wt\n{PROTEIN[:30]}{PROTEIN[30:].lower()}\n", "error", "'d'", "position 31,", UPPER),
    ("soft, mask", f">wt\n{PROTEIN[:-1]}v\n", "mask", "has 'v'", "position 40,", UPPER),
    ("stop", f">wt\n{PROTEIN}*\n", "error", "has '*'", "position 41,", "stop off its end"),
    (
        "stop, mask",
        f">wt\n{PROTEIN}*\n",
        "mask",
        "has 41 residues",
        "position 41,",
        "take the stop",
    ),
    ("inner stop", f">wt\nMK*{PROTEIN[3:]}\n", "drop", "has '*'", "position 3,", "mend it"),
    ("gap", f">wt\nMK-{PROTEIN[3:]}\n", "error", "has '-'", "position 3,", "mend it"),
    ("second", f">a\n{PROTEIN}\n>b\nMK\n", "error", "second record", "line 3:", "leave the one"),
    ("third", ">a\n>b\nMK\n>c\nMK\n", "mask", "second record", "line 2:", "leave the one"),
    ("joined", f">a\n{PROTEIN}>b\nMK\n", "mask", "'>' within", "line 2:", "a line end before '>'"),
    ("no sequence", "\n>wt\n\n", "error", "without sequence", "line 2:", "add it"),
    ("blanks alone", ">wt\n \t\n", "error", "without sequence", "line 1:", "add it"),
    (
        "digits",
        f">wt\n1 {PROTEIN[:9]}",
        "mask",
        "('1')",
        "line 2 ",
        "numbers out",
    ),
    ("mask", f">wt\n{PROTEIN[:9]}\n#{PROTEIN[10:]}", "mask", "('#')", "line 3 ", "write X"),
    ("no FASTA", PROTEIN, "error", "before the first", "line 1 ", "'>' header"),
]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row[0])
def test_a_wild_type_goes_through_the_checks_of_sequences(wild_type, row):
    _, text, policy, *parts = row
    said = refusal(wild_type(text), library([4, 17, 29]), policy=policy)
    assert not [part for part in parts if part not in said], said


def test_what_the_slice_leaves_out_of_a_wild_type_may_be_any_residue_and_nothing_else(wild_type):
    rows = rows_of(library([4, 17]))
    path = wild_type(f">wt\n{PROTEIN}*\n")
    assert read_sites(path, rows, [0, 40])["site"].tolist() == [4, 17]
    assert "('1')" in refusal(wild_type(f">wt\n{PROTEIN}1\n"), rows["sequence"], cut=[0, 40])


def test_a_masked_residue_of_all_sequences_and_the_wild_type_is_no_site(wild_type):
    sequences = [f"{sequence}#" for sequence in library([4, 17])]
    path = wild_type(f">wt\n{PROTEIN}*\n")
    assert read_sites(path, rows_of(sequences), policy="mask")["site"].tolist() == [4, 17]


@pytest.mark.parametrize(
    ("sequences", "named", "remedy"),
    [
        (
            ["MKVLA", "MRVLA", "MKVL"],
            "1 of 3 sequences another number: x.csv: line 4 (4)",
            "rows out",
        ),
        (["MKVLAA"], "1 of 1 sequences another number: x.csv: line 2 (6)", "mend its slice"),
        (["M" * n for n in range(6, 14)], "line 6 (10) and 3 more; ", "mend its slice"),
        (
            ["MKVLA", "MKVLA", "MK", "MK"],
            "1 of 2 sequences another number: x.csv: line 4 (2)",
            "out",
        ),
    ],
)
def test_sequences_of_another_length_are_named_with_their_lines(
    wild_type, sequences, named, remedy
):
    said = refusal(wild_type(f">wt\n{WILD_TYPE}\n"), sequences)
    assert said.startswith("the wild type has 5 residues, ")
    assert named in said
    assert remedy in said
    assert "take wild_type out" in said or "take these rows out" in said


OTHER = "".join(random.Random(1).choices(STANDARD, k=40))
SHIFTED = PROTEIN[1:] + PROTEIN[0]
MUTANT = f"{PROTEIN[:9]}W{PROTEIN[10:]}"
WRONG = {  # name: wild type, sequences, how many sites and the first
    "another protein": (OTHER, library([4, 17, 29]), "at 36 of 40 positions: 1 (D, commonest M), "),
    "one residue off": (SHIFTED, library([4, 17, 29]), "positions: 1 (K, commonest M), "),
    "one wrong letter": (
        MUTANT,
        library([4, 17, 29]),
        "at 1 of 40 positions: 10 (W, commonest R);",
    ),
    "a mutant, of a scan": (MUTANT, scan()[:150], "at 1 of 40 positions: 10 (W, commonest R);"),
    "two letters tried": (MUTANT, library([2, 9, 17, 22, 30], letters="KR"), " 10 (W, "),
    "few sequences": (OTHER, library([4, 17], count=3), "at 39 of 40 positions: 1 (D, "),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wild_type_whose_letters_no_sequence_has_is_refused(wild_type, name):
    protein, sequences, *parts = WRONG[name]
    said = refusal(wild_type(f">wt\n{protein}\n"), sequences)
    parts += ["hardly any of", "another protein", "take wild_type out"]
    assert not [part for part in parts if part not in said], said
    assert len(said.splitlines()) == 1


def test_positions_of_a_wrong_wild_type_count_what_the_slice_leaves_out(wild_type):
    sequences = [sequence[5:] for sequence in library([17, 29])]
    assert "positions: 10 (W" in refusal(wild_type(f">wt\n{MUTANT}\n"), sequences, cut=[5, 40])


FOUR = [13, 22, 28, 39]
RIGHT = {
    "all letters at four sites": library(FOUR, 1000),
    "few of all letters": library(FOUR, 25),
    "no sequence has the wild type's letters": library(FOUR, 400, letters="ACDEFIKLMNPQRSTWY"),
    "single mutants": scan(),
    "every residue at random": library(range(40), 60),
    "the wild type among mutants of a mutant": [PROTEIN, *scan(MUTANT)],
    "mutants of a mutant, but few": scan(MUTANT)[:19],
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_wild_type_that_may_be_the_right_one_is_taken(wild_type, name):
    sequences = RIGHT[name]
    found = read_sites(wild_type(f">wt\n{PROTEIN}\n"), rows_of(sequences))
    pd.testing.assert_frame_equal(found, sites_of(sequences, PROTEIN))


def test_a_letter_of_one_sequence_in_a_hundred_is_unseen_and_of_two_is_seen():
    few, more = (["MKA"] * n + ["MRA"] * (200 - n) for n in (2, 3))
    assert unseen_letters(few, "MKA") == [(1, "K", "R")]
    assert unseen_letters(more, "MKA") == []


def test_a_file_without_a_record_is_refused(wild_type):
    assert "holds no FASTA record" in refusal(wild_type("\n"), ["MKV"])


def test_without_a_wild_type_there_are_no_sites():
    table = read_sites(None, rows_of(["MKV", "MK"]))
    assert (list(table.columns), len(table)) == (list(COLUMNS), 0)
