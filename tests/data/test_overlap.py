"""Test sequences that stand in a network's pretraining sequences are found."""

import gzip
import random

import pytest

from helpers.studies import ROOT
from plmbench.data import overlap
from plmbench.data.fasta import fasta_records
from plmbench.data.overlap import LEAST, blocks_of, seen_in, seen_in_fasta

PROTEINS = ROOT / "resources/pretraining/proteins.fasta.gz"


def drawn(count, length, seed=0):
    """Return distinct random sequences."""
    draw = random.Random(seed)
    return ["".join(draw.choices("ACDEFGHIKLMNPQRSTVWY", k=length)) for _ in range(count)]


def test_equal_sequences_and_long_parts_are_seen():
    one, other = drawn(2, 60)
    part, short = one[5 : 5 + LEAST], one[5 : 4 + LEAST]
    assert seen_in([one, other, part, short], [one]) == {one, part}
    assert seen_in([short], [short]) == {short}


def test_a_part_of_two_neighbours_is_not_seen():
    one, other = drawn(2, 60)
    assert seen_in([one[-20:] + other[:20]], [one, other]) == set()


@pytest.mark.parametrize("residues", [1, 100, 10_000])
def test_blocks_change_nothing(residues, monkeypatch):
    proteins = drawn(40, 60)
    test = [protein[3:40] for protein in proteins[::4]] + drawn(5, 40, seed=1)
    monkeypatch.setattr(overlap, "blocks_of", lambda given: blocks_of(given, residues))
    assert seen_in(test, proteins) == set(test[:10])


def test_soft_masked_and_spaced_proteins_are_seen(tmp_path):
    (one,) = drawn(1, 60)
    text = f">p\n{one[:30].lower()} {one[30:35]}\n{one[35:]}\n"
    (tmp_path / "x.fasta.gz").write_bytes(gzip.compress(text.encode()))
    assert seen_in_fasta([one], tmp_path / "x.fasta.gz") == {one}


def test_shipped_pretraining_sequences_contain_themselves():
    proteins = [record.text for record in fasta_records(PROTEINS)]
    some = set(proteins[::5000])
    assert seen_in_fasta(some | set(drawn(3, 200)), PROTEINS) == some
