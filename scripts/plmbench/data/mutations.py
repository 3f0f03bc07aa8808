"""Sites of mutation: the positions at which a data set's sequences differ from its wild type."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from plmbench.core.errors import InputError
from plmbench.data.fasta import fasta_records

COLUMNS = ("site", "wild_type", "residues")


def read_wild_type(path: Path | str, cut: Sequence[int] | None) -> str:
    """Return the first sequence of a FASTA file within the data set's `slice`."""
    sequence = next(fasta_records(path)).text
    return sequence[slice(*cut)] if cut else sequence


def sites_of(sequences: Iterable[str], wild_type: str) -> pd.DataFrame:
    """Return a table of site (counted from 0), wild_type, and residues (all that stand there).

    Raises InputError for sequences of another length than the wild type's.
    """
    sequences = list(sequences)
    if odd := [sequence for sequence in sequences if len(sequence) != len(wild_type)]:
        raise InputError(
            f"the wild type has {len(wild_type):,} residues, {len(odd):,} sequence(s) another "
            f"number, the first {len(odd[0]):,}; positions can only be compared without insertions "
            "and deletions: take wild_type out of the data set's entry, or mend its slice"
        )
    columns = [set(column) for column in zip(*sequences, strict=True)]
    rows = [
        (site, original, "".join(sorted(residues)))
        for site, (original, residues) in enumerate(zip(wild_type, columns, strict=True))
        if residues != {original}
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def read_sites(
    path: Path | str | None, cut: Sequence[int] | None, sequences: Iterable[str]
) -> pd.DataFrame:
    """Return `sites_of` for a wild type in a FASTA file; an empty table where path is None."""
    if path is None:
        return pd.DataFrame(columns=COLUMNS)
    try:
        return sites_of(sequences, read_wild_type(path, cut))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
