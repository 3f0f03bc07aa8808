"""Sites of mutation: where the sequences of a data set differ from its wild type."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plmbench.core.errors import InputError
from plmbench.data.mutations import COLUMNS, read_sites, read_wild_type, sites_of

WILD_TYPE = "MKVLA"


@pytest.fixture
def wild_type(tmp_path):
    """Return a function that writes a FASTA file and returns its path."""

    def write(text):
        (tmp_path / "wt.fasta").write_text(text)
        return tmp_path / "wt.fasta"

    return write


def test_sites_are_counted_from_0_with_the_residues_that_stand_there():
    table = sites_of(["MKVLA", "MRVLA", "MCVLW"], WILD_TYPE)
    assert table.values.tolist() == [[1, "K", "CKR"], [4, "A", "AW"]]


def test_a_site_where_all_differ_from_the_wild_type_alike_is_a_site():
    assert sites_of(["MRVLA", "MRVLA"], WILD_TYPE).values.tolist() == [[1, "K", "R"]]


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
def test_the_wild_type_is_the_first_record_within_the_slice(wild_type, cut, expected):
    path = wild_type(">first of two\nMKV\nLA\n>second\nWWWWW\n")
    assert read_wild_type(path, cut) == expected


def test_the_wild_type_may_be_gzipped_and_have_windows_line_ends(tmp_path):
    (tmp_path / "wt.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf>first\r\nMKVLA\r\n"))
    assert read_wild_type(tmp_path / "wt.gz", None) == WILD_TYPE


def test_a_slice_shifts_the_sites(wild_type):
    path = wild_type(f">wt\n{WILD_TYPE}\n")
    assert read_sites(path, [1, 5], ["KVLA", "KVLW"])["site"].tolist() == [3]


@pytest.mark.parametrize("sequences", [["MKVLA", "MKVL"], ["MKVLAA"]])
def test_a_sequence_of_another_length_is_refused_with_file_and_remedy(wild_type, sequences):
    path = wild_type(f">wt\n{WILD_TYPE}\n")
    length = len(sequences[-1])
    with pytest.raises(InputError) as caught:
        read_sites(path, None, sequences)
    assert str(caught.value).startswith(f"{path}: the wild type has 5 residues, 1 sequence(s)")
    assert f"the first {length}; " in str(caught.value)
    assert "take wild_type out" in str(caught.value)


def test_a_file_without_a_record_is_refused(wild_type):
    with pytest.raises(InputError, match=r"wt\.fasta: holds no FASTA record"):
        read_sites(wild_type("\n"), None, ["MKV"])


def test_without_a_wild_type_there_are_no_sites():
    table = read_sites(None, None, ["MKV", "MK"])
    assert (list(table.columns), len(table)) == (list(COLUMNS), 0)
