"""The digest of each layer as it was written: a change by a disk or a careless copy is noticed.

/shards            int64 [shard]                where each shard's sequences end, one by default
/digests/<pooling> ascii [shard, stored layer]  sha256 of a layer's bytes in a shard's rows
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np

from plmbench.core.errors import InputError
from plmbench.core.poolings import RESIDUES

BLOCK = 1 << 22  # bytes read at a time, beside the features taken from them
DIGEST = "S64"


def values_name(pooling: str) -> str:
    """Return the name of the dataset that holds a pooling's values."""
    return f"{RESIDUES}/values" if pooling == RESIDUES else pooling


def values_of(file: h5py.File, pooling: str) -> h5py.Dataset:
    """Return the dataset [stored layer, row, dim] of a pooling."""
    return file[values_name(pooling)]


class LayerDigests:
    """The digests of what is written to a file's layers, row after row."""

    def __init__(self, file: h5py.File, poolings: Iterable[str]) -> None:
        """file: open, its datasets created."""
        self.file = file
        counts = {name: len(values_of(file, name)) for name in poolings}
        self.layers = {name: [hashlib.sha256() for _ in range(n)] for name, n in counts.items()}

    def update(self, pooling: str, block: np.ndarray) -> None:
        """Take in the next rows of every layer, [stored layer, row, dim]."""
        for digest, layer in zip(self.layers[pooling], block, strict=True):
            digest.update(np.ascontiguousarray(layer).data)

    def write(self) -> None:
        """Store the digests, as those of one shard."""
        self.file["shards"] = np.array([len(self.file["lengths"])], np.int64)
        for name, digests in self.layers.items():
            texts = [digest.hexdigest() for digest in digests]
            self.file[f"digests/{name}"] = np.array([texts], DIGEST)  # [shard, stored layer]


def bounds_of(file: h5py.File, pooling: str) -> np.ndarray:
    """Return where the rows of shards start, and the last one ends, int64 [shard + 1]."""
    ends = np.concatenate([[0], file["shards"][:]])
    return file[f"{RESIDUES}/offsets"][:][ends] if pooling == RESIDUES else ends


def damaged_files(file: h5py.File, values: h5py.Dataset, shards: Sequence[int]) -> list[str]:
    """Return the files to delete where these shards of an open file are damaged."""
    if not values.is_virtual:
        return [file.filename]
    sources = [source.file_name for source in values.virtual_sources()]
    folder = Path(file.filename).parent
    return [*(str(folder / sources[shard]) for shard in shards), file.filename]


def checked_blocks(file: h5py.File, pooling: str, layer: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the rows of a stored layer of an open file, counted from 0, block by block: where the
    first one stands, and float [row, dim].

    After the last block it raises InputError that names the damaged files where they are not as
    they were written: go to the end before you trust what was read.
    """
    values, bounds, damaged = values_of(file, pooling), bounds_of(file, pooling), []
    rows = max(1, BLOCK // max(1, values.shape[2] * values.dtype.itemsize))
    expected = file[f"digests/{pooling}"][:, layer].astype(str)
    for shard, (start, stop) in enumerate(pairwise(bounds)):
        digest = hashlib.sha256()
        for first in range(start, stop, rows):
            block = values[layer, first : min(first + rows, stop)]  # [row, dim]
            digest.update(np.ascontiguousarray(block).data)
            yield first, block
        if digest.hexdigest() != expected[shard]:
            damaged.append(shard)
    if damaged:
        files = damaged_files(file, values, damaged)
        raise InputError(
            f"{files[0]}: damaged since it was written: the checksum of stored layer {layer} under "
            f"{pooling!r} is another; delete {' and '.join(files)}, and run again"
        )
