"""The HDF5 file of a probe's predictions on the test subset, from which every statistic can be
computed again without a fit.

/names    utf8   [unit]                     the user's ids of the sequences tested
/offsets  int64  [unit + 1]                 where each one's examples start (its residues, or copies
                                            of it); not there if each is one example
/y_true   float64 or int16 [example]        target less the offset, or code of its class
/<pooling>/<layer>  float64 [seed, example] less the offset, or float32 [seed, example, class]
attributes: task_type, classes (JSON), floor (less the offset), offset (the mean of train; add it to
targets and predictions for the user's unit)

Of a split with named test sets each set has a group of its name, which holds all of this.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from plmbench.core.metrics import Target
from plmbench.core.task_types import REGRESSION
from plmbench.core.test_sets import Part, Place
from plmbench.store.files import TEXT, opened, whole_file


class TestSet(NamedTuple):
    """The test subset of a task: what was to be predicted."""

    names: np.ndarray  # text [unit]
    y_true: np.ndarray  # [example]
    offsets: np.ndarray | None  # [unit + 1]; None where units are examples
    target: Target


def of_units(test: TestSet, kept: np.ndarray) -> tuple[TestSet, np.ndarray]:
    """Return the TestSet of the units `kept` [unit], and the mask of their examples [example]."""
    mask, offsets = kept, None
    if test.offsets is not None:
        lengths = np.diff(test.offsets)
        mask, offsets = np.repeat(kept, lengths), np.concatenate([[0], np.cumsum(lengths[kept])])
    return TestSet(test.names[kept], test.y_true[mask], offsets, test.target), mask


def dtype_of(target: Target) -> type[np.floating]:
    """Return the type in which predictions are kept: of numbers all digits, for ranks may hang on
    the last ones; of classes, which may be many, half of them."""
    return np.float64 if target.task_type == REGRESSION else np.float32


def begin(group: Any, test: TestSet) -> None:
    """Write into a group of an HDF5 file what is to be predicted."""
    group.create_dataset("names", data=list(test.names), dtype=TEXT)
    coded = test.target.task_type != REGRESSION
    group.create_dataset("y_true", data=test.y_true.astype(np.int16 if coded else np.float64))
    if test.offsets is not None:
        group.create_dataset("offsets", data=test.offsets)
    facts = test.target._asdict() | {"classes": json.dumps(test.target.classes)}
    group.attrs.update(facts)


@contextmanager
def new_predictions(
    path: Path | str, tests: Mapping[str, TestSet]
) -> Iterator[Callable[[str, int, Mapping[str, np.ndarray]], None]]:
    """Yield a function `write(pooling, layer, {set: predictions})`; the file has its name only when
    all went well.

    tests: {name of a set: what is to be predicted}; a split's only one has the name "".
    """
    with whole_file(path) as file:
        groups = {name: file.create_group(name) if name else file for name in tests}
        for name, test in tests.items():
            begin(groups[name], test)

        def write(pooling: str, layer: int, found: Mapping[str, np.ndarray]) -> None:
            for name, given in found.items():
                values = np.asarray(given, dtype_of(tests[name].target))  # [seed, example(, class)]
                chunks = (1, min(values.shape[1], 1 << 14), *values.shape[2:])
                at = f"{pooling}/{layer}"
                groups[name].create_dataset(at, data=values, chunks=chunks, compression="gzip")

        yield write


@contextmanager
def opened_at(place: Place) -> Iterator[Any]:
    """Yield a file of predictions, or the group of a set in it."""
    with opened(place.path if isinstance(place, Part) else place) as file:
        yield file[place.name] if isinstance(place, Part) else file


def read_test_set(path: Place) -> TestSet:
    """Return the TestSet of a file of predictions."""
    with opened_at(path) as file:
        classes = tuple(json.loads(file.attrs["classes"]))
        numbers = (float(file.attrs[name]) for name in ("floor", "offset"))
        target = Target(file.attrs["task_type"], classes, *numbers)
        offsets = file["offsets"][:] if "offsets" in file else None
        return TestSet(file["names"].asstr()[:], file["y_true"][:], offsets, target)


def read_predictions(path: Place, pooling: str, layer: int) -> np.ndarray:
    """Return a layer's predictions, float64 [seed, example] or [seed, example, class]."""
    with opened_at(path) as file:
        return file[f"{pooling}/{layer}"][:].astype(np.float64)
