"""The tables that an embedding job reads, as its policies leave them."""

from pathlib import Path

from plmbench.core.digests import sha256_of_texts
from plmbench.core.errors import InputError
from plmbench.core.lengths import BY_RESIDUES, Measure, fit_to_max_length
from plmbench.core.logs import log
from plmbench.core.poolings import AT_SITES, check_poolings
from plmbench.embed.batches import length_order
from plmbench.embed.extraction import Extraction, Pooling
from plmbench.embed.settings import Files, Storage


def rows_of(path: Path | str) -> list[dict[str, str]]:
    """Return the rows of a table of ours as dicts of text; pandas would cost a small job a fifth of
    its time, and csv has a limit to a field's length."""
    with Path(path).open(encoding="utf-8") as file:
        header, *rows = (line.rstrip("\n").split("\t") for line in file)
    return [dict(zip(header, row, strict=True)) for row in rows]


def read_sites(files: Files, poolings: list[str], cut_sequences: bool) -> list[int]:
    """Return the positions of mutation for the poolings that need them, [] where none does.

    Raises InputError where sequences were cut, and positions with them.
    """
    if not set(poolings) & set(AT_SITES):
        return []
    if cut_sequences:
        raise InputError(
            "poolings 'mutated' and 'sites' need whole sequences, these were cut to the model's "
            "max_length; set the data set's long_sequences to windows, or its pooling to [mean]"
        )
    return [int(row["site"]) for row in rows_of(files.sites)] if files.sites else []


def read_extraction(
    files: Files, storage: Storage, max_length: int | None, measure: Measure = BY_RESIDUES
) -> Extraction:
    """Return what is to be embedded: the sequences by falling length, and their pooling, for a
    model with this max_length in residues, or None.

    measure: how long sequences are for the model. There may be none: all sequences of a shard may
    be above max_length.
    """
    rows, policy = rows_of(files.sequences), storage.long_sequences
    texts = [(row["id"], row["sequence"]) for row in rows]
    ids, sequences, long = fit_to_max_length(
        [name for name, _ in texts], [text for _, text in texts], max_length, policy, measure
    )
    log.info("%d sequences, %d above the model's max_length: %s", len(ids), len(long), policy)
    counts: dict[str, str | int] = {
        "sequences_sha256": sha256_of_texts(f"{name}\t{text}" for name, text in texts),
        "long_sequences": policy,
        "max_length": max_length or 0,
        "above_max_length": len(long),
        "masked_residues": sum(int(row["masked"]) for row in rows),
    }
    was_cut = bool(long) and policy in ("truncate", "keep_ends")
    sites = read_sites(files, storage.poolings, was_cut)
    window = max_length if policy == "windows" else None
    lengths = measure.lengths(sequences)
    order = length_order(lengths)
    found = Extraction(
        [ids[i] for i in order],
        [sequences[i] for i in order],
        Pooling(storage.poolings, sites=sites, window=window),
        dropped=long if policy == "drop" else [],
        counts=counts,
        measured=[lengths[i] for i in order],
    )
    check_poolings(storage.poolings, found.lengths, sites)
    return found
