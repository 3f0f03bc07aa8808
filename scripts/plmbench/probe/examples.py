"""Examples: labels joined to the rows of an embedding file, by sequence id, never by position.

An example is a label of a sequence, or for a residue task a residue with mask 1; its row is that of
the file's layers. A unit is what a bootstrap draws: a sequence, with all its residues and copies.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.lengths import cut
from plmbench.core.logs import log
from plmbench.core.metrics import Target


class Labelled(NamedTuple):
    """All examples of a task, in the order of its labels."""

    rows: np.ndarray  # int64 [example], of the embedding file's layers
    y: np.ndarray  # float64 or int64 codes [example]
    subset: np.ndarray  # text [example]
    fold: np.ndarray  # int64 [example], -1: none
    unit: np.ndarray  # int64 [example], position in `names`
    names: np.ndarray  # text [unit], the user's


def read_labels(path):
    """Read a table of labels (see the rule `labels`); classes and names stay text."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    return table.assign(fold=table["fold"].astype(np.int64))


def require_subsets(before, after, problem):
    """Raise InputError where a subset of `before` has nothing left in `after`, both text
    [example]; `problem` says why, and what would be right."""
    if lost := sorted(set(before) - set(after)):
        raise InputError(f"nothing is left of {', '.join(lost)}: {problem}")


def present(labels, embeddings):
    """Return the labels whose sequence was embedded: the policy `drop` leaves out long ones.

    Raises InputError where a subset has none left.
    """
    kept = labels[~labels["id"].isin(embeddings.dropped)]
    if len(kept) < len(labels):
        log.info("%d labels of sequences above max_length left out", len(labels) - len(kept))
    require_subsets(
        labels["subset"],
        kept["subset"],
        "every sequence is above the model's max_length; set the data set's long_sequences to "
        "truncate, keep_ends or windows",
    )
    return kept


def coded(targets, classes):
    """Return int64 codes [example] of class names."""
    position = {name: code for code, name in enumerate(classes)}
    return np.array([position[name] for name in targets], np.int64)


def units_of(labels):
    """Return the unit int64 [label] of labels, and names text [unit]. Copies of a sequence, such as
    replicates, are one unit, with the name of the first one in test, if there is one."""
    unit, ids = pd.factorize(labels["id"])
    test_first = labels.sort_values("subset", key=lambda subset: subset != "test", kind="stable")
    names = test_first.drop_duplicates("id").set_index("id")["name"]
    return unit, names.loc[ids].to_numpy()


def labelled_sequences(labels, embeddings, task_type):
    """Return the Target and the Labelled examples of a task that labels sequences."""
    if task_type == "regression":
        values = labels["target"].astype(np.float64).to_numpy()
        target, y = Target(task_type, (), float(values.min())), values
    else:
        # Of all subsets together: a class that one of them lacks shifts no code.
        target = Target(task_type, tuple(sorted(set(labels["target"]))))
        y = coded(labels["target"], target.classes)
    y = y[~labels["id"].isin(embeddings.dropped).to_numpy()]
    labels = present(labels, embeddings)
    return target, Labelled(
        embeddings.rows(labels["id"]),
        y,
        labels["subset"].to_numpy(),
        labels["fold"].to_numpy(),
        *units_of(labels),
    )


def letters_of(texts):
    """Return the letters of texts, one after the other, as an array of one-letter text."""
    return np.array(list("".join(texts)))


def labelled_residues(labels, embeddings, task_type):
    """Return the Target and the Labelled examples of a task that labels residues.

    Labels and masks are cut as the sequences were. Raises InputError where they are not as many as
    the residues that were embedded, or where a subset has none with mask 1.
    """
    counted = letters_of(labels["mask"]) == "1"
    target = Target(task_type, tuple(np.unique(letters_of(labels["target"])[counted]).tolist()))
    labels = present(labels, embeddings)
    max_length = embeddings.attributes["max_length"] or None
    policy = embeddings.attributes["long_sequences"]
    targets = [cut(text, max_length, policy) for text in labels["target"]]
    masks = [cut(text, max_length, policy) for text in labels["mask"]]
    spans = embeddings.spans(labels["id"])
    lengths = np.array([len(text) for text in targets])
    if (found := np.array([stop - start for start, stop in spans])).tolist() != lengths.tolist():
        odd = labels["name"].iloc[int(np.argmax(found != lengths))]
        raise InputError(f"{odd}: as many labels as residues are needed; run again from sequences")
    label = np.repeat(np.arange(len(labels)), lengths)
    rows = np.concatenate([np.arange(start, stop) for start, stop in spans])
    kept = letters_of(masks) == "1"
    label = label[kept]
    subset = labels["subset"].to_numpy()[label]
    remedy = (
        "no residue that was embedded has mask 1; mend the masks, or the data set's long_sequences"
    )
    require_subsets(labels["subset"], subset, remedy)
    unit, names = units_of(labels)
    return target, Labelled(
        rows[kept],
        coded(letters_of(targets)[kept], target.classes),
        subset,
        labels["fold"].to_numpy()[label],
        unit[label],
        names,
    )


def without_test(target, examples):
    """Return the Target as a choice may know it: the floor is that of all subsets but test."""
    if target.classes:
        return target
    return target._replace(floor=float(examples.y[examples.subset != "test"].min()))


LABELLED = {
    "regression": labelled_sequences,
    "classification": labelled_sequences,
    "residue_classification": labelled_residues,
}


def shuffled(examples, seed=0):
    """Return the examples with the targets of train and of validation permuted among themselves:
    what a probe scores when there is nothing to learn."""
    generator, y = np.random.Generator(np.random.PCG64(seed)), examples.y.copy()
    for subset in ("train", "validation"):
        mine = np.flatnonzero(examples.subset == subset)
        y[mine] = y[generator.permutation(mine)]
    return examples._replace(y=y)


def drawn(where, most, seed=0):
    """Return at most `most` of the positions `where`, drawn by `seed`, in their order."""
    if len(where) <= most:
        return where
    generator = np.random.Generator(np.random.PCG64(seed))
    return np.sort(generator.choice(where, most, replace=False))


class Plan(NamedTuple):
    """Which examples are learned from and chosen on; positions in Labelled."""

    train: np.ndarray
    pairs: list  # of (fit on, held out)
    validation: np.ndarray  # empty where choices are made by cross-validation


def plan_of(examples, most):
    """Return the Plan of a task: its own validation subset, or the folds of cross-validation.

    At most `most` examples are learned from, and as many chosen on.
    """
    train = drawn(np.flatnonzero(examples.subset == "train"), most)
    validation = np.flatnonzero(examples.subset == "validation")
    if len(validation):
        return Plan(train, [(train, drawn(validation, most))], validation)
    folds = examples.fold[train]
    pairs = [(train[folds != k], train[folds == k]) for k in range(folds.max() + 1)]
    return Plan(train, [pair for pair in pairs if all(map(len, pair))], validation)
