"""The HDF5 file of a probe's predictions on the test subset, from which every statistic can be
computed again without a fit.

/names    utf8   [unit]                     the user's ids of the sequences tested
/offsets  int64  [unit + 1]                 where each one's examples start (its residues, or copies
                                            of it); not there if each is one example
/y_true   float64 or int16 [example]        target, or code of its class
/<pooling>/<layer>  float32 [seed, example] or [seed, example, class]
attributes: task_type, classes (JSON), floor
"""

import json
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from plmbench.core.metrics import Target
from plmbench.store.files import TEXT, opened, whole_file


class TestSet(NamedTuple):
    """The test subset of a task: what was to be predicted."""

    names: np.ndarray  # text [unit]
    y_true: np.ndarray  # [example]
    offsets: np.ndarray | None  # [unit + 1]; None where units are examples
    target: Target


def test_set_of(examples, target):
    """Return the TestSet of a task's Labelled examples, and their positions [example], those of a
    unit one after the other."""
    where = np.flatnonzero(examples.subset == "test")
    where = where[np.argsort(examples.unit[where], kind="stable")]
    units, counts = np.unique(examples.unit[where], return_counts=True)
    several = target.task_type == "residue_classification" or counts.max() > 1
    offsets = np.concatenate([[0], np.cumsum(counts)]) if several else None
    return TestSet(examples.names[units], examples.y[where], offsets, target), where


def of_units(test, kept):
    """Return the TestSet of the units `kept` [unit], and the mask of their examples [example]."""
    mask, offsets = kept, None
    if test.offsets is not None:
        lengths = np.diff(test.offsets)
        mask, offsets = np.repeat(kept, lengths), np.concatenate([[0], np.cumsum(lengths[kept])])
    return TestSet(test.names[kept], test.y_true[mask], offsets, test.target), mask


@contextmanager
def new_predictions(path, test):
    """Yield a function `write(pooling, layer, predictions)`; the file has its name only when all
    went well."""
    with whole_file(path) as file:
        file.create_dataset("names", data=list(test.names), dtype=TEXT)
        coded = test.target.task_type != "regression"
        file.create_dataset("y_true", data=test.y_true.astype(np.int16 if coded else np.float64))
        if test.offsets is not None:
            file.create_dataset("offsets", data=test.offsets)
        facts = test.target._asdict() | {"classes": json.dumps(test.target.classes)}
        file.attrs.update(facts)

        def write(pooling, layer, values):
            values = np.asarray(values, np.float32)
            chunks = (1, min(values.shape[1], 1 << 14), *values.shape[2:])
            name = f"{pooling}/{layer}"
            file.create_dataset(name, data=values, chunks=chunks, compression="gzip")

        yield write


def read_tested(path):
    """Return the TestSet of a file of predictions."""
    with opened(path) as file:
        classes = tuple(json.loads(file.attrs["classes"]))
        target = Target(file.attrs["task_type"], classes, float(file.attrs["floor"]))
        offsets = file["offsets"][:] if "offsets" in file else None
        return TestSet(file["names"].asstr()[:], file["y_true"][:], offsets, target)


def read_predictions(path, pooling, layer):
    """Return a layer's predictions, float64 [seed, example] or [seed, example, class]."""
    with opened(path) as file:
        return file[f"{pooling}/{layer}"][:].astype(np.float64)
