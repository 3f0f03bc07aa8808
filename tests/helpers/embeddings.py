"""Small embedding files and tables of labels, in the real formats, for the tests of probing."""

import numpy as np
import pandas as pd

from plmbench.core.lengths import cut
from plmbench.core.poolings import RESIDUES
from plmbench.data.subsets import folded
from plmbench.store.embeddings import new_embeddings
from plmbench.store.files import TEXT

LAYERS, DIM = 3, 6
SIZES = {"train": 48, "validation": 16, "test": 20}
CLASSES = "ab"  # of residues and of sequences
KINDS = ("regression", "classification", "residue_classification")


def subsets_of(sizes):
    """Return the subset of each sequence, the subsets mixed."""
    subsets = [name for name, count in sizes.items() for _ in range(count)]
    return np.random.default_rng(1).permutation(subsets)


def label_table(targets, subsets, masks=None):
    """Return a table of labels as `read_labels` does; ids are of their own, and sort otherwise."""
    count, targets = len(subsets), list(targets)
    table = {
        "name": [f"chain {i}" for i in range(count)],
        "id": [f"{(7 * i) % 101:03d}x" for i in range(count)],
        "target": targets,
        "subset": list(subsets),
    }
    table |= {} if masks is None else {"mask": list(masks)}
    return folded(pd.DataFrame(table), folds=4)


def write_embeddings(path, ids, values, lengths=None, dropped=(), dtype="float32", **attributes):
    """Write an embedding file, every layer of it; values: {pooling: [layer, row, dim]}."""
    layers = len(next(iter(values.values())))
    widths = {pooling: array.shape[2] for pooling, array in values.items()}
    facts = {"max_length": 0, "long_sequences": "drop" if len(dropped) else "error"} | attributes
    lengths = [9] * len(ids) if lengths is None else lengths
    with new_embeddings(path, ids, lengths, layers, widths, facts, range(layers), dtype) as writer:
        for pooling, array in values.items():
            writer.write(pooling, 0, array)
        if len(dropped):
            writer.file.create_dataset("dropped", data=list(dropped), dtype=TEXT)


def drawn_features(count, seed):
    """Return features [layer, row, dim] and scores [row], which the second layer knows best."""
    generator = np.random.default_rng(seed)
    scores = generator.normal(size=count)
    noise = np.array([3.0, 0.4, 1.5])[:, None, None]
    directions = generator.normal(size=(LAYERS, 1, DIM))
    return directions * scores[:, None] + noise * generator.normal(
        size=(LAYERS, count, DIM)
    ), scores


def sequence_task(path, kind, sizes=SIZES, dtype="float32", poolings=("mean",)):
    """Write the embeddings of a task that labels sequences, and return its labels.

    The file holds the sequences in another order than the labels.
    """
    subsets = subsets_of(sizes)
    X, scores = drawn_features(len(subsets), seed=2)
    if kind == "regression":
        targets = map(repr, (10 * scores + 3).tolist())
    else:
        targets = [CLASSES[int(score > 0.2)] for score in scores]
    labels = label_table(targets, subsets)
    order = np.argsort(labels["id"].to_numpy())
    ids, values = labels["id"].to_numpy()[order], X[:, order]
    write_embeddings(path, ids, dict.fromkeys(poolings, values), dtype=dtype)
    return labels


def residue_task(path, sizes=SIZES, dtype="float32", max_length=0, long_sequences="error"):
    """Write the embeddings of a task that labels residues, and return its labels.

    Chains have 5 to 12 residues, of which a fifth has mask 0.
    """
    generator, subsets = np.random.default_rng(3), subsets_of(sizes)
    lengths = generator.integers(5, 13, len(subsets))
    ends = np.cumsum(lengths)[:-1]
    X, scores = drawn_features(lengths.sum(), seed=4)
    letters = np.split(np.array(list(CLASSES))[(scores > 0.2).astype(int)], ends)
    masks = np.split(generator.choice(["1", "0"], lengths.sum(), p=[0.8, 0.2]), ends)
    labels = label_table(map("".join, letters), subsets, map("".join, masks))
    order = np.argsort(labels["id"].to_numpy())
    parts = np.split(np.arange(lengths.sum()), ends)
    kept = [cut(parts[i], max_length or None, long_sequences) for i in order]
    values = {RESIDUES: X[:, np.concatenate(kept)]}
    facts = {
        "lengths": list(map(len, kept)),
        "max_length": max_length,
        "long_sequences": long_sequences,
    }
    write_embeddings(path, labels["id"].to_numpy()[order], values, dtype=dtype, **facts)
    return labels


def written_task(path, kind, **settings):
    """Write the embeddings of a task of this kind, and return its labels."""
    if kind == "residue_classification":
        return residue_task(path, **settings)
    return sequence_task(path, kind, **settings)
