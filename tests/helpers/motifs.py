"""A made-up task that composition cannot solve: a motif, or the same letters turned round."""

import numpy as np
import pandas as pd

LETTERS = list("ADEFGHIKLMNPQRSTVY")  # without those of the motif
SUBSETS = {"train": 240, "validation": 60, "test": 100}


def motif_texts(count, seed=0, shortest=14, longest=20):
    """Return sequences, each with WC or CW at a place of its own, and whether it is WC."""
    draw = np.random.default_rng(seed)
    texts, has_motif = [], []
    for i in range(count):
        text = "".join(draw.choice(LETTERS, draw.integers(shortest, longest + 1)))
        place = draw.integers(0, len(text) + 1)
        texts.append(text[:place] + ("WC" if i % 2 else "CW") + text[place:])
        has_motif.append(bool(i % 2))
    return texts, has_motif


def motif_task(targets, subsets=SUBSETS, folds=0):
    """Return the table of sequences and that of labels; targets: (no motif, motif), as text."""
    texts, has_motif = motif_texts(sum(subsets.values()))
    ids = [f"s{i}" for i in range(len(texts))]
    subset = np.repeat(list(subsets), list(subsets.values()))
    fold = np.where(subset == "train", np.arange(len(ids)) // 2 % folds, -1) if folds else -1
    labels = pd.DataFrame({"name": ids, "id": ids, "subset": subset, "fold": fold})
    labels["target"] = [targets[has] for has in has_motif]
    return pd.DataFrame({"id": ids, "sequence": texts}), labels


def residue_task():
    """Return the tables of a task whose residues are labelled 1 at a motif WC, and 0 elsewhere."""
    sequences, labels = motif_task(("", ""), {"train": 60, "validation": 20, "test": 20})
    targets = [text.replace("WC", "11") for text in sequences["sequence"]]
    targets = ["".join("1" if letter == "1" else "0" for letter in text) for text in targets]
    return sequences, labels.assign(target=targets, mask=["1" * len(text) for text in targets])
