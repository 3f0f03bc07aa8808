"""A data set in shards: the parts that are embedded on their own, each a job and a file.

A shard ends where its content says so, as in content-defined chunking (Muthitacharoen et al., "A
low-bandwidth network file system", SOSP 2001): sequences that are added, or taken out, change the
shards they fall into and leave the others as they were.
"""

import csv
import hashlib
from pathlib import Path
from typing import NamedTuple

LEAST = 4  # no shard but the last is less than a fourth of what it may be
ID_SPACE = 16**16  # ids are 16 hexadecimal digits of a sha256, so they fall evenly
FIELDS = ("shard", "sequences", "residues", "sites")


class Shard(NamedTuple):
    """A row of a data set's list of shards."""

    shard: str  # the name, a digest of the content
    sequences: int
    residues: int
    sites: str  # the digest of the data set's positions of mutation


def ends_of_shards(ids, lengths, most):
    """Return where each shard ends, rising, the last at the number of sequences.

    ids: of sequences, hexadecimal; lengths: their residues; most: residues in a shard, more only
    where one sequence alone has more. All are one shard if they have no more than that.
    """
    if sum(lengths) <= most:
        return [len(ids)]
    ends, residues = [], 0
    for i, (name, length) in enumerate(zip(ids, lengths, strict=True)):
        if residues and residues + length > most:
            ends.append(i)
            residues = 0
        residues += length
        # A cut is as likely as the sequence is long, once in half of `most`.
        if residues * LEAST >= most and int(name, 16) * most < 2 * length * ID_SPACE:
            ends.append(i + 1)
            residues = 0
    return ends if ends[-1:] == [len(ids)] else [*ends, len(ids)]


def name_of(text):
    """Return the name of what holds this text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_shards(folder, sequences, sites, most):
    """Write tables of sequences and of sites into a folder, under names that say their content, and
    return the Shards.

    sequences: a table of id, sequence, masked; most: residues in a shard.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    sites = sites.to_csv(sep="\t", index=False)
    (folder / f"{name_of(sites)}.sites.tsv").write_text(sites, encoding="utf-8")
    lengths, start, shards = sequences["sequence"].str.len(), 0, []
    for stop in ends_of_shards(sequences["id"].tolist(), lengths.tolist(), most):
        text = sequences[start:stop].to_csv(sep="\t", index=False)
        (folder / f"{name_of(text)}.tsv").write_text(text, encoding="utf-8")
        residues = int(lengths[start:stop].sum())
        shards.append(Shard(name_of(text), stop - start, residues, name_of(sites)))
        start = stop
    return shards


def write_list(path, shards):
    """Write the list of a data set's shards as a table."""
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerows([FIELDS, *shards])


def read_list(path):
    """Return the Shards of a data set, in order."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [
            Shard(row["shard"], int(row["sequences"]), int(row["residues"]), row["sites"])
            for row in rows
        ]
