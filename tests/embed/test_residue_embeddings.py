"""Every residue's states in an embedding file: ragged, of the layers and numbers asked for."""

import logging

import h5py
import numpy as np
import pytest
import torch

from helpers import networks
from helpers.extraction import (
    CPU,
    FAMILIES,
    LENGTHS,
    SEQUENCES,
    embed,
    nothing_left,
    residues_of,
    states_of,
    vectors,
)
from helpers.networks import load_encoder
from plmbench.core.errors import InputError
from plmbench.core.poolings import RESIDUES
from plmbench.embed.forward import Pooling, pooled
from plmbench.models.checkpoints import load_checkpoint

ONLY = {"poolings": [RESIDUES]}


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    return request.param


def test_each_id_has_its_own_residues_in_order(family, tmp_path):
    path = embed(tmp_path, family, **ONLY)
    encoder = load_encoder("tiny", family, tmp_path / "tiny.pt")[0]
    found = residues_of(path)
    assert set(found) == set(SEQUENCES)
    for name, text in SEQUENCES.items():
        expected = states_of(encoder, text)
        assert found[name].shape == (4, len(text), 32)
        scale = np.abs(expected).mean((1, 2))
        assert (np.abs(found[name] - expected).max((1, 2)) <= 1e-4 * scale).all()


def test_offsets_follow_the_lengths_of_the_sequences_as_they_stand(tmp_path):
    with h5py.File(embed(tmp_path, "esm2", **ONLY)) as file:
        lengths = file["lengths"][:]
        assert lengths.tolist() == sorted(LENGTHS, reverse=True)
        offsets = file[f"{RESIDUES}/offsets"][:]
        assert offsets.tolist() == [0, *np.cumsum(lengths)]
        assert file[f"{RESIDUES}/values"].shape == (4, sum(LENGTHS), 32)


@pytest.mark.parametrize("tokens_per_batch", [1, 100])
def test_batching_does_not_change_residues(family, tokens_per_batch, tmp_path):
    expected = residues_of(embed(tmp_path, family, **ONLY))
    compute = {"tokens_per_batch": tokens_per_batch}
    found = residues_of(embed(tmp_path, family, compute=compute, **ONLY))
    for name, states in expected.items():
        assert np.abs(found[name] - states).max() <= 1e-4 * np.abs(states).mean()


def test_the_mean_of_the_stored_residues_is_the_mean_pooling(family, tmp_path):
    path = embed(tmp_path, family, poolings=["mean", "max", RESIDUES])
    residues, means, largest = residues_of(path), vectors(path), vectors(path, "max")
    for name, states in residues.items():
        assert np.allclose(states.mean(1), means[name], atol=1e-5)
        assert np.array_equal(states.max(1), largest[name])


SAME_LENGTH = {f"v{i}": "MKVLAWTRHE"[:i] + "ACDFG"[i % 5] + "MKVLAWTRHE"[i + 1 :] for i in range(9)}


def test_poolings_at_sites_are_slices_of_the_stored_residues(family, tmp_path):
    poolings, sites = ["flat", "mutated", "sites", RESIDUES], [0, 4, 9]
    path = embed(tmp_path, family, SAME_LENGTH, sites=sites, poolings=poolings)
    residues = residues_of(path)
    for name, states in residues.items():
        at_sites = np.stack([states[:, 0], states[:, 4], states[:, 9]], 1)
        assert np.array_equal(vectors(path, "sites")[name], at_sites.reshape(4, -1))
        assert np.allclose(vectors(path, "mutated")[name], at_sites.mean(1), atol=1e-5)
        assert np.array_equal(vectors(path, "flat")[name], states.reshape(4, -1))


