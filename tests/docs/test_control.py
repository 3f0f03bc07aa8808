"""How the positive control matches embeddings with published vectors."""

import h5py
import numpy as np
import pandas as pd
import pytest

from docs import control
from plmbench.store.files import TEXT

DIM = 8
# Position 1 has two variants of one fitness; A2A changes no residue.
VARIANTS = {"A2C": 0.5, "A2D": 0.5, "A2E": 0.7, "C3D": 0.5, "A2A": 0.5}
CHANGES = [name for name in VARIANTS if name != "A2A"]


@pytest.fixture
def run(tmp_path):
    """Return vectors [variant, dim] and the files of a run that embedded them in another order."""
    vectors = np.random.default_rng(0).normal(3, 1, (len(VARIANTS), DIM)).astype(np.float32)
    ids = [f"id of {name}" for name in VARIANTS]
    order = [3, 1, 4, 0, 2]
    with h5py.File(tmp_path / "embeddings.h5", "w") as file:
        file.create_dataset("ids", data=[ids[i] for i in order], dtype=TEXT)
        file.create_dataset("mean", data=np.stack([-vectors[order], vectors[order]]))
    labels = pd.DataFrame({"name": VARIANTS.keys(), "id": ids, "target": VARIANTS.values()})
    labels.to_csv(tmp_path / "labels.tsv", sep="\t", index=False)
    return vectors, (tmp_path / "embeddings.h5", tmp_path / "labels.tsv")


def published(vectors, names):
    """Return vectors of these variants as they are published, row by row."""
    rows = [list(VARIANTS).index(name) for name in names]
    fitness = np.array([VARIANTS[name] for name in names], np.float32)
    positions = np.array([int(name[1:-1]) - 1 for name in names], np.int16)
    return {"emb": vectors[rows], "fitness": fitness, "pos": positions}


def test_equal_vectors_have_cosine_one_whatever_the_order_of_rows(run):
    vectors, files = run
    found = control.agreement(*files, published(vectors, CHANGES[::-1]))
    assert found["n"].tolist() == [4, 2]  # all; those with a fitness of their own
    for column in ("mean_cosine", "lowest_cosine", "mean_centred_cosine"):
        assert found[column].to_numpy() == pytest.approx(1, abs=1e-6)


def test_a_row_of_another_variant_shows(run):
    vectors, files = run
    rows = published(vectors, CHANGES)
    rows["emb"] = rows["emb"][[0, 1, 3, 2]]  # A2E and C3D
    found = control.agreement(*files, rows).set_index("variants")
    assert (found["lowest_cosine"] < 0.99).all()


def test_a_variant_without_a_row_of_its_own_is_an_error(run):
    vectors, files = run
    with pytest.raises(ValueError, match="no full matching"):
        control.agreement(*files, published(vectors, ["A2C", "A2E", "A2E", "C3D"]))
