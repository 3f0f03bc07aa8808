"""The HDF5 file's ragged residues, its two kinds of numbers, and the room it needs on the disk."""

import logging

import h5py
import numpy as np
import pytest

from plmbench.core.errors import InputError
from plmbench.core.poolings import RESIDUES
from plmbench.store.embeddings import Layout, check_room, new_embeddings, open_embeddings, size_of

IDS = ["sp|P0/1", "../P1", "P2", "P3"]
LENGTHS = [4, 3, 3, 1]
OFFSETS = [0, 4, 7, 10, 11]
LAYERS = [0, 2, 6]
BLOCK = np.arange(3 * 11 * 5, dtype=np.float32).reshape(3, 11, 5)
SHAPE = (IDS, LENGTHS, 7, {RESIDUES: 5}, {"model": "tiny"}, LAYERS)


def written(path, dtype="float32", block=BLOCK):
    """Write a small complete file in two blocks, of two sequences each."""
    with new_embeddings(path, *SHAPE, dtype) as writer:
        writer.write(RESIDUES, 0, block[:, :7])
        writer.write(RESIDUES, 2, block[:, 7:])
    return path


@pytest.fixture
def path(tmp_path):
    return written(tmp_path / "x.h5")


def test_ragged_residues_have_the_published_layout(path):
    with h5py.File(path) as file:
        assert sorted(file) == ["digests", "ids", "lengths", RESIDUES, "shards"]
        residues = file[RESIDUES]
        assert sorted(residues) == ["layers", "offsets", "values"]
        assert (residues["layers"].dtype, residues["layers"][:].tolist()) == (np.int32, LAYERS)
        assert (residues["offsets"].dtype, residues["offsets"][:].tolist()) == (np.int64, OFFSETS)
        values = residues["values"]
        assert (values.dtype, values.shape, values.chunks) == (np.float32, (3, 11, 5), None)
        assert file.attrs["num_layers"] == 7
        assert file.attrs["poolings"] == RESIDUES


def test_each_sequence_has_its_own_residues(path):
    with open_embeddings(path) as embeddings:
        assert embeddings.layers_of(RESIDUES) == LAYERS
        assert embeddings.spans(["P3", "../P1"]) == [(10, 11), (4, 7)]
        for i, layer in enumerate(LAYERS):
            found = embeddings.residues(layer, embeddings.spans(["P3", "../P1"]))
            assert np.array_equal(found, BLOCK[i, [10, 4, 5, 6]])
            assert np.array_equal(embeddings.residues(layer, [(0, 11)]), BLOCK[i])


def test_residues_stand_beside_poolings(tmp_path):
    widths = {"mean": 2, RESIDUES: 5}
    with new_embeddings(tmp_path / "x.h5", IDS, LENGTHS, 7, widths, {}, LAYERS) as writer:
        writer.write("mean", 0, np.ones((7, 4, 2), np.float32))
        writer.write(RESIDUES, 0, BLOCK)
    with open_embeddings(tmp_path / "x.h5") as embeddings:
        assert embeddings.poolings == ["mean", RESIDUES]
        assert embeddings.layers_of("mean") == list(range(7))
        assert embeddings.layer("mean", 6).shape == (4, 2)
        assert np.array_equal(embeddings.residues(6, [(0, 11)]), BLOCK[2])


def test_float16_halves_the_values_and_rounds_them(tmp_path):
    values = np.random.default_rng(0).normal(size=BLOCK.shape).astype(np.float32)
    with open_embeddings(written(tmp_path / "x.h5", "float16", values)) as embeddings:
        assert embeddings.attributes["dtype"] == "float16"
        found = embeddings.residues(2, [(0, 11)])
        assert found.dtype == np.float16
        assert np.array_equal(found, values[1].astype(np.float16))
    layout = Layout(LENGTHS, 7, {RESIDUES: 5}, LAYERS, "float16")
    assert size_of(layout) == values.nbytes / 2


@pytest.mark.parametrize(
    ("residue", "name"), [(0, "sp|P0/1"), (3, "sp|P0/1"), (4, "../P1"), (9, "P2"), (10, "P3")]
)
@pytest.mark.parametrize(("index", "layer"), list(enumerate(LAYERS)))
def test_a_residue_that_is_not_finite_is_refused_by_layer_and_sequence(
    tmp_path, residue, name, index, layer
):
    block = BLOCK.copy()
    block[index, residue, 2] = np.nan
    message = f"layer {layer} of sequence {name} is not finite in float32 under pooling 'residues'"
    with pytest.raises(InputError) as caught:
        written(tmp_path / "x.h5", block=block)
    assert str(caught.value).startswith(message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("error")
def test_a_number_too_large_for_float16_is_refused_with_the_remedy(tmp_path):
    block = BLOCK.copy()
    block[1, 7, 2] = 65_520  # rounds to infinity; 65,519 still to 65,504
    with pytest.raises(InputError, match=r"layer 2 of sequence P2 .*in float16.*dtype to float32"):
        written(tmp_path / "x.h5", "float16", block)
    assert list(tmp_path.iterdir()) == []
    block[1, 7, 2] = 65_519
    written(tmp_path / "x.h5", "float16", block)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_the_room_asked_for_is_that_of_the_values(tmp_path, dtype):
    widths = {"mean": 5, "sites": 15, RESIDUES: 5}
    size = size_of(Layout(LENGTHS, 7, widths, LAYERS, dtype))
    with new_embeddings(tmp_path / "x.h5", IDS, LENGTHS, 7, widths, {}, LAYERS, dtype) as writer:
        values = [writer.file[name] for name in ("mean", "sites", f"{RESIDUES}/values")]
        assert sum(v.size * v.dtype.itemsize for v in values) == size


def test_the_log_says_how_much_is_to_be_written_and_how_much_is_free(tmp_path, caplog):
    caplog.set_level(logging.INFO, "plmbench")
    check_room(tmp_path, 123_400_000)
    assert "123.4 MB to write, " in caplog.text
    assert " MB free on the disk" in caplog.text


def test_a_disk_without_room_is_refused_before_anything_is_written(tmp_path, caplog):
    caplog.set_level(logging.INFO, "plmbench")
    million = 10**6
    shape = (IDS, LENGTHS, million, {"mean": million, RESIDUES: million}, {}, range(million))
    remedy = r"need 60000\.00 GB and the disk has [\d.]+ GB free; make room, choose fewer layers,"
    with pytest.raises(InputError, match=remedy), new_embeddings(tmp_path / "x.h5", *shape):
        pytest.fail("the file was opened")
    assert "60000000.0 MB to write" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_labelled_residue_sequence_without_embedding_is_named(path):
    with open_embeddings(path) as embeddings, pytest.raises(InputError, match="the first is P9"):
        embeddings.spans(["P2", "P9"])
