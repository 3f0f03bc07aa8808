"""What an HDF5 file must be before it is read: its own data, laid out and stored as declared.

HDF5 can lead a reader to any file of the machine: by external links, external storage, and virtual
datasets. A declared shape can be of any size, without a byte behind it.
"""

from pathlib import PurePath

import h5py
import numpy as np

from plmbench.errors import InputError
from plmbench.poolings import POOLS, RESIDUES

REMEDY = "delete it and run again"


def is_outside(name):
    """Tell whether the name of a file leads out of the folder of the file that names it."""
    return PurePath(name).is_absolute() or ".." in PurePath(name).parts


def leads_outside(dataset):
    """Return the name of a file outside the dataset's folder that its values stand in, or "".

    A virtual dataset may join files beside its own; external storage is never ours.
    """
    if dataset.external:
        return dataset.external[0][0]
    sources = dataset.virtual_sources() if dataset.is_virtual else []
    return next((s.file_name for s in sources if is_outside(s.file_name)), "")


def own_datasets(group, seen=()):
    """Yield every dataset of a group and of the groups in it.

    Raises InputError for a link that leads elsewhere, within the file or out of it.
    """
    where = h5py.h5o.get_info(group.id).addr
    if where in seen:
        raise InputError(f"{group.file.filename}: group {group.name} holds itself; {REMEDY}")
    for name in group:
        kind = type(group.get(name, getlink=True)).__name__
        if kind != "HardLink":
            problem = f"{name!r} is a link to elsewhere ({kind}), which is not followed"
            raise InputError(f"{group.file.filename}: {problem}; {REMEDY}")
        item = group[name]
        if isinstance(item, h5py.Group):
            yield from own_datasets(item, (*seen, where))
        else:
            yield item


def check_own(file):
    """Raise InputError for an open file whose values may stand in a file of another folder."""
    for dataset in own_datasets(file):
        if isinstance(dataset, h5py.Dataset) and (name := leads_outside(dataset)):
            raise InputError(
                f"{file.filename}: the values of {dataset.name} stand in {name!r}, outside its "
                f"folder, which is not followed; {REMEDY}"
            )


def shapes_of(file, layers, poolings, count):
    """Yield name, number kind and shape (None: any width) of each dataset of an embedding file."""
    yield "lengths", "iu", (count,)
    for pooling in poolings:
        if pooling != RESIDUES:
            yield pooling, "f", (layers, count, None)
            continue
        yield f"{RESIDUES}/offsets", "iu", (count + 1,)
        yield f"{RESIDUES}/layers", "iu", (None,)
        residues = int(file["lengths"][:].sum(dtype=np.int64))
        yield f"{RESIDUES}/values", "f", (len(file[f"{RESIDUES}/layers"]), residues, None)


def flaw_of(dataset, kinds, shape):
    """Say what is wrong with a dataset that must be of these kinds of numbers and this shape; ""
    if nothing is."""
    if not isinstance(dataset, h5py.Dataset) or dataset.shape is None:
        return "is no array"
    fits = len(dataset.shape) == len(shape) and all(
        wanted in (None, found) for found, wanted in zip(dataset.shape, shape, strict=True)
    )
    if not fits or dataset.dtype.kind not in kinds:
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        return f"is {dataset.dtype} {dataset.shape}, not [{wanted}] of kind {kinds!r}"
    if not dataset.is_virtual and dataset.id.get_storage_size() < dataset.nbytes:
        return f"declares {dataset.nbytes:,} bytes and has {dataset.id.get_storage_size():,}"
    return ""


def flaws_of(file):
    """Yield the name of each thing in an embedding file and what is wrong with it, "" if nothing
    is; what comes later relies on what came before."""
    ids, layers = file["ids"], int(file.attrs["layers"])
    poolings = str(file.attrs["poolings"]).split()
    yield "layers", "" if 0 < layers < 1 << 31 else f"is {layers}"
    yield from ((name, "" if name in {*POOLS, RESIDUES} else "is no pooling") for name in poolings)
    yield "ids", "" if h5py.check_string_dtype(ids.dtype) else "is no text"
    yield "ids", flaw_of(ids, "OSU", (len(file["lengths"]),))
    for name, *wanted in shapes_of(file, layers, poolings, len(ids)):
        yield name, flaw_of(file[name], *wanted)


def check_layout(file):
    """Raise InputError where an open embedding file is not laid out as `store` says, or holds less
    than it declares."""
    for name, flaw in flaws_of(file):
        if flaw:
            raise InputError(f"{file.filename}: {name} {flaw}; {REMEDY}")
