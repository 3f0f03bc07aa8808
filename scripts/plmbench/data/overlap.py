"""Which sequences of a data set stand in the sequences that a network was pretrained on."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from plmbench.data.fasta import fasta_records
from plmbench.data.residues import unspaced

BLOCK = 1 << 25  # residues that are searched at a time: memory holds these, not the file
LEAST = 20  # residues; a shorter peptide stands within some protein by chance


def blocks_of(proteins: Iterable[str], residues: int = BLOCK) -> Iterator[list[str]]:
    """Yield the proteins in lists of about so many residues."""
    block: list[str] = []
    size = 0
    for protein in proteins:
        block.append(protein)
        size += len(protein)
        if size >= residues:
            yield block
            block, size = [], 0
    if block:
        yield block


def seen_in(sequences: Collection[str], proteins: Iterable[str]) -> set[str]:
    """Return the sequences that are equal to a protein or, from LEAST residues on, a part of one:
    a chain of a crystal is often a part of what the gene says."""
    unseen, seen = set(sequences), set()
    for block in blocks_of(proteins):
        text = "\n".join(block)
        found = unseen & set(block)
        found |= {one for one in unseen - found if len(one) >= LEAST and one in text}
        seen |= found
        unseen -= found
    return seen


def seen_in_fasta(sequences: Collection[str], path: Path | str) -> set[str]:
    """Return `seen_in` for a FASTA file (also gzipped), whatever its case and blanks."""
    proteins = (unspaced(record.text).upper() for record in fasta_records(path))
    return seen_in(sequences, proteins)
