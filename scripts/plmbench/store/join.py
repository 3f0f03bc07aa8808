"""The embedding file of a data set in shards: virtual datasets over the shards' files.

Readers see what `store.embeddings` describes, and nothing is copied. HDF5 looks for the shards
beside the file that joins them, so that a results folder can be moved as a whole.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from plmbench.core.digests import sha256_of_texts
from plmbench.core.errors import InputError
from plmbench.core.lengths import ALL_LEFT_OUT
from plmbench.core.logs import log
from plmbench.core.poolings import RESIDUES
from plmbench.store.embeddings import (
    open_embeddings,
    read_ledger,
    write_index,
    write_ledger,
    write_offsets,
)
from plmbench.store.files import TEXT, whole_file
from plmbench.store.layer_digests import values_name, values_of


def largest(errors: Iterable[float]) -> float:
    """Return the largest of some numbers, NaN where one is."""
    return float(np.max(list(errors)))


def each_once(texts: Iterable[str]) -> str:
    """Return distinct texts as one."""
    return "; ".join(dict.fromkeys(texts))


# The attributes in which shards may differ, and how those of all become one. Others must be equal.
MERGED: dict[str, Callable[[list[Any]], Any]] = {
    "above_max_length": sum,
    "masked_residues": sum,
    "precision_error": largest,
    "sequences_sha256": sha256_of_texts,
    **dict.fromkeys(("versions", "device", "backend", "matmul"), each_once),
}


class Part(NamedTuple):
    """What a shard's file holds, but for its values."""

    path: str
    attributes: dict[str, Any]
    ids: list[str]
    lengths: np.ndarray  # int32 [sequence]
    dropped: list[str]
    residue_layers: list[int]
    shapes: dict[str, tuple[int, int, int]]  # {pooling: shape of its values}
    digests: dict[str, np.ndarray]  # {pooling: sha256 [1, stored layer]}


def read_part(path: Path | str) -> Part:
    """Return the Part of a shard's file."""
    with open_embeddings(path) as embeddings:
        file, poolings = embeddings.file, embeddings.poolings
        return Part(
            str(path),
            embeddings.attributes,
            embeddings.ids.tolist(),
            file["lengths"][:],
            file["dropped"].asstr()[:].tolist() if "dropped" in file else [],
            embeddings.layers_of(RESIDUES) if RESIDUES in poolings else [],
            {name: values_of(file, name).shape for name in poolings},
            {name: file[f"digests/{name}"][:] for name in poolings},
        )


def differences(one: Part, other: Part) -> list[str]:
    """Return the names of what keeps two shards from being joined."""
    names = [
        key
        for key in {**one.attributes, **other.attributes}
        if key not in {"shard", *MERGED} and one.attributes.get(key) != other.attributes.get(key)
    ]
    widths = [{name: shape[2] for name, shape in p.shapes.items()} for p in (one, other)]
    if one.ids and other.ids and widths[0] != widths[1]:
        names.append("width (flat needs one length)")
    return names


def check_joinable(parts: Sequence[Part]) -> None:
    """Raise InputError that names the first shard which cannot be joined to the one before."""
    for one, other in pairwise(parts):
        if names := differences(one, other):
            raise InputError(
                f"{other.path}: its {names[0]} is another than that of {one.path}; delete the "
                "older of them and run again, or set shard_residues so high that all is one shard"
            )


def attributes_of(parts: Sequence[Part]) -> dict[str, Any]:
    """Return the attributes of shards together."""
    together = {key: value for key, value in parts[0].attributes.items() if key != "shard"}
    for key, merge in MERGED.items():
        # A shard whose sequences are all left out has no error of its precision.
        if found := [part.attributes[key] for part in parts if key in part.attributes]:
            together[key] = merge(found) if len(parts) > 1 else found[0]
    return together


def join_values(file: h5py.File, pooling: str, parts: Sequence[Part]) -> None:
    """Create the virtual dataset of one pooling over the shards, row after row."""
    ends = list(accumulate((part.shapes[pooling][1] for part in parts), initial=0))
    layers, _, width = parts[0].shapes[pooling]
    name, dtype = values_name(pooling), parts[0].attributes["dtype"]
    layout = h5py.VirtualLayout((layers, ends[-1], width), dtype)
    folder = Path(file.filename).parent
    for part, (start, stop) in zip(parts, pairwise(ends), strict=True):
        source = os.path.relpath(part.path, folder)
        layout[:, start:stop] = h5py.VirtualSource(source, name, part.shapes[pooling], dtype)
    file.create_virtual_dataset(name, layout, fillvalue=np.nan)  # what is missing is no number
    file[f"digests/{pooling}"] = np.concatenate([part.digests[pooling] for part in parts])


def join_embeddings(paths: Sequence[Path | str], output: Path | str) -> None:
    """Write the embedding file of a data set over the files of its shards, in their order.

    Raises InputError for shards that were not made in the same way.
    """
    all_parts = [read_part(path) for path in paths]
    check_joinable(all_parts)
    dropped = [name for part in all_parts for name in part.dropped]
    parts = [part for part in all_parts if part.ids]
    if not parts:
        most = all_parts[0].attributes["max_length"]
        raise InputError(ALL_LEFT_OUT.format(output, most, "residues"))
    lengths = np.concatenate([part.lengths for part in parts])
    ids = [name for part in parts for name in part.ids]
    with whole_file(output) as file:
        write_index(file, ids, lengths, attributes_of(all_parts))
        file["shards"] = np.cumsum([len(part.ids) for part in parts])
        if RESIDUES in parts[0].shapes:
            write_offsets(file, lengths, parts[0].residue_layers)
        for pooling in parts[0].shapes:
            join_values(file, pooling, parts)
        write_ledger(file, read_ledger(paths[0]))
        if dropped:
            file.create_dataset("dropped", data=dropped, dtype=TEXT)
    log.info("%d shards, %d sequences", len(all_parts), len(lengths))
