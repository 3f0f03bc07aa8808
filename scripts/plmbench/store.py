"""The HDF5 file of embeddings, schema 1.

/ids        utf8     [sequence]              ids of sequences, in the order they were embedded
/lengths    int32    [sequence]              residues that were embedded
/<pooling>  float32  [layer, sequence, dim]  contiguous: a layer is one read
/ledger/*            [parameter]             what an ablation did, a column a dataset
attributes: schema, dataset, model, weights, ablation, seed, poolings, layers, digests, versions

A file that has its name is complete: it is written under another one, synced, then renamed.
Readers align by id, never by position.
"""

import os
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from plmbench.errors import InputError

SCHEMA = 1
TEXT = h5py.string_dtype("utf-8")


class EmbeddingWriter:
    """Fills an open HDF5 file block by block."""

    def __init__(self, file, layers):
        self.file, self.layers = file, layers

    def write(self, pooling, start, block):
        """Write a block [layer, sequence, dim] of consecutive sequences, the first at `start`.

        Raises InputError where a value is not finite, naming layer and sequence.
        """
        if not np.isfinite(block).all():
            layer, sequence = np.argwhere(~np.isfinite(block))[0][:2]
            name = self.file["ids"].asstr()[start + sequence]
            raise InputError(
                f"layer {layer} of sequence {name} is not finite under pooling {pooling!r}; "
                "nothing was stored. Check the checkpoint, or use float32 on this device"
            )
        if pooling not in self.file:
            shape = (self.layers, len(self.file["ids"]), block.shape[2])
            self.file.create_dataset(pooling, shape, np.float32)
        self.file[pooling][:, start : start + block.shape[1]] = block


@contextmanager
def new_embeddings(path, ids, lengths, layers, attributes):
    """Yield an EmbeddingWriter for `path`; the file has its name only when all went well."""
    path = Path(path)
    part = path.with_name(path.name + ".part")
    try:
        with h5py.File(part, "w") as file:
            file.create_dataset("ids", data=list(ids), dtype=TEXT)
            file.create_dataset("lengths", data=np.asarray(lengths, np.int32))
            file.attrs.update({"schema": SCHEMA, "layers": layers, **attributes})
            yield EmbeddingWriter(file, layers)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_ledger(file, rows):
    """Store the ledger of an ablation, dicts of equal keys, as one dataset a column."""
    for column in rows[0] if rows else ():
        values = [row[column] for row in rows]
        dtype = TEXT if isinstance(values[0], str) else None
        file.create_dataset(f"ledger/{column}", data=values, dtype=dtype)


def read_ledger(path):
    """Return the ledger of an embedding file as a list of dicts; [] if nothing was redrawn."""
    with h5py.File(path) as file:
        if "ledger" not in file:
            return []
        columns = {
            name: (values.asstr()[:] if h5py.check_string_dtype(values.dtype) else values[:])
            for name, values in file["ledger"].items()
        }
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


class Embeddings:
    """An open embedding file."""

    def __init__(self, file):
        self.file = file
        self.attributes = dict(file.attrs)
        self.ids = file["ids"].asstr()[:]
        self.poolings = self.attributes["poolings"].split()
        self.layers = int(self.attributes["layers"])

    def layer(self, pooling, layer):
        """Return one layer, float32 [sequence, dim], sequences as in `ids`."""
        return self.file[pooling][layer]

    def rows(self, ids):
        """Return the positions of these ids; raises InputError for one that is not in the file."""
        position = {name: i for i, name in enumerate(self.ids)}
        missing = [name for name in ids if name not in position]
        if missing:
            raise InputError(
                f"{self.file.filename}: {len(missing):,} labelled sequence(s) have no embedding, "
                f"the first is {missing[0]}; delete the file and run again"
            )
        return np.array([position[name] for name in ids])


@contextmanager
def open_embeddings(path):
    """Yield the Embeddings of a file; raises InputError for a broken one or another schema."""
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise InputError(
            f"{path}: not a complete HDF5 file ({error}); delete it and run again"
        ) from error
    with file:
        schema = file.attrs.get("schema")
        if schema != SCHEMA:
            raise InputError(
                f"{path}: its schema is {schema}, this version reads schema {SCHEMA}; "
                "delete the file and run again to embed anew"
            )
        yield Embeddings(file)
