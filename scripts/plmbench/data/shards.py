"""A data set in shards: parts that are embedded on their own, one job and one file per shard.

A shard ends where its content says so, as in content-defined chunking (Muthitacharoen et al., "A
low-bandwidth network file system", SOSP 2001): sequences that are added, or taken out, change the
shards they fall into and leave the others as they were.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # a workflow is planned without it
    import pandas as pd

LEAST = 4  # no shard but the last has less than a fourth of the residues that it may have
ID_SPACE = 16**16  # ids are 16 hexadecimal digits of a sha256, so they are spread evenly


class Shard(NamedTuple):
    """A row of a data set's list of shards."""

    shard: str  # the name, a digest of the content
    sequences: int
    residues: int
    sites: str  # the digest of the data set's positions of mutation


def ends_of_shards(ids: Sequence[str], lengths: Sequence[int], max_residues: int) -> list[int]:
    """Return where each shard ends, rising, the last at the number of sequences.

    ids: of sequences, hexadecimal; lengths: their residues. A shard has more than `max_residues`
    only where one sequence alone has more. All sequences are one shard if they have no more.
    """
    if sum(lengths) <= max_residues:
        return [len(ids)]
    ends, residues = [], 0
    for i, (name, length) in enumerate(zip(ids, lengths, strict=True)):
        if residues and residues + length > max_residues:
            ends.append(i)
            residues = 0
        residues += length
        # The chance grows with the length: on average one cut in max_residues / 2.
        likely = int(name, 16) * max_residues < 2 * length * ID_SPACE
        if residues * LEAST >= max_residues and likely:
            ends.append(i + 1)
            residues = 0
    return ends if ends[-1:] == [len(ids)] else [*ends, len(ids)]


def content_name(text: str) -> str:
    """Return the name of a file that holds this text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_shards(
    folder: Path | str,
    sequences: pd.DataFrame,
    sites: pd.DataFrame,
    max_residues: int,
    measure: Callable[[pd.Series], pd.Series] = lambda texts: texts.str.len(),
) -> list[Shard]:
    """Write tables of sequences and of sites into a folder, under names that say their content, and
    return the Shards.

    sequences: a table of id, sequence, masked; measure: returns the residues of sequences [row].
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    sites_text = sites.to_csv(sep="\t", index=False)
    sites_name = content_name(sites_text)
    (folder / f"{sites_name}.sites.tsv").write_text(sites_text, encoding="utf-8")
    lengths, start, shards = measure(sequences["sequence"]), 0, []
    for stop in ends_of_shards(sequences["id"].tolist(), lengths.tolist(), max_residues):
        text = sequences[start:stop].to_csv(sep="\t", index=False)
        (folder / f"{content_name(text)}.tsv").write_text(text, encoding="utf-8")
        residues = int(lengths[start:stop].sum())
        shards.append(Shard(content_name(text), stop - start, residues, sites_name))
        start = stop
    return shards


def write_list(path: Path | str, shards: Sequence[Shard]) -> None:
    """Write the list of a data set's shards as a table."""
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerows([Shard._fields, *shards])


def read_list(path: Path | str) -> list[Shard]:
    """Return the Shards of a data set, in order."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [
            Shard(row["shard"], int(row["sequences"]), int(row["residues"]), row["sites"])
            for row in rows
        ]
