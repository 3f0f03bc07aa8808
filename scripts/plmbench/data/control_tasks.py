"""Control tasks (Hewitt & Liang 2019, EMNLP): what a probe scores by memorising types alone.

The examples, subsets and masks are the task's. The type of a residue is its letter; that of a
sequence is its most frequent pair of neighbouring letters, ties to the first by the alphabet. A
type has one class in all subsets, so that what was memorised in train holds in test, and nothing
but the type says which. Sequences themselves would be no types: those of test are not in train.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.task_types import RESIDUE_CLASSIFICATION

TRAIN = "train"


def most_frequent_pair(sequence: str) -> str:
    """Return the type of a sequence: its most frequent pair of neighbours; itself if too short."""
    counts = Counter(first + second for first, second in pairwise(sequence))
    return min(counts, key=lambda pair: (-counts[pair], pair)) if counts else sequence


def in_drawn_order(types: Sequence[str], seed: int) -> list[str]:
    """Return distinct types in an order drawn by a seed: each draw hangs on its type alone."""
    return sorted(
        set(types), key=lambda text: hashlib.sha256(f"type {seed} {text}".encode()).digest()
    )


def classes_of_types(
    types: Sequence[str], classes: Sequence[str], all_types: Sequence[str], seed: int = 0
) -> dict[str, str]:
    """Return {type: its class}.

    types, classes: of the training examples, [example]; all_types: also those of other subsets.
    Types are drawn one after the other, and classes are dealt out to them in turn, so that each
    class has about the share of the training examples that it has in the task.
    """
    mass, shares = Counter(types), Counter(classes)
    names = sorted(shares, key=lambda name: (-shares[name], name))  # the most frequent first
    if len(mass) < 2 or len(names) < 2:
        raise InputError(
            f"a control task needs two types and two classes in train, which has {len(mass)} and "
            f"{len(names)}; take the control with selectivity_of out of controls"
        )
    order = in_drawn_order(all_types, seed)
    counts = np.array([mass[name] for name in order])
    middles = (np.cumsum(counts) - counts / 2) / counts.sum()  # [type], between 0 and 1
    ends = np.cumsum([shares[name] for name in names]) / len(classes)  # [class]
    dealt = np.minimum(np.searchsorted(ends, middles), len(names) - 1)
    if len(set(dealt[counts > 0])) == 1:  # one class has nearly all examples
        rarest = min(np.flatnonzero(counts), key=lambda i: counts[i])
        dealt[rarest] = 1 if dealt[rarest] == 0 else 0
    return {name: names[code] for name, code in zip(order, dealt, strict=True)}


def of_residues(labels: pd.DataFrame, texts: Mapping[str, str]) -> pd.DataFrame:
    """Return labels in which the class of a residue is that of its letter."""
    sequences = [texts[name] for name in labels["id"]]
    letters: list[str] = []
    classes: list[str] = []
    train = labels["subset"] == TRAIN
    for sequence, row in zip(sequences, labels.itertuples(), strict=True):
        if train[row.Index]:
            kept = [mark == "1" for mark in row.mask]
            letters += [letter for letter, k in zip(sequence, kept, strict=True) if k]
            classes += [name for name, k in zip(row.target, kept, strict=True) if k]
    class_of = classes_of_types(letters, classes, "".join(sequences))
    targets = ["".join(map(class_of.__getitem__, sequence)) for sequence in sequences]
    return labels.assign(target=targets)


def of_sequences(labels: pd.DataFrame, texts: Mapping[str, str]) -> pd.DataFrame:
    """Return labels in which the class of a sequence is that of its most frequent pair."""
    types = [most_frequent_pair(texts[name]) for name in labels["id"]]
    train = (labels["subset"] == TRAIN).tolist()
    own = [kind for kind, is_train in zip(types, train, strict=True) if is_train]
    class_of = classes_of_types(own, labels["target"][train].tolist(), types)
    return labels.assign(target=[class_of[kind] for kind in types])


def control_task(labels: pd.DataFrame, sequences: pd.DataFrame, task_type: str) -> pd.DataFrame:
    """Return a task's table of labels with the classes of its control task.

    labels: as the rule `labels` writes it, all text; sequences: id, sequence.
    """
    texts = dict(zip(sequences["id"], sequences["sequence"], strict=True))
    make = of_residues if task_type == RESIDUE_CLASSIFICATION else of_sequences
    return make(labels.reset_index(drop=True), texts)
