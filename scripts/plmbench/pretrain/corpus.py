"""Proteins to learn from, in batches of crops; the same seed gives the same batches from any step
on."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from plmbench.core.alphabet import STANDARD
from plmbench.data.fasta import fasta_records
from plmbench.data.text_files import refuse

JITTER = 20  # residues by which lengths are blurred, so that a batch's neighbours change each epoch


class Crop(NamedTuple):
    """A stretch of a protein to learn from."""

    protein: int  # row of the corpus
    start: int
    length: int


def read_proteins(path: Path | str) -> list[str]:
    """Return the sequences of a FASTA file (also gzipped).

    Raises InputError that names file and line for a residue beyond the twenty amino acids.
    """
    records = list(fasta_records(path))
    beyond = [(r.line, "".join(set(r.text) - set(STANDARD))) for r in records]
    odd = [(line, residues) for line, residues in beyond if residues]
    if odd:
        lines, residues = zip(*odd, strict=True)
        remedy = "leave these proteins out: the networks learn from the twenty amino acids"
        refuse(path, "residues beyond the twenty amino acids", lines, residues, remedy)
    return [record.text for record in records]


def crops_of(
    lengths: Sequence[int] | np.ndarray, size: int, generator: np.random.Generator
) -> list[Crop]:
    """Return Crops of at most `size` residues, shortest first up to JITTER, at places drawn by
    `generator`. A protein gives length // size of them, and at least one."""
    lengths = np.asarray(lengths)
    proteins = np.repeat(np.arange(len(lengths)), np.maximum(1, lengths // size))
    cropped = np.minimum(lengths[proteins], size)
    starts = generator.integers(0, lengths[proteins] - cropped + 1)
    order = np.argsort(cropped + JITTER * generator.random(len(proteins)), kind="stable")
    columns = (proteins[order], starts[order], cropped[order])
    return [Crop(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def epoch(
    lengths: Sequence[int], size: int, tokens: int, seed: int, number: int
) -> list[list[Crop]]:
    """Return the batches of an epoch: lists of Crops that have at most `tokens` tokens when padded.

    Drawn from the seed and the epoch's number alone, so that a resumed training sees what an
    undisturbed one does.
    """
    generator = np.random.Generator(np.random.PCG64([seed, number]))
    batches: list[list[Crop]] = []
    current: list[Crop] = []
    longest = 0
    for crop in crops_of(lengths, size, generator):
        longest = max(longest, crop.length)
        if current and (len(current) + 1) * longest > tokens:
            batches.append(current)
            current, longest = [], crop.length
        current.append(crop)
    batches.append(current)
    return [batches[i] for i in generator.permutation(len(batches))]


def batches(
    proteins: Sequence[str], size: int, tokens: int, seed: int, first: int = 0
) -> Iterator[list[str]]:
    """Yield batches of cropped sequences without end, epoch after epoch, from batch `first` on."""
    lengths, number, passed = [len(protein) for protein in proteins], 0, 0
    while True:
        drawn = epoch(lengths, size, tokens, seed, number)
        for batch in drawn[max(0, first - passed) :]:
            yield [proteins[c.protein][c.start : c.start + c.length] for c in batch]
        passed, number = passed + len(drawn), number + 1
