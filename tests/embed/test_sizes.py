"""The bytes of embeddings are known before any is made."""

import numpy as np
import pytest

from helpers.networks import load_encoder, save_tiny
from plmbench.embed.extraction import Extraction, Pooling
from plmbench.embed.sizes import SIZE_COLUMNS, size_rows
from plmbench.store.embeddings import new_embeddings

SEQUENCES = {"a": "MKTAY", "b": "MKTAW", "c": "MKTAF"}
STORED = {"layers": "all", "dtype": "float16", "precision": "float32"}
STORED |= {"nonstandard_residues": "error", "long_sequences": "truncate"}


def tables(folder):
    """Write the tables of a data set; return their paths."""
    rows = "".join(f"{name}\t{text}\t0\n" for name, text in SEQUENCES.items())
    (folder / "toy.tsv").write_text(f"id\tsequence\tmasked\n{rows}")
    (folder / "toy.sites.tsv").write_text("site\n1\n4\n")
    return folder / "toy.tsv", folder / "toy.sites.tsv"


def entry(poolings, modality="protein", max_length=None, files=1, **storage):
    """Return how a model's embeddings are stored, as the job is handed it."""
    storage = STORED | {"poolings": poolings} | storage
    return {"storage": storage, "modality": modality, "max_length": max_length, "files": files}


@pytest.mark.parametrize(
    ("poolings", "dtype", "expected"),
    [
        (["mean"], "float16", 3 * 3 * 16 * 2),  # layers x sequences x width x bytes
        (["mean", "sites"], "float32", 3 * 3 * (16 + 32) * 4),
        (["residues"], "float16", 3 * 15 * 16 * 2),
        (["flat"], "float16", 3 * 3 * 5 * 16 * 2),
    ],
)
def test_the_bytes_are_those_of_layers_sequences_and_widths(tmp_path, poolings, dtype, expected):
    stored = entry(poolings, dtype=dtype, files=7)
    rows = size_rows("toy", tables(tmp_path), {"m": stored}, {"m": (3, 16, None)})
    assert tuple(rows[0]) == SIZE_COLUMNS
    assert (rows[0]["bytes_per_file"], rows[0]["bytes"]) == (expected, 7 * expected)


def test_they_are_the_bytes_that_a_file_holds(tmp_path):
    encoder, _ = load_encoder("tiny", "esm2", save_tiny("esm2", tmp_path / "esm2_tiny.pt"))
    shape = encoder.num_layers + 1, encoder.hidden_size
    stored = entry(["mean"], max_length=4)
    (row,) = size_rows("toy", tables(tmp_path), {"m": stored}, {"m": (*shape, None)})
    assert row["residues"] == 12  # cut to four each
    extraction = Extraction(list(SEQUENCES), list(SEQUENCES.values()), Pooling(["mean"]))
    names = extraction.ids, extraction.lengths
    widths, path = {"mean": shape[1]}, tmp_path / "made.h5"
    with new_embeddings(path, *names, shape[0], widths, {}, dtype="float16") as writer:
        writer.write("mean", 0, np.zeros((shape[0], 3, shape[1]), "float32"))
        assert writer.file["mean"].nbytes == row["bytes_per_file"]


def test_a_model_of_unknown_shape_has_no_row(tmp_path):
    assert size_rows("toy", tables(tmp_path), {"m": entry(["mean"])}, {"m": None}) == []


def test_a_model_that_does_not_read_a_data_set_has_no_row(tmp_path):
    shapes = {"m": (3, 16, None), "other": (3, 16, None)}
    rows = size_rows("toy", tables(tmp_path), {"m": entry(["mean"])}, shapes)
    assert [row["model"] for row in rows] == ["m"]


@pytest.mark.parametrize("modality", ["image", "text"])
@pytest.mark.parametrize(
    ("poolings", "tokens", "expected", "residues"),
    [
        (["mean"], None, 3 * 3 * 16 * 2, None),
        (["mean", "cls"], None, 3 * 3 * 32 * 2, None),
        (["flat"], 64, 3 * 3 * 64 * 16 * 2, 3 * 64),
        (["flat", "max"], 4, 3 * 3 * 5 * 16 * 2, 12),
        (["flat"], None, None, None),
    ],
)
def test_of_other_examples_the_letters_that_hold_them_count_for_nothing(
    modality, poolings, tokens, expected, residues, tmp_path
):
    stored = entry(poolings, modality=modality, max_length=3, long_sequences="error", files=2)
    (row,) = size_rows("toy", tables(tmp_path), {"m": stored}, {"m": (3, 16, tokens)})
    assert (row["bytes_per_file"], row["residues"], row["sequences"]) == (expected, residues, 3)
    assert row["bytes"] == (None if expected is None else 2 * expected)
