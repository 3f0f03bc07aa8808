"""Chains with known contacts: read whole, or refused with file, line and what would be right."""

import pytest

from helpers.configurations import CONFIG
from plmbench.core.errors import InputError
from plmbench.data.contacts import chains_of, read_chains, read_contacts
from plmbench.study.yaml_files import read_yaml

ENTRY = read_yaml(CONFIG / "contacts.yaml")["pdb_chains"]
CHAINS = "id\tsequence\tmask\npdb_A\tMKTAYIAKQR\t1111111111\npdb_B\tACDEFGHIKX\t1111111110\n"
PAIRS = "id\ti\tj\npdb_A\t1\t8\npdb_B\t2\t9\n"


@pytest.fixture
def files(tmp_path):
    """Return `files(chains, contacts)`: {role: path}."""

    def made(chains=CHAINS, contacts=PAIRS):
        found = {"chains": tmp_path / "chains.tsv", "contacts": tmp_path / "contacts.tsv"}
        for (_, path), text in zip(found.items(), (chains, contacts), strict=True):
            path.write_text(text)
        return found

    return made


def test_the_shipped_chains_are_those_below_half_identity():
    files = {role: str(CONFIG.parent / ENTRY[role]) for role in ("chains", "contacts")}
    keys = ("sha256", "most_identity", "leave_out")
    chains, contacts = chains_of(files, {key: ENTRY[key] for key in keys}, "pdb_chains")
    assert len(chains) == 31
    assert set(contacts["id"]) == set(chains["id"])
    assert (contacts["j"] - contacts["i"]).min() >= 6
    sizes = [CONFIG.parent / ENTRY[role] for role in ("chains", "contacts")]
    assert sum(path.stat().st_size for path in sizes) < 2e6


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({}, ["pdb_A", "pdb_B"]),
        ({"chains": 1}, ["pdb_A"]),
        ({"leave_out": ["pdb_A"]}, ["pdb_B"]),
        ({"longest": 10, "chains": 9}, ["pdb_A", "pdb_B"]),
    ],
)
def test_a_choice_keeps_the_first_chains_that_fit(files, choice, expected):
    chains, contacts = chains_of(files(), choice, "set")
    assert list(chains["id"]) == expected
    assert set(contacts["id"]) == set(expected)
    assert set(chains["cluster"]) == set(expected)


def test_sequences_of_ones_own_are_chains_without_contacts():
    chains, contacts = chains_of({}, {"sequences": {"a": "MKT", "b": "MKTAYI"}, "longest": 5}, "x")
    assert chains.to_dict("records") == [
        {"id": "a", "sequence": "MKT", "masked": 0, "mask": "111", "cluster": "a"}
    ]
    assert contacts.empty


WRONG_CHAINS = {
    "no column": ("id\tseq\na\tMKT\n", "lacks column(s) sequence"),
    "twice": (CHAINS + "pdb_A\tMK\t11\n", "stand twice: line 4 ('pdb_A')"),
    "letters": (CHAINS + "c\tmkt\t111\n", "capitals: line 4 ('mkt')"),
    "short mask": (CHAINS + "c\tMKT\t11\n", "masks do not fit their sequences: line 4 ('11')"),
    "odd mask": (CHAINS + "c\tMKT\t1x1\n", "write a 0 or 1 for each residue"),
    "identity": ("id\tsequence\tpretraining_identity\na\tMK\t47 %\n", "is no share of 1: line 2"),
}
WRONG_PAIRS = {
    "no column": ("id\ti\na\t1\n", "lacks column(s) j"),
    "no chain": (PAIRS + "pdb_C\t1\t8\n", "no chain has this id: line 4 ('pdb_C')"),
    "from 0": (PAIRS + "pdb_A\t0\t8\n", "line 4 ('pdb_A: 0, 8')"),
    "beyond": (PAIRS + "pdb_A\t1\t11\n", "line 4 ('pdb_A: 1, 11')"),
    "order": (PAIRS + "pdb_A\t8\t1\n", "i before j"),
    "number": (PAIRS + "pdb_A\t1.5\t8\n", "line 4 ('pdb_A: 1.5, 8')"),
}


@pytest.mark.parametrize(("text", "words"), WRONG_CHAINS.values(), ids=WRONG_CHAINS)
def test_a_table_of_chains_that_is_wrong_is_refused(files, text, words):
    path = files(chains=text)["chains"]
    with pytest.raises(InputError) as caught:
        read_chains(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(("text", "words"), WRONG_PAIRS.values(), ids=WRONG_PAIRS)
def test_a_table_of_contacts_that_is_wrong_is_refused(files, text, words):
    made = files(contacts=text)
    with pytest.raises(InputError) as caught:
        read_contacts(made["contacts"], read_chains(made["chains"]))
    assert words in str(caught.value)


WRONG_CHOICES = {
    "name": ({"leave_out": ["pdb_C"]}, "'pdb_C' is the id of no chain"),
    "identity": ({"most_identity": 0.5}, "has no column pretraining_identity"),
    "length": ({"longest": 3}, "none of 2 chains is left"),
    "digest": ({"sha256": {"chains": "0" * 64}}, "restore the file"),
}


@pytest.mark.parametrize(("choice", "words"), WRONG_CHOICES.values(), ids=WRONG_CHOICES)
def test_a_choice_that_cannot_be_made_is_refused(files, choice, words):
    with pytest.raises(InputError, match=words.replace("'", ".")):
        chains_of(files(), choice, "set")
