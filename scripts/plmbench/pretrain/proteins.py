"""Proteins to pretrain on: from their sources, without what resembles a test set."""

import gzip
import hashlib
from collections import Counter
from typing import NamedTuple

from plmbench.core.alphabet import STANDARD
from plmbench.core.errors import InputError
from plmbench.data.fasta import fasta_records
from plmbench.data.readers import READERS
from plmbench.data.subsets import subsets_of
from plmbench.pretrain.similarity import representatives, resembling, sharing

SHORTEST, LONGEST = 30, 2_000
HELD_OUT = 250
HELD_OUT_SHORTEST, HELD_OUT_LONGEST = 50, 512
COPIES, SIMILAR = 0.9, 0.5  # identities: of near-copies, and of what is too near a test


class Protein(NamedTuple):
    """A protein of a source, `name` being its id there."""

    source: str
    name: str
    sequence: str


def digest(sequence):
    """Return the sha256 of a sequence, in hexadecimal digits."""
    return hashlib.sha256(sequence.encode()).hexdigest()


def read_proteins(source, path, read="fasta", rows=None, **settings):
    """Return the proteins of one file, those of the subsets `rows` where it has subsets.

    read: `fasta`, or a reader of `plmbench.readers`, which takes `settings`. An id is the first
    word of its header, or the row's line where the file has none.
    """
    if read == "fasta":
        records = fasta_records(path)
        return [
            Protein(source, (header.split() or [str(line)])[0], sequence)
            for line, header, sequence in records
        ]
    required = ("sequence",) if rows is None else ("sequence", "set")
    table = READERS[read](path, required=required, **settings)
    if rows is not None:
        table = table[subsets_of(table, path).isin(rows)]
    names = table["id"] if "id" in table else table["line"].map("line-{}".format)
    return [Protein(source, *row) for row in zip(names, table["sequence"], strict=True)]


class Steps:
    """How many proteins of each source are left after each step."""

    def __init__(self, proteins):
        self.counts = {}
        self.take("rows", proteins)

    def take(self, step, proteins):
        """Note what is left after a step, and return it."""
        self.counts[step] = Counter(protein.source for protein in proteins)
        return proteins


def unique(proteins):
    """Return the first protein of each sequence, in the order of the sequences' sha256."""
    first = {}
    for protein in proteins:
        first.setdefault(protein.sequence, protein)
    return sorted(first.values(), key=lambda protein: digest(protein.sequence))


def usable(proteins):
    """Yield (step, proteins left): whole sequences of the twenty amino acids, neither too short
    nor too long, each once, one for all its near-copies."""
    standard = set(STANDARD)
    left = [protein for protein in proteins if set(protein.sequence) <= standard]
    yield "twenty letters only", left
    left = [protein for protein in left if len(protein.sequence) >= SHORTEST]
    yield f"at least {SHORTEST} residues", left
    left = [protein for protein in left if len(protein.sequence) <= LONGEST]
    yield f"at most {LONGEST:,} residues", left
    left = unique(left)
    yield "different sequences", left
    kept = representatives([protein.sequence for protein in left], COPIES)
    yield "one of each cluster at 90 %", [left[place] for place in kept]


def away_from(proteins, others):
    """Return the proteins that share no word of 20 letters with any sequence of `others`, and have
    no local alignment of 50 % identity with one."""
    sequences = [protein.sequence for protein in proteins]
    near = sharing(sequences, others) | resembling(sequences, others, SIMILAR)
    return [protein for place, protein in enumerate(proteins) if place not in near]


def held_out_of(proteins, count):
    """Return the first `count` proteins of 50 to 512 residues in the order of their sha256."""
    fitting = (
        protein
        for protein in unique(proteins)
        if HELD_OUT_SHORTEST <= len(protein.sequence) <= HELD_OUT_LONGEST
    )
    return [protein for protein, _ in zip(fitting, range(count), strict=False)]


def collect(proteins, tests, held_out=HELD_OUT):
    """Return (training proteins, held-out proteins, Steps).

    tests: sequences that no protein may resemble; nor may one for training resemble a held-out one.
    Raises InputError where none is left.
    """
    steps = Steps(proteins)
    left = proteins
    for step, left in usable(proteins):
        steps.take(step, left)
    left = steps.take("away from every test set", away_from(left, sorted(set(tests))))
    apart = steps.take("of these held out", held_out_of(left, held_out))
    chosen = {protein.sequence for protein in apart}
    rest = [protein for protein in left if protein.sequence not in chosen]
    training = steps.take("for training", away_from(rest, sorted(chosen)))
    if not training:
        left = ", ".join(f"{step} {count.total():,}" for step, count in steps.counts.items())
        raise InputError(f"no protein is left for training ({left}); name more sources")
    return training, apart, steps


def fasta_bytes(proteins):
    """Return the proteins as gzipped FASTA, headers `source|id`: the same bytes for the same
    proteins with any clock."""
    records = (f">{source}|{name}\n{sequence}\n" for source, name, sequence in proteins)
    return gzip.compress("".join(records).encode(), compresslevel=9, mtime=0)
