"""The HDF5 file of embeddings: whole or not there, of one schema, read by id."""

import h5py
import numpy as np
import pytest

from helpers import networks
from plmbench.core.errors import InputError
from plmbench.models.ablations import ablate
from plmbench.store import embeddings as store
from plmbench.store.embeddings import (
    SCHEMA,
    new_embeddings,
    open_embeddings,
    read_ledger,
    write_ledger,
)

IDS = ["sp|P0/1", "Ångström", "first second", "4"]  # none may become a path, or a number
LENGTHS = [9, 7, 7, 2]
WIDTHS = {"mean": 5, "max": 5}
ATTRIBUTES = {"model": "tiny", "seed": -1}
BLOCK = np.arange(3 * 4 * 5, dtype=np.float32).reshape(3, 4, 5)


def written(path, dtype="float32"):
    """Write a small complete file, in two blocks."""
    with new_embeddings(path, IDS, LENGTHS, 3, WIDTHS, ATTRIBUTES, dtype=dtype) as writer:
        for pooling, sign in (("mean", 1), ("max", -1)):
            writer.write(pooling, 0, sign * BLOCK[:, :3])
            writer.write(pooling, 3, sign * BLOCK[:, 3:])
    return path


@pytest.fixture
def path(tmp_path):
    return written(tmp_path / "x.h5")


def test_file_holds_what_was_written(path):
    with open_embeddings(path) as embeddings:
        assert embeddings.ids.tolist() == IDS
        assert embeddings.poolings == ["mean", "max"]
        assert embeddings.num_layers == 3
        assert embeddings.layers_of("mean") == [0, 1, 2]
        assert embeddings.dropped == set()
        facts = {"schema": SCHEMA, "num_layers": 3, "poolings": "mean max", "dtype": "float32"}
        assert embeddings.attributes == {**facts, **ATTRIBUTES}
        for layer in range(3):
            assert np.array_equal(embeddings.layer("mean", layer), BLOCK[layer])
            assert np.array_equal(embeddings.layer("max", layer), -BLOCK[layer])


def test_file_has_the_published_layout(path):
    with h5py.File(path) as file:
        assert sorted(file) == ["digests", "ids", "lengths", "max", "mean", "shards"]
        assert file["lengths"][:].tolist() == LENGTHS
        assert file["lengths"].dtype == np.int32
        assert h5py.check_string_dtype(file["ids"].dtype).encoding == "utf-8"
        for pooling in ("mean", "max"):
            assert (file[pooling].dtype, file[pooling].shape) == (np.float32, (3, 4, 5))
            assert file[pooling].chunks is None  # contiguous: a layer is one read


def test_vectors_of_float16_take_half_the_room(tmp_path):
    with open_embeddings(written(tmp_path / "x.h5", "float16")) as embeddings:
        assert embeddings.attributes["dtype"] == "float16"
        assert embeddings.layer("mean", 1).dtype == np.float16
        assert np.array_equal(embeddings.layer("mean", 1), BLOCK[1])  # whole numbers


def test_rows_follow_the_ids_asked_for(path):
    with open_embeddings(path) as embeddings:
        rows = embeddings.rows(["4", "sp|P0/1", "4"])
        assert rows.tolist() == [3, 0, 3]
        assert np.array_equal(embeddings.layer("mean", 1)[rows], BLOCK[1][[3, 0, 3]])


def test_id_without_embedding_is_named(path):
    with (
        open_embeddings(path) as embeddings,
        pytest.raises(InputError, match=r"x\.h5: 2 labelled.*the first is P7"),
    ):
        embeddings.rows(["4", "P7", "P8"])


def test_values_that_are_not_finite_are_refused_by_layer_and_sequence(tmp_path):
    block = BLOCK.copy()
    block[2, 1, 4] = np.inf
    path = tmp_path / "x.h5"
    with (
        pytest.raises(InputError, match="layer 2 of sequence first second is not finite"),
        new_embeddings(path, IDS, LENGTHS, 3, WIDTHS, ATTRIBUTES) as writer,
    ):
        writer.write("mean", 1, block[:, :3])
    assert list(tmp_path.iterdir()) == []


def broken_off(path, error):
    """Write a file up to its first block, then stop with an error."""
    with new_embeddings(path, IDS, LENGTHS, 3, WIDTHS, ATTRIBUTES) as writer:
        writer.write("mean", 0, BLOCK)
        raise error


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_behind_after_an_exception(tmp_path, error):
    with pytest.raises(error):
        broken_off(tmp_path / "x.h5", error)
    assert list(tmp_path.iterdir()) == []


def test_exception_leaves_the_file_of_an_earlier_run(path):
    before = path.read_bytes()
    with pytest.raises(RuntimeError):
        broken_off(path, RuntimeError)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["x.h5"]


def test_file_has_its_name_only_when_it_is_complete(tmp_path):
    path = tmp_path / "x.h5"
    with new_embeddings(path, IDS, LENGTHS, 3, WIDTHS, ATTRIBUTES) as writer:
        writer.write("mean", 0, BLOCK)
        assert not path.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["x.h5"]


def test_unfinished_file_of_a_killed_run_is_written_over(tmp_path):
    (tmp_path / "x.h5.part").write_bytes(b"half a file")
    written(tmp_path / "x.h5")
    assert [p.name for p in tmp_path.iterdir()] == ["x.h5"]


def test_unfinished_file_of_a_killed_run_takes_no_room_from_the_next(tmp_path, monkeypatch):
    there = []
    monkeypatch.setattr(store, "check_room", lambda folder, size: there.extend(folder.iterdir()))
    (tmp_path / "x.h5.part").write_bytes(b"half a file")
    written(tmp_path / "x.h5")
    assert there == []


@pytest.mark.parametrize("schema", [0, 1, SCHEMA + 1, None])
def test_other_schema_is_refused(path, schema):
    with h5py.File(path, "r+") as file:
        del file.attrs["schema"]
        if schema is not None:
            file.attrs["schema"] = schema
    message = rf"x\.h5: its schema is {schema}, this version reads schema {SCHEMA}"
    with pytest.raises(InputError, match=message), open_embeddings(path):
        pass


@pytest.mark.parametrize("share", [0, 0.3, 0.9])
def test_truncated_file_is_refused(path, share):
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    message = r"x\.h5: not a complete HDF5 file"
    with pytest.raises(InputError, match=message), open_embeddings(path):
        pass


@pytest.mark.parametrize("family", sorted(networks.TINY))
@pytest.mark.parametrize("arm", ["reinit", "resample"])
def test_ledger_reads_as_it_was_written(tmp_path, family, arm):
    ledger = ablate(networks.random_network(family), networks.ablation(arm, family), 0)
    with new_embeddings(tmp_path / "x.h5", IDS, LENGTHS, 3, WIDTHS, ATTRIBUTES) as writer:
        write_ledger(writer.file, ledger)
    assert read_ledger(tmp_path / "x.h5") == ledger


def test_file_without_ablation_has_no_ledger(path):
    assert read_ledger(path) == []
