"""Proteins to learn from: crops and batches, the same for the same seed wherever one starts."""

from collections.abc import Iterator, Sequence
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


def read_proteins(path):
    """Return the sequences of a FASTA file (also .gz).

    Raises InputError that names file and line for a letter beyond the twenty.
    """
    records = [(line, letters) for line, _, letters in fasta_records(path)]
    odd = [(line, "".join(set(s) - set(STANDARD))) for line, s in records if set(s) - set(STANDARD)]
    if odd:
        remedy = "leave these proteins out: the networks learn from the twenty amino acids"
        refuse(path, "letters beyond the twenty", *zip(*odd, strict=True), remedy)
    return [letters for _, letters in records]


def crops_of(lengths, size, generator):
    """Return Crops of at most `size` residues, length // size a protein and at least one, at
    places drawn by `generator`, shortest first up to JITTER."""
    lengths = np.asarray(lengths)
    proteins = np.repeat(np.arange(len(lengths)), np.maximum(1, lengths // size))
    cropped = np.minimum(lengths[proteins], size)
    starts = generator.integers(0, lengths[proteins] - cropped + 1)
    order = np.argsort(cropped + JITTER * generator.random(len(proteins)), kind="stable")
    columns = (proteins[order], starts[order], cropped[order])
    return [Crop(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def epoch(lengths, size, tokens, seed, number):
    """Return the batches of an epoch: lists of Crops that are `tokens` at most when padded.

    Drawn from the seed and the epoch's number alone, so that a resumed training sees what an
    undisturbed one does.
    """
    generator = np.random.Generator(np.random.PCG64([seed, number]))
    batches, current, longest = [], [], 0
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
