"""Proteins to learn from, in batches of crops; the same seed gives the same batches from any step
on."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from plmbench.core.alphabet import STANDARD
from plmbench.core.errors import InputError
from plmbench.core.logs import log
from plmbench.data.fasta import Record
from plmbench.data.residues import sequence_records
from plmbench.data.text_files import refuse

JITTER = 20  # residues by which lengths are blurred, so that a batch's neighbours change each epoch


class Crop(NamedTuple):
    """A stretch of a protein to learn from."""

    protein: int  # row of the corpus
    start: int
    length: int


def odd_residues(text: str) -> str:
    """Return what in a sequence is none of the twenty amino acids, each letter once, sorted."""
    return "".join(sorted(set(text) - set(STANDARD)))


def refuse_nonstandard(path: Path | str, records: Sequence[Record]) -> None:
    """Raise InputError that names the records with residues beyond the twenty amino acids, if there
    are any."""
    odd = [(record.line, record.text, odd_residues(record.text)) for record in records]
    odd = [row for row in odd if row[2]]
    if not odd:
        return
    lines, texts, residues = zip(*odd, strict=True)
    remedy = "leave these proteins out: the networks learn from the twenty amino acids"
    if not any(map(odd_residues, map(str.upper, texts))):
        remedy = "write these proteins in upper case"
    refuse(path, "residues beyond the twenty amino acids", lines, residues, remedy)


def read_proteins(path: Path | str) -> list[str]:
    """Return the sequences of a FASTA file (also gzipped), without blanks.

    Raises InputError that names file and line for a record without sequence, and for a residue
    beyond the twenty amino acids.
    """
    records = sequence_records(path)
    if empty := [record for record in records if not record.text]:
        lines, headers = [r.line for r in empty], [r.header for r in empty]
        refuse(path, "a record without sequence", lines, headers, "take these records out")
    refuse_nonstandard(path, records)
    return [record.text for record in records]


def check_apart(
    proteins: Sequence[str], held_out: Sequence[str], path: Path | str, data: Path | str
) -> None:
    """Log a warning for held-out proteins that are learnt from too, and for copies; raises
    InputError where all proteins of both files are the same."""
    learnt, unseen = set(proteins), set(held_out)
    if learnt == unseen:
        raise InputError(
            f"{path}: holds the proteins of {data}, which are learnt from; give others as held_out"
        )
    if known := sum(protein in learnt for protein in held_out):
        log.warning(
            f"{path}: {known:,} of {len(held_out):,} proteins also stand in {data}: the held-out "
            "loss is not that of unseen proteins; take them out of one of the files"
        )
    if copies := len(proteins) - len(learnt):
        log.warning(f"{data}: {copies:,} proteins are copies of others, and count as often")


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
