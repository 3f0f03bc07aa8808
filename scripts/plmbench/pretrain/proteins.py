"""Proteins to pretrain on: those of all sources, without what resembles a test set."""

import gzip
import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from plmbench.core.alphabet import STANDARD
from plmbench.core.errors import InputError
from plmbench.pretrain.similarity import representatives, resembling, sharing

SHORTEST, LONGEST = 30, 2_000  # residues
HELD_OUT = 250  # proteins
HELD_OUT_SHORTEST, HELD_OUT_LONGEST = 50, 512  # residues
COPIES, SIMILAR = 0.9, 0.5  # identities: of near-copies, and of what is too near a test


class Protein(NamedTuple):
    """A protein of a source, `name` being its id there."""

    source: str
    name: str
    sequence: str


def sha256_of_sequence(sequence: str) -> str:
    """Return the sha256 of a sequence, in hexadecimal digits."""
    return hashlib.sha256(sequence.encode()).hexdigest()


class Steps:
    """How many proteins of each source are left after each step."""

    def __init__(self, proteins: Iterable[Protein]) -> None:
        """proteins: all that were read."""
        self.counts: dict[str, Counter[str]] = {}
        self.count("rows", proteins)

    def count(self, step: str, proteins: Iterable[Protein]) -> None:
        """Count what is left after a step."""
        self.counts[step] = Counter(protein.source for protein in proteins)


def unique(proteins: Iterable[Protein]) -> list[Protein]:
    """Return the first protein of each sequence, in the order of the sequences' sha256."""
    first: dict[str, Protein] = {}
    for protein in proteins:
        first.setdefault(protein.sequence, protein)
    return sorted(first.values(), key=lambda protein: sha256_of_sequence(protein.sequence))


def usable(proteins: Iterable[Protein]) -> Iterator[tuple[str, list[Protein]]]:
    """Yield (step, proteins left): whole sequences of the twenty amino acids, neither too short
    nor too long, each once, one for all its near-copies."""
    standard = set(STANDARD)
    left = [protein for protein in proteins if set(protein.sequence) <= standard]
    yield "twenty amino acids only", left
    left = [protein for protein in left if len(protein.sequence) >= SHORTEST]
    yield f"at least {SHORTEST} residues", left
    left = [protein for protein in left if len(protein.sequence) <= LONGEST]
    yield f"at most {LONGEST:,} residues", left
    left = unique(left)
    yield "different sequences", left
    kept = representatives([protein.sequence for protein in left], COPIES)
    yield "one of each cluster at 90 %", [left[place] for place in kept]


def away_from(proteins: Sequence[Protein], others: Sequence[str]) -> list[Protein]:
    """Return the proteins that share no word of 20 residues with any sequence of `others`, and have
    no local alignment of 50 % identity with one."""
    sequences = [protein.sequence for protein in proteins]
    near = sharing(sequences, others) | resembling(sequences, others, SIMILAR)
    return [protein for place, protein in enumerate(proteins) if place not in near]


def held_out_of(proteins: Iterable[Protein], count: int) -> list[Protein]:
    """Return the first `count` proteins of 50 to 512 residues in the order of their sha256."""
    fitting = [
        protein
        for protein in unique(proteins)
        if HELD_OUT_SHORTEST <= len(protein.sequence) <= HELD_OUT_LONGEST
    ]
    return fitting[:count]


def collect(
    proteins: Collection[Protein], tests: Iterable[str], held_out: int = HELD_OUT
) -> tuple[list[Protein], list[Protein], Steps]:
    """Return training proteins, held-out proteins, and the Steps that led to them.

    tests: sequences that no protein may resemble; nor may one for training resemble a held-out one.
    Raises InputError where none is left.
    """
    steps, left = Steps(proteins), list(proteins)
    for step, left in usable(proteins):
        steps.count(step, left)
    left = away_from(left, sorted(set(tests)))
    steps.count("away from every test set", left)
    apart = held_out_of(left, held_out)
    steps.count("of these held out", apart)
    chosen = {protein.sequence for protein in apart}
    rest = [protein for protein in left if protein.sequence not in chosen]
    training = away_from(rest, sorted(chosen))
    steps.count("for training", training)
    if not training:
        counted = ", ".join(f"{step} {count.total():,}" for step, count in steps.counts.items())
        raise InputError(f"no protein is left for training ({counted}); name more sources")
    return training, apart, steps


def fasta_bytes(proteins: Iterable[Protein]) -> bytes:
    """Return the proteins as gzipped FASTA, headers `source|id`: the same bytes for the same
    proteins with any clock."""
    records = (f">{source}|{name}\n{sequence}\n" for source, name, sequence in proteins)
    return gzip.compress("".join(records).encode(), compresslevel=9, mtime=0)
