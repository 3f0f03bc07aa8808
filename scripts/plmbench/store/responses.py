"""The HDF5 file of responses to nudges, schema 1.

/ids               utf8   [chain]             of chains, in the order of their table
/lengths           int32  [chain]             residues
/sequences         utf8   [chain]             their letters
/layers            int32  [layer]             which layers are stored; the first one is 1
/norms/<chain>     float32 [layer, residue]   sizes of the states without a nudge
/<map>/<chain>     float32 [layer, p, q]      size of the change at q after a nudge at p
/attention/<chain> float32 [p, q]             what a network's contact head says, where it has one
/ledger/*          [parameter]                what an ablation did, one dataset per column
attributes: schema, maps, dataset, model, weights, ablation, seed, eps, draws, noise_seed, digests,
versions, device

<chain> is a chain's number in `ids`; <map> is `noise.through`, `noise.blocks`, `erase.through` or
`substitute.through` (see core.nudges). A change is in the unit of the states; divided by the norm
at q it is the share by which that state changes, per relative change at p for noise.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from plmbench.core.errors import InputError
from plmbench.core.nudges import HEAD
from plmbench.store.files import TEXT, opened, whole_file

SCHEMA = 1
Array = NDArray[Any]


class Chain(NamedTuple):
    """What a file holds of one chain."""

    id: str
    sequence: str
    norms: Array  # [layer, residue]
    maps: Mapping[str, Array]  # {map: [layer, p, q]}
    head: Array | None  # [p, q]


class ResponseFile(NamedTuple):
    """A file of responses, as far as it is read at once."""

    file: h5py.File
    dataset: str
    model: str
    weights: str
    ids: Sequence[str]
    layers: Sequence[int]
    maps: Sequence[str]

    def chain(self, number: int, names: Sequence[str]) -> Chain:
        """Return what the file holds of the chain of this number, with the maps of these names."""
        key = str(number)
        head = self.file[HEAD][key][:] if HEAD in self.file else None
        maps = {name: self.file[name][key][:] for name in names}
        sequence = self.file["sequences"].asstr()[number]
        return Chain(self.ids[number], sequence, self.file["norms"][key][:], maps, head)


@contextmanager
def new_responses(
    path: Path | str,
    ids: Sequence[str],
    sequences: Sequence[str],
    layers: Sequence[int],
    attributes: Mapping[str, Any],
) -> Iterator[h5py.File]:
    """Yield a new file of responses; it has its name when all went well."""
    with whole_file(path) as file:
        file.create_dataset("ids", data=list(ids), dtype=TEXT)
        file.create_dataset("sequences", data=list(sequences), dtype=TEXT)
        file.create_dataset("lengths", data=np.array([len(text) for text in sequences], np.int32))
        file.create_dataset("layers", data=np.asarray(layers, np.int32))
        file.attrs.update({"schema": SCHEMA, **attributes})
        yield file


def write_values(file: h5py.File, name: str, number: int, values: Array) -> None:
    """Write what a file holds of one chain under a name; raises InputError where it is not
    finite."""
    if not np.isfinite(values).all():
        chain = file["ids"].asstr()[number]
        raise InputError(
            f"{name} of chain {chain} is not finite; nothing was stored. Check the checkpoint, or "
            "leave the chain out"
        )
    file.create_dataset(f"{name}/{number}", data=values.astype(np.float32, copy=False))


@contextmanager
def open_responses(path: Path | str) -> Iterator[ResponseFile]:
    """Yield a file of responses; raises InputError for one that is broken or of another schema."""
    with opened(path) as file:
        if file.attrs.get("schema") != SCHEMA:
            raise InputError(
                f"{path}: schema {file.attrs.get('schema')}, this version reads {SCHEMA}; delete "
                "it and run again"
            )
        yield ResponseFile(
            file,
            str(file.attrs["dataset"]),
            str(file.attrs["model"]),
            str(file.attrs["weights"]),
            list(file["ids"].asstr()[:]),
            file["layers"][:].tolist(),
            str(file.attrs["maps"]).split(),
        )
