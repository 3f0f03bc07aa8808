"""The embedding file of a data set in shards: virtual datasets over the shards' files.

Readers see what `store` describes, and nothing is copied. HDF5 looks for the shards beside the file
that joins them, so that a results folder can be moved as a whole.
"""

import os
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np

from plmbench.core.digests import sha256_of_texts
from plmbench.core.errors import InputError
from plmbench.core.lengths import ALL_LEFT_OUT
from plmbench.core.logs import log
from plmbench.core.poolings import RESIDUES
from plmbench.store.embeddings import open_embeddings, read_ledger, write_index, write_ledger
from plmbench.store.files import TEXT, whole_file
from plmbench.store.layer_digests import values_name, values_of


def largest(errors):
    """Return the largest of some numbers, NaN where one is."""
    return float(np.max(errors))


def each_once(texts):
    """Return distinct texts as one."""
    return "; ".join(dict.fromkeys(texts))


# What shards may differ in, and what is said of all; in everything else they are alike.
TOGETHER = {
    "above_max_length": sum,
    "masked_residues": sum,
    "precision_error": largest,
    "sequences_sha256": sha256_of_texts,
    **dict.fromkeys(("versions", "device", "backend", "matmul"), each_once),
}


class Part(NamedTuple):
    """What a shard's file says, without its values."""

    path: str
    attributes: dict
    ids: list
    lengths: np.ndarray
    dropped: list
    residue_layers: list
    shapes: dict  # {pooling: shape of its values}
    digests: dict  # {pooling: sha256 [1, stored layer]}


def read_part(path):
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


def check_alike(parts):
    """Raise InputError that names the first shard which cannot be joined to the one before."""
    for one, other in pairwise(parts):
        differing = [
            key
            for key in {**one.attributes, **other.attributes}
            if key not in {"shard", *TOGETHER}
            and one.attributes.get(key) != other.attributes.get(key)
        ]
        widths = [{name: shape[2] for name, shape in p.shapes.items()} for p in (one, other)]
        if one.ids and other.ids and widths[0] != widths[1]:
            differing.append("width (flat needs one length)")
        if differing:
            raise InputError(
                f"{other.path}: its {differing[0]} is another than that of {one.path}; delete the "
                "older of them and run again, or set shard_residues so high that all is one shard"
            )


def attributes_of(parts):
    """Return the attributes of shards together."""
    first = {key: value for key, value in parts[0].attributes.items() if key != "shard"}
    for key, merged in TOGETHER.items():
        # A shard whose sequences are all left out has no error of its precision.
        if found := [part.attributes[key] for part in parts if key in part.attributes]:
            first[key] = merged(found)
    return first


def join_values(file, pooling, parts):
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


def join_embeddings(paths, output):
    """Write the embedding file of a data set over the files of its shards, in their order.

    Raises InputError for shards that were not made alike.
    """
    everything = [read_part(path) for path in paths]
    check_alike(everything)
    dropped = [name for part in everything for name in part.dropped]
    parts = [part for part in everything if part.ids]
    if not parts:
        raise InputError(ALL_LEFT_OUT.format(output, everything[0].attributes["max_length"]))
    lengths = np.concatenate([part.lengths for part in parts])
    ids = [name for part in parts for name in part.ids]
    with whole_file(output) as file:
        write_index(file, ids, lengths, attributes_of(everything))
        file["shards"] = np.cumsum([len(part.ids) for part in parts])
        if RESIDUES in parts[0].shapes:
            offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
            file[f"{RESIDUES}/offsets"] = offsets
            file[f"{RESIDUES}/layers"] = np.asarray(parts[0].residue_layers, np.int32)
        for pooling in parts[0].shapes:
            join_values(file, pooling, parts)
        write_ledger(file, read_ledger(paths[0]))
        if dropped:
            file.create_dataset("dropped", data=dropped, dtype=TEXT)
    log.info("%d shards, %d sequences", len(everything), len(lengths))
