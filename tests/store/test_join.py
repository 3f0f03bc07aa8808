"""Files of shards under one name: read as one array, nothing copied, nothing damaged or missing."""

import h5py
import numpy as np
import pytest

from helpers.embeddings import write_embeddings
from helpers.extraction import embed
from plmbench.core.errors import InputError
from plmbench.core.poolings import RESIDUES
from plmbench.store.embeddings import open_embeddings, read_ledger, write_ledger
from plmbench.store.join import join_embeddings

LAYERS, DIM = 3, 4
COUNTS = [3, 2, 4]  # sequences of each shard
LENGTHS = [[9, 7, 2], [8, 5], [6, 6, 3, 1]]
SAME = {
    "long_sequences": "drop",
    "sequences_sha256": "x",
    "masked_residues": 1,
    "above_max_length": 2,
    "device": "cpu",
}


def ids_of(shard):
    return [f"{shard}-{row}" for row in range(COUNTS[shard])]


def values_of(shard, rows):
    generator = np.random.default_rng([shard, rows])
    return generator.normal(size=(LAYERS, rows, DIM)).astype(np.float32)


def written(folder, shard, **attributes):
    """Write the file of a shard in the folder of the data set's file, and return its path."""
    path = folder / "pretrained" / f"{shard:016x}.h5"
    path.parent.mkdir(exist_ok=True)
    poolings = {"mean": COUNTS[shard], RESIDUES: sum(LENGTHS[shard])}
    values = {name: values_of(shard, rows) for name, rows in poolings.items()}
    left_out = [f"long {shard}"] if shard else []
    facts = SAME | {"shard": f"{shard:016x}"} | attributes
    write_embeddings(path, ids_of(shard), values, LENGTHS[shard], left_out, **facts)
    return path


@pytest.fixture
def joined(tmp_path):
    path = tmp_path / "pretrained.h5"
    join_embeddings([written(tmp_path, shard) for shard in range(3)], path)
    return path


def test_readers_see_one_array_of_every_pooling(joined):
    with open_embeddings(joined) as embeddings:
        assert embeddings.ids.tolist() == [name for shard in range(3) for name in ids_of(shard)]
        assert embeddings.file["lengths"][:].tolist() == [9, 7, 2, 8, 5, 6, 6, 3, 1]
        assert embeddings.file["mean"].shape == (LAYERS, 9, DIM)
        mean = np.concatenate([values_of(shard, COUNTS[shard]) for shard in range(3)], axis=1)
        residues = [values_of(shard, sum(LENGTHS[shard])) for shard in range(3)]
        residues = np.concatenate(residues, axis=1)
        for layer in range(LAYERS):
            np.testing.assert_array_equal(embeddings.layer("mean", layer), mean[layer])
            found = embeddings.residues(layer, embeddings.spans(embeddings.ids))
            np.testing.assert_array_equal(found, residues[layer])
            for pooling in embeddings.poolings:
                embeddings.check(pooling, layer)
        assert embeddings.dropped == {"long 1", "long 2"}


def test_nothing_is_copied(joined):
    with open_embeddings(joined) as embeddings:
        assert embeddings.file["mean"].is_virtual
        assert embeddings.file[f"{RESIDUES}/values"].is_virtual
    assert joined.stat().st_size < 50_000  # bytes


def test_counts_are_added_and_digests_taken_together(joined):
    with open_embeddings(joined) as embeddings:
        assert embeddings.attributes["masked_residues"] == 3
        assert embeddings.attributes["above_max_length"] == 6
        assert embeddings.attributes["device"] == "cpu"
        assert embeddings.attributes["sequences_sha256"] != "x"
        assert "shard" not in embeddings.attributes


def test_a_folder_that_is_moved_is_read_from_its_new_place(joined, tmp_path, monkeypatch):
    moved = tmp_path / "else where"
    moved.mkdir()
    (tmp_path / "pretrained").rename(moved / "pretrained")
    joined.rename(moved / joined.name)
    monkeypatch.chdir("/")
    with open_embeddings(moved / joined.name) as embeddings:
        np.testing.assert_array_equal(embeddings.layer("mean", 1)[:3], values_of(0, 3)[1])


def test_shards_of_other_weights_are_not_joined(tmp_path):
    paths = [written(tmp_path, 0), written(tmp_path, 1, checkpoint_sha256="b")]
    with pytest.raises(InputError, match="its checkpoint_sha256 is another than that of") as caught:
        join_embeddings(paths, tmp_path / "x.h5")
    assert str(caught.value).startswith(str(paths[1]))
    assert not (tmp_path / "x.h5").exists()


def test_a_shard_that_is_gone_is_named(joined):
    path = joined.parent / "pretrained" / f"{1:016x}.h5"
    path.unlink()
    with (
        pytest.raises(InputError, match="a shard that is not there") as caught,
        open_embeddings(joined),
    ):
        pass
    assert str(path) in str(caught.value)


def test_a_shard_of_fewer_sequences_is_refused(joined):
    path = joined.parent / "pretrained" / f"{1:016x}.h5"
    values = {"mean": values_of(1, 1), RESIDUES: values_of(1, 8)}
    write_embeddings(path, ["1-0"], values, [8])
    with pytest.raises(InputError, match="is not what was joined"), open_embeddings(joined):
        pass


def spoil(path, value):
    """Change one bit of a number in a file, wherever it stands."""
    data = bytearray(path.read_bytes())
    where = data.index(np.float32(value).tobytes())
    data[where] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("pooling", ["mean", RESIDUES])
def test_a_changed_bit_names_its_shard_and_what_to_delete(joined, pooling):
    path = joined.parent / "pretrained" / f"{2:016x}.h5"
    rows = COUNTS[2] if pooling == "mean" else sum(LENGTHS[2])
    spoil(path, values_of(2, rows)[1, 3, 2])
    with open_embeddings(joined) as embeddings:
        embeddings.check(pooling, 0)
        with pytest.raises(InputError) as caught:
            embeddings.check(pooling, 1)
    assert f"delete {path} and {joined}, and run again" in str(caught.value)


def test_the_ledger_of_the_shards_is_that_of_the_data_set(tmp_path):
    paths = [written(tmp_path, shard) for shard in range(2)]
    ledger = [{"parameter": "w", "mean_after": 0.5}]
    for path in paths:
        with h5py.File(path, "r+") as file:
            write_ledger(file, ledger)
    join_embeddings(paths, tmp_path / "x.h5")
    assert read_ledger(tmp_path / "x.h5") == ledger


def test_a_shard_of_nothing_but_long_sequences_leaves_its_ids_alone(tmp_path):
    short = {f"{i:016x}": "ACDEFGHIKL" for i in range(3)}
    tables = {"a": short, "b": {f"{i:016x}": "ACDEFGHIKLMN" for i in range(5, 7)}}
    paths = []
    for shard, sequences in tables.items():
        folder = tmp_path / shard
        folder.mkdir()
        settings = {"long_sequences": "drop", "precision": "bfloat16", "poolings": ["mean"]}
        network = {"max_length": 10}
        paths.append(embed(folder, "esm2", sequences, shard=shard, network=network, **settings))
    join_embeddings(paths, tmp_path / "x.h5")
    with open_embeddings(tmp_path / "x.h5") as embeddings:
        assert embeddings.ids.tolist() == list(short)
        assert embeddings.dropped == set(tables["b"])
        assert np.isfinite(embeddings.layer("mean", 3)).all()
    with pytest.raises(InputError, match="every sequence is above the model's max_length"):
        join_embeddings(paths[1:], tmp_path / "y.h5")
