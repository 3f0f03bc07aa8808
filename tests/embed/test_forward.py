"""From sequences and a checkpoint to an embedding file, on tiny real networks."""

from importlib.metadata import version

import h5py
import numpy as np
import pytest
import torch

from helpers import networks
from helpers.extraction import (
    CPU,
    FAMILIES,
    LENGTHS,
    LETTERS,
    SEQUENCES,
    embed,
    nothing_left,
    vectors,
)
from helpers.networks import load_encoder
from plmbench.core.digests import sha256_of_file
from plmbench.core.errors import InputError
from plmbench.embed.forward import Pooling, pooled
from plmbench.hardware.matmul import matmul_for
from plmbench.models.checkpoints import load_checkpoint
from plmbench.store.embeddings import read_ledger

BEFORE = {"esm1": 1, "esm1b": 1, "esm2": 1, "carp": 0}  # tokens before the first residue
MEAN = Pooling(["mean"])


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture(scope="module")
def encoder(family, tmp_path_factory):
    path = networks.save_tiny(family, tmp_path_factory.mktemp(family) / "tiny.pt")
    return load_encoder("tiny", family, path)[0]


def test_residues_are_all_letters_and_no_other_token(family, encoder):
    texts = [*SEQUENCES.values(), LETTERS, "A", "#", "GGG"]
    tokens = encoder.tokenize(texts)
    assert tokens.dtype == torch.int64
    for text, residues in zip(texts, encoder.residues(tokens), strict=True):
        expected = torch.zeros(tokens.shape[1], dtype=torch.bool)
        expected[BEFORE[family] : BEFORE[family] + len(text)] = True
        assert torch.equal(residues, expected)


@pytest.mark.parametrize("letter", "CWX")
def test_last_residue_counts_at_layer_0(encoder, letter):
    """Mean pooling of the layer without context moves by the last letter's own share."""
    texts = ["ACDK", f"ACD{letter}", "ACD"]
    whole, other, short = (pooled(encoder, [t], MEAN, CPU)["mean"][0, 0] for t in texts)
    assert np.abs(whole - other).max() > 0.01
    assert np.abs(whole - short).max() > 0.01


@pytest.mark.parametrize("tokens_per_batch", [1, 100, 4096, "200"])
def test_batching_does_not_change_embeddings(family, tokens_per_batch, tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    compute = {"tokens_per_batch": tokens_per_batch}
    expected = embed(tmp_path / "one", family)
    found = embed(tmp_path / "other", family, compute=compute)
    for pooling in ("mean", "max"):
        one, other = vectors(expected, pooling), vectors(found, pooling)
        assert list(one) == list(other)
        scale = np.mean([np.abs(v).mean(1) for v in one.values()], 0)
        for name in one:
            assert (np.abs(one[name] - other[name]).max(1) <= 1e-5 * scale).all()


def test_each_id_has_its_own_sequences_embedding(family, encoder, tmp_path):
    found = vectors(embed(tmp_path, family))
    assert set(found) == set(SEQUENCES)
    for name, text in SEQUENCES.items():
        alone = pooled(encoder, [text], MEAN, CPU)["mean"][:, 0]
        assert np.allclose(found[name], alone, atol=1e-4)


def test_file_records_where_it_comes_from(family, tmp_path):
    path = embed(tmp_path, family, weights="reinit-7")
    with h5py.File(path) as file:
        assert file["lengths"][:].tolist() == sorted(LENGTHS, reverse=True)
        found = dict(file.attrs)
    assert found.pop("checkpoint_sha256") == sha256_of_file(tmp_path / "tiny.pt")
    assert len(found.pop("sequences_sha256")) == 64
    assert f"torch {version('torch')}" in found.pop("versions")
    assert found == {
        "schema": 4,
        "num_layers": 4,
        "dtype": "float32",
        "dataset": "letters",
        "model": "tiny",
        "weights": "reinit-7",
        "ablation": "reinit",
        "seed": 7,
        "poolings": "mean max",
        "nonstandard_residues": "error",
        "long_sequences": "error",
        "max_length": 0,
        "above_max_length": 0,
        "masked_residues": sum(text.count("#") for text in SEQUENCES.values()),
        "code": "c0de",
        "device": "cpu",
        "backend": "fast",
        "matmul": matmul_for(CPU).name,
        "precision": "float32",
    }


@pytest.mark.parametrize("weights", ["pretrained", "reinit-0", "resample-3"])
def test_same_run_gives_the_same_bytes(family, weights, tmp_path):
    checkpoint = networks.save_tiny(family, tmp_path / "shared.pt")
    first = embed(tmp_path, family, weights=weights, checkpoint=checkpoint).read_bytes()
    assert embed(tmp_path, family, weights=weights, checkpoint=checkpoint).read_bytes() == first


def test_ablated_embeddings_carry_their_ledger(family, tmp_path):
    pretrained = embed(tmp_path, family)
    expected = vectors(pretrained)
    assert read_ledger(pretrained) == []
    ablated = embed(tmp_path, family, weights="resample-0")
    names = [name for name, _ in networks.random_network(family).named_parameters()]
    assert [row["parameter"] for row in read_ledger(ablated)] == names
    found = vectors(ablated)
    assert all(not np.allclose(found[n][3], expected[n][3], atol=0.01) for n in found)


def test_flat_pooling_of_unequal_lengths_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"'flat'.*1 to 90 residues"):
        embed(tmp_path, "onehot", weights="none", poolings=["flat"])
    assert nothing_left(tmp_path)


def test_flat_pooling_keeps_every_residue(tmp_path):
    path = embed(tmp_path, "onehot", {"x": "AC", "y": "YX"}, "none", poolings=["flat"])
    x, y = (vectors(path, "flat")[name].reshape(2, 20) for name in "xy")
    assert x.nonzero()[1].tolist() == [0, 1]
    assert [row.nonzero()[0].tolist() for row in y] == [[19], []]


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (float("nan"), r"layers\.1\..*bias' holds a value that is not finite"),
        (float("inf"), r"layers\.1\..*bias' holds a value that is not finite"),
        (3e38, r"layer \d of sequence P5 is not finite"),  # finite, and not what it leads to
    ],
)
def test_what_is_not_finite_is_named_and_leaves_no_file(family, value, named, tmp_path):
    path = networks.save_tiny(family, tmp_path / "broken.pt")
    data, _ = load_checkpoint(path)
    state = data["model_state_dict" if family == "carp" else "model"]
    for name in state:
        if "layers.1." in name and name.endswith("bias"):
            state[name][:] = value
    torch.save(data, path)
    with pytest.raises(InputError, match=named):
        embed(tmp_path, family, checkpoint=path)
    assert nothing_left(tmp_path)
