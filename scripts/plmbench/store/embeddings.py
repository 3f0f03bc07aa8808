"""The HDF5 file of embeddings, schema 4.

/ids              utf8   [sequence]              of sequences, in the order they were embedded
/lengths          int32  [sequence]              residues that were embedded
/<pooling>        float  [layer, sequence, dim]  contiguous: a layer is one read
/residues/layers  int32  [stored layer]          for tasks that label residues: which layers,
/residues/offsets int64  [sequence + 1]          where each sequence's residues start,
/residues/values  float  [stored layer, residue, dim]  and their states, ragged, never padded
/shards           int64  [shard]                 where each shard's sequences end; see layer_digests
/digests/<pooling> ascii [shard, stored layer]   sha256 of each layer's bytes
/ledger/*                [parameter]             what an ablation did, one dataset per column
/dropped          utf8   [left out]              ids above max_length, where the policy is drop
attributes: schema, dataset, model, weights, ablation, seed, poolings, num_layers, dtype, digests,
versions, policies

With an ablation of parts (docs/parts.md) a layer is the network's last one at a point of the sweep;
attributes: points, the JSON of {name, kind} per layer, and blocks, those of the network.

float is float32, or float16 if the configuration says so. A file that has its name is complete: it
is written under another name, synced, then renamed. Readers align by id, never by position. The
file of a data set in shards has the same layout; its values are virtual datasets over the shards'
files (see join).
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import h5py
import numpy as np

from plmbench.core.errors import InputError
from plmbench.core.logs import log
from plmbench.core.poolings import RESIDUES
from plmbench.store.checks import check_layout, check_own
from plmbench.store.files import TEXT, allow_open_files, opened, part_of, readable, whole_file
from plmbench.store.layer_digests import LayerDigests, checked_blocks, values_name, values_of

SCHEMA = 4
SPARE = 64 << 20  # bytes to leave on the disk

Lengths = Sequence[int] | np.ndarray  # residues of each sequence


class Layout(NamedTuple):
    """The shapes of the values of an embedding file, and their kind of number."""

    lengths: Lengths
    num_layers: int
    widths: Mapping[str, int]  # {pooling: width of a vector}
    residue_layers: Sequence[int]  # that are stored under RESIDUES
    dtype: str


class EmbeddingWriter:
    """Fills an open HDF5 file block by block, each pooling from its first row to its last."""

    def __init__(self, file: h5py.File, poolings: Iterable[str]) -> None:
        """file: its datasets are created."""
        self.file, self.digests = file, LayerDigests(file, poolings)

    def write(self, pooling: str, start: int, block: np.ndarray) -> None:
        """Write a block of consecutive sequences, the first at `start`: [layer, sequence, width],
        or under RESIDUES [stored layer, residue, dim].

        Raises InputError where a value is not finite, naming layer and sequence.
        """
        values = values_of(self.file, pooling)  # [stored layer, row, dim]
        with np.errstate(over="ignore"):
            block = block.astype(values.dtype, copy=False)
        if pooling == RESIDUES:
            start = self.file[f"{RESIDUES}/offsets"][start]
        if not np.isfinite(block).all():
            self.refuse(pooling, start, np.argwhere(~np.isfinite(block))[0])
        values[:, start : start + block.shape[1]] = block
        self.digests.update(pooling, block)

    def refuse(self, pooling: str, start: int, position: np.ndarray) -> NoReturn:
        """Raise the InputError that names the layer and sequence of a value that is not finite.

        position: int [axis], of the value in a block whose first row is `start`.
        """
        layer, row = position[0], start + position[1]
        if pooling == RESIDUES:
            layer = self.file[f"{RESIDUES}/layers"][layer]
            row = np.searchsorted(self.file[f"{RESIDUES}/offsets"], row, side="right") - 1
        name = self.file["ids"].asstr()[row]
        dtype = self.file.attrs["dtype"]
        raise InputError(
            f"layer {layer} of sequence {name} is not finite in {dtype} under pooling {pooling!r}; "
            "nothing was stored. Check the checkpoint, or set dtype to float32"
        )


def check_room(folder: Path, size: int) -> None:
    """Log the bytes to be written; raise InputError where the disk does not have that much room."""
    free = shutil.disk_usage(folder).free
    log.info("%.1f MB to write, %.1f MB free on the disk", size / 1e6, free / 1e6)
    if size + SPARE > free:
        raise InputError(
            f"{folder}: the embeddings need {size / 1e9:.2f} GB and the disk has "
            f"{free / 1e9:.2f} GB free; make room, choose fewer layers, or set dtype to float16"
        )


def write_offsets(file: h5py.File, lengths: Lengths, layers: Sequence[int]) -> int:
    """Write which layers are stored for residues, and where the residues of each sequence start;
    return the number of residues."""
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])  # [sequence + 1]
    file.create_dataset(f"{RESIDUES}/offsets", data=offsets)
    file.create_dataset(f"{RESIDUES}/layers", data=np.asarray(layers, np.int32))
    return offsets[-1]


def create_values(file: h5py.File, layout: Layout) -> None:
    """Create the datasets of a Layout, without values."""
    for pooling, width in layout.widths.items():
        if pooling == RESIDUES:
            residues = write_offsets(file, layout.lengths, layout.residue_layers)
            shape = (len(layout.residue_layers), residues, width)
        else:
            shape = (layout.num_layers, len(layout.lengths), width)
        file.create_dataset(values_name(pooling), shape, layout.dtype)


def size_of(layout: Layout) -> int:
    """Return the bytes of the values of a Layout."""
    vectors = {
        pooling: sum(layout.lengths) * len(layout.residue_layers)
        if pooling == RESIDUES
        else len(layout.lengths) * layout.num_layers
        for pooling in layout.widths
    }
    numbers = sum(vectors[pooling] * width for pooling, width in layout.widths.items())
    return numbers * np.dtype(layout.dtype).itemsize


def write_index(
    file: h5py.File, ids: Iterable[str], lengths: Lengths, attributes: Mapping[str, Any]
) -> None:
    """Write which sequences an embedding file holds, and how they were embedded."""
    file.create_dataset("ids", data=list(ids), dtype=TEXT)
    file.create_dataset("lengths", data=np.asarray(lengths, np.int32))
    file.attrs.update(attributes)


@contextmanager
def new_embeddings(
    path: Path | str,
    ids: Iterable[str],
    lengths: Lengths,
    num_layers: int,
    widths: Mapping[str, int],
    attributes: Mapping[str, Any],
    residue_layers: Sequence[int] = (),
    dtype: str = "float32",
) -> Iterator[EmbeddingWriter]:
    """Yield an EmbeddingWriter for `path`; the file has its name only when all went well.

    lengths ... dtype: see Layout. Raises InputError where the disk does not have enough room.
    """
    layout = Layout(lengths, num_layers, widths, residue_layers, dtype)
    part_of(path).unlink(missing_ok=True)  # a job that was killed left it, and it takes room
    check_room(Path(path).parent, size_of(layout))
    poolings = " ".join(widths)
    facts = {"schema": SCHEMA, "num_layers": num_layers, "poolings": poolings, "dtype": dtype}
    with whole_file(path) as file:
        write_index(file, ids, lengths, {**facts, **attributes})
        create_values(file, layout)
        writer = EmbeddingWriter(file, widths)
        yield writer
        writer.digests.write()


def write_ledger(file: h5py.File, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store the ledger of an ablation, rows of equal keys, as one dataset per column."""
    for column in rows[0] if rows else ():
        values = [row[column] for row in rows]
        dtype = TEXT if isinstance(values[0], str) else None
        file.create_dataset(f"ledger/{column}", data=values, dtype=dtype)