@pytest.mark.parametrize(
    ("choice", "stored"),
    [("all", [0, 1, 2, 3]), ([0, -1], [0, 3]), ([-2], [2]), ({"every": 2}, [0, 2, 3])],
)
def test_the_layers_of_the_configuration_are_stored(choice, stored, tmp_path):
    everything = residues_of(embed(tmp_path, "carp", **ONLY))
    path = embed(tmp_path, "carp", layers=choice, **ONLY)
    with h5py.File(path) as file:
        assert file[f"{RESIDUES}/layers"][:].tolist() == stored
        assert file.attrs["num_layers"] == 4  # of the network
    for name, states in residues_of(path).items():
        assert np.array_equal(states, everything[name][stored])


def test_the_choice_of_layers_is_for_residues_alone(tmp_path):
    means = vectors(embed(tmp_path, "carp", poolings=["mean"]))
    path = embed(tmp_path, "carp", poolings=["mean", RESIDUES], layers=[2])
    for name, found in vectors(path).items():
        assert np.array_equal(found, means[name])
    assert {len(states) for states in residues_of(path).values()} == {1}


def test_a_layer_that_the_network_has_not_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"has no layer of this model, which has 0 to 3"):
        embed(tmp_path, "esm2", layers=[4], **ONLY)
    assert nothing_left(tmp_path)


def test_float16_residues_are_those_of_float32_rounded(family, tmp_path):
    expected = residues_of(embed(tmp_path, family, **ONLY))
    path = embed(tmp_path, family, dtype="float16", **ONLY)
    with h5py.File(path) as file:
        assert file[f"{RESIDUES}/values"].dtype == np.float16
        assert (file.attrs["dtype"], file.attrs["precision"]) == ("float16", "float32")
    for name, states in residues_of(path).items():
        assert np.array_equal(states, expected[name].astype(np.float16))


@pytest.mark.parametrize("pooling", ["mean", RESIDUES])
def test_a_network_whose_numbers_overflow_float16_is_refused_and_not_stored(pooling, tmp_path):
    path = networks.save_tiny("esm2", tmp_path / "large.pt")
    data, _ = load_checkpoint(path)
    data["model"]["encoder.sentence_encoder.emb_layer_norm_after.bias"][:] = 1e5
    torch.save(data, path)
    with pytest.raises(InputError) as caught:
        embed(tmp_path, "esm2", checkpoint=path, poolings=[pooling], dtype="float16")
    assert "layer 3 of sequence P5 is not finite in float16" in str(caught.value)
    assert "set dtype to float32" in str(caught.value)
    assert nothing_left(tmp_path)
    embed(tmp_path, "esm2", checkpoint=path, poolings=[pooling])


def test_a_disk_without_room_is_refused_before_the_first_batch(tmp_path, caplog):
    caplog.set_level(logging.INFO, "plmbench")
    wide = {"architecture": {"hidden_size": 10**12}}
    with pytest.raises(InputError, match=r"the embeddings need [0-9.]+ GB and the disk has"):
        embed(tmp_path, "random_projection", network=wide, weights="none", **ONLY)
    size = sum(LENGTHS) * 2 * 10**12 * 4
    assert f"{size / 1e6:.1f} MB to write" in caplog.text
    assert nothing_left(tmp_path)


def test_one_hot_residues_are_the_letters(tmp_path):
    found = residues_of(embed(tmp_path, "onehot", {"x": "AC#", "y": "Y"}, "none", **ONLY))
    assert found["x"].shape == (1, 3, 20)
    assert found["x"][0].argmax(1).tolist()[:2] == [0, 1]
    assert found["x"][0].sum(1).tolist() == [1, 1, 0]
    assert found["y"][0].argmax() == 19


def test_a_batch_of_residues_is_one_sequence_after_the_other(family, tmp_path):
    path = networks.save_tiny(family, tmp_path / "tiny.pt")
    encoder = load_encoder("tiny", family, path)[0]
    texts = ["MKVLA", "WTR", "H"]
    found = pooled(encoder, texts, Pooling([RESIDUES], residue_layers=[1, 3]), CPU)[RESIDUES]
    assert found.shape == (2, 9, 32)
    assert found.dtype == np.float32
    expected = np.concatenate([states_of(encoder, text)[[1, 3]] for text in texts], 1)
    assert np.allclose(found, expected, atol=1e-4)
