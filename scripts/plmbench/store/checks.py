"""What an HDF5 file must be before it is read: it holds its own data, laid out as declared.

HDF5 can lead a reader to any file of the machine: by external links, external storage, and virtual
datasets. A declared shape can be of any size, without a byte behind it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

import h5py
import numpy as np

from plmbench.core.errors import InputError
from plmbench.core.poolings import POOLS, RESIDUES

REMEDY = "delete it and run again"
MOST_LAYERS = 1 << 31

Shape = tuple[int | None, ...]  # None: any size


def is_outside(name: str) -> bool:
    """Tell whether the name of a file leads out of the folder of the file that names it."""
    return PurePath(name).is_absolute() or ".." in PurePath(name).parts


def outside_file(dataset: h5py.Dataset) -> str:
    """Return the name of a file outside the dataset's folder that its values stand in, or "".

    A virtual dataset may join files beside its own. This project never writes external storage.
    """
    if dataset.external:
        return dataset.external[0][0]
    sources = dataset.virtual_sources() if dataset.is_virtual else []
    return next((s.file_name for s in sources if is_outside(s.file_name)), "")


def own_datasets(group: h5py.Group, parents: Sequence[int] = ()) -> Iterator[h5py.Dataset]:
    """Yield every dataset of a group and of the groups in it.

    Raises InputError for a link that leads elsewhere, within the file or out of it.
    """
    address = h5py.h5o.get_info(group.id).addr
    if address in parents:
        raise InputError(f"{group.file.filename}: group {group.name} holds itself; {REMEDY}")
    for name in group:
        link = type(group.get(name, getlink=True)).__name__
        if link != "HardLink":
            problem = f"{name!r} is a link to elsewhere ({link}), which is not followed"
            raise InputError(f"{group.file.filename}: {problem}; {REMEDY}")
        item = group[name]
        if isinstance(item, h5py.Group):
            yield from own_datasets(item, (*parents, address))
        else:
            yield item


def check_own(file: h5py.File) -> None:
    """Raise InputError for an open file whose values may stand in a file of another folder."""
    for dataset in own_datasets(file):
        if isinstance(dataset, h5py.Dataset) and (name := outside_file(dataset)):
            raise InputError(
                f"{file.filename}: the values of {dataset.name} stand in {name!r}, outside its "
                f"folder, which is not followed; {REMEDY}"
            )


def shapes_of(
    file: h5py.File, num_layers: int, poolings: Sequence[str], count: int
) -> Iterator[tuple[str, str, Shape]]:
    """Yield name, NumPy's kinds of numbers, and shape of each dataset of an embedding file."""
    yield "lengths", "iu", (count,)
    shards = len(file["shards"])
    for pooling in poolings:
        if pooling != RESIDUES:
            yield f"digests/{pooling}", "S", (shards, num_layers)
            yield pooling, "f", (num_layers, count, None)
            continue
        yield f"{RESIDUES}/offsets", "iu", (count + 1,)
        yield f"{RESIDUES}/layers", "iu", (None,)
        residues = int(file["lengths"][:].sum(dtype=np.int64))
        stored = len(file[f"{RESIDUES}/layers"])
        yield f"digests/{RESIDUES}", "S", (shards, stored)
        yield f"{RESIDUES}/values", "f", (stored, residues, None)


def flaw_of(dataset: h5py.Dataset, kinds: str, shape: Shape) -> str:
    """Return what is wrong with a dataset that must be of these kinds of numbers and this shape; ""
    if nothing is."""
    if not isinstance(dataset, h5py.Dataset) or dataset.shape is None:
        return "is no array"
    fits = len(dataset.shape) == len(shape) and all(
        expected in (None, found) for found, expected in zip(dataset.shape, shape, strict=True)
    )
    if not fits or dataset.dtype.kind not in kinds:
        expected_shape = ", ".join("any" if size is None else str(size) for size in shape)
        return f"is {dataset.dtype} {dataset.shape}, not [{expected_shape}] of kind {kinds!r}"
    if not dataset.is_virtual and dataset.id.get_storage_size() < dataset.nbytes:
        return f"declares {dataset.nbytes:,} bytes and has {dataset.id.get_storage_size():,}"
    return ""


def flaw_of_ends(ends: h5py.Dataset, count: int) -> str:
    """Return what is wrong with where shards end, the last at `count`; "" if nothing is."""
    found = [0, *ends[:].tolist()]
    return "" if found == sorted(found) and found[-1] == count else f"does not end at {count}"


def flaws_of(file: h5py.File) -> Iterator[tuple[str, str]]:
    """Yield the name of each thing in an embedding file and what is wrong with it, "" if nothing
    is. The later ones are looked at only if the earlier ones are right."""
    ids, num_layers = file["ids"], int(file.attrs["num_layers"])
    poolings = str(file.attrs["poolings"]).split()
    yield "num_layers", "" if 0 < num_layers < MOST_LAYERS else f"is {num_layers}"
    yield from ((name, "" if name in {*POOLS, RESIDUES} else "is no pooling") for name in poolings)
    yield "ids", "" if h5py.check_string_dtype(ids.dtype) else "is no text"
    yield "ids", flaw_of(ids, "OSU", (len(file["lengths"]),))
    yield "shards", flaw_of(file["shards"], "iu", (None,)) or flaw_of_ends(file["shards"], len(ids))
    for name, kinds, shape in shapes_of(file, num_layers, poolings, len(ids)):
        yield name, flaw_of(file[name], kinds, shape)


def joined_rows(file: h5py.File) -> dict[str, dict[str, int]]:
    """Return {path of a shard's file: {name of a dataset in it: rows that are joined}}."""
    rows: dict[str, dict[str, int]] = {}
    folder = PurePath(file.filename).parent
    for dataset in own_datasets(file):
        for source in dataset.virtual_sources() if dataset.is_virtual else ():
            start, stop = source.vspace.get_select_bounds()
            path = str(folder / source.file_name)
            rows.setdefault(path, {})[source.dset_name] = stop[1] - start[1] + 1
    return rows


def check_shards(file: h5py.File) -> None:
    """Raise InputError where a shard that an open file joins is not there, leads to other files, or
    holds less than is joined: HDF5 would read that as missing values."""
    for path, rows in joined_rows(file).items():
        remedy = f"delete {file.filename} and run again"
        if not Path(path).exists():
            raise InputError(f"{path}: a shard that is not there; {remedy}")
        with h5py.File(path, "r") as shard:
            check_own(shard)
            for name, count in rows.items():
                values = shard[name]
                if values.is_virtual or flaw_of(values, "f", (None, count, None)):
                    raise InputError(f"{path}: {name} is not what was joined; {remedy}")


def check_layout(file: h5py.File) -> None:
    """Raise InputError where an open embedding file is not laid out as `store.embeddings` says, or
    holds less than it declares."""
    for name, flaw in flaws_of(file):
        if flaw:
            raise InputError(f"{file.filename}: {name} {flaw}; {REMEDY}")
    check_shards(file)