def read_ledger(path: Path | str) -> list[dict[str, Any]]:
    """Return the rows of an embedding file's ledger; [] if no weight was ablated."""
    with opened(path) as file:
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

    def __init__(self, file: h5py.File) -> None:
        """file: checked."""
        self.file = file
        self.attributes: dict[str, Any] = dict(file.attrs)
        self.ids = file["ids"].asstr()[:]
        self.poolings: list[str] = self.attributes["poolings"].split()
        self.num_layers = int(self.attributes["num_layers"])
        self.dropped: set[str] = set(file["dropped"].asstr()[:]) if "dropped" in file else set()

    def layers_of(self, pooling: str) -> list[int]:
        """Return the numbers of the layers that are stored under a pooling."""
        if pooling == RESIDUES:
            return self.file[f"{RESIDUES}/layers"][:].tolist()
        return list(range(self.num_layers))

    def layer(self, pooling: str, layer: int) -> np.ndarray:
        """Return one layer, float [sequence, dim], sequences as in `ids`."""
        with readable(self.file.filename):
            return self.file[pooling][layer]

    def residues(self, layer: int, spans: Iterable[tuple[int, int]]) -> np.ndarray:
        """Return one layer's states, float [residue, dim], of the residues in `spans`, which are
        [start, stop) pairs, one after the other."""
        return np.concatenate([self.part(RESIDUES, layer, *span) for span in spans])

    def part(self, pooling: str, layer: int, start: int, stop: int) -> np.ndarray:
        """Return rows [start, stop) of one layer, float [row, dim]: those of sequences, or under
        RESIDUES those of residues."""
        with readable(self.file.filename):
            if pooling == RESIDUES:
                index = self.layers_of(RESIDUES).index(layer)
                return self.file[f"{RESIDUES}/values"][index, start:stop]
            return self.file[pooling][layer, start:stop]

    def blocks(self, pooling: str, layer: int) -> Iterator[tuple[int, np.ndarray]]:
        """Yield all rows of one layer as blocks, in one read: the position of the first row, and
        float [row, dim]. After the last it raises InputError where the layer is not as it was
        written."""
        with readable(self.file.filename):
            yield from checked_blocks(self.file, pooling, self.layers_of(pooling).index(layer))

    def check(self, pooling: str, layer: int) -> None:
        """Raise InputError where a layer is not as it was written."""
        for _ in self.blocks(pooling, layer):
            pass

    def spans(self, ids: Iterable[str]) -> list[tuple[int, int]]:
        """Return where the residues of these sequences stand, [start, stop) pairs."""
        offsets = self.file[f"{RESIDUES}/offsets"][:]
        return [(offsets[row], offsets[row + 1]) for row in self.rows(ids)]

    def rows(self, ids: Iterable[str]) -> np.ndarray:
        """Return the positions of these ids, int [id]; raises InputError for one that is not in the
        file."""
        ids = list(ids)
        position = {name: i for i, name in enumerate(self.ids)}
        missing = [name for name in ids if name not in position]
        if missing:
            raise InputError(
                f"{self.file.filename}: {len(missing):,} labelled sequence(s) have no embedding, "
                f"the first is {missing[0]}; delete the file and run again"
            )
        return np.array([position[name] for name in ids])


@contextmanager
def open_embeddings(path: Path | str) -> Iterator[Embeddings]:
    """Yield the Embeddings of a file; raises InputError for a broken one, another schema, and
    values that are not its own or not all there."""
    allow_open_files()
    with readable(path):
        file = h5py.File(path, "r")
    with file:
        with readable(path):
            check_own(file)
            schema = file.attrs.get("schema")
            if np.ndim(schema) or schema != SCHEMA:
                raise InputError(
                    f"{path}: its schema is {schema}, this version reads schema {SCHEMA}; "
                    "delete the file and run again"
                )
            check_layout(file)
            embeddings = Embeddings(file)
        yield embeddings
