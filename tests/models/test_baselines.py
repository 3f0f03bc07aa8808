"""Representations without a network: one-hot, and the negative controls."""

import numpy as np
import pytest
import torch

from helpers.extraction import CPU, SEQUENCES
from helpers.networks import load_encoder
from plmbench.core.alphabet import STANDARD
from plmbench.core.poolings import RESIDUES
from plmbench.embed.forward import Pooling, pooled

TEXTS = sorted(SEQUENCES.values(), key=len, reverse=True)
WIDTH = 24


def encoder_of(family):
    settings = {"architecture": {"hidden_size": WIDTH}} if family == "random_projection" else {}
    return load_encoder(family, family, **settings)[0]


def vectors(family, texts, name="mean"):
    """Return [layer, sequence, width] of a batch."""
    layers = range(encoder_of(family).num_layers + 1)
    return pooled(encoder_of(family), texts, Pooling([name], layers), CPU)[name]


@pytest.mark.parametrize(
    ("family", "layers", "dim"),
    [("onehot", 0, 20), ("composition", 0, 20), ("length", 0, 1), ("random_projection", 1, WIDTH)],
)
def test_each_has_its_layers_and_width_no_checkpoint_and_nothing_to_ablate(family, layers, dim):
    settings = {"architecture": {"hidden_size": WIDTH}} if family == "random_projection" else {}
    encoder, digest = load_encoder(family, family, num_layers=layers, hidden_size=dim, **settings)
    assert digest == ""
    assert list(encoder.module.parameters()) == []
    kept = {}
    encoder.embed(
        [encoder.tokenize(["MKV", "A"])], lambda layer, states: kept.update({layer: states[0]})
    )
    assert list(kept) == list(range(layers + 1))
    assert {tuple(states.shape) for states in kept.values()} == {(2, 3, dim)}
    assert {states.dtype for states in kept.values()} == {torch.float32}


@pytest.mark.parametrize("family", ["onehot", "composition", "length", "random_projection"])
def test_letters_are_residues_and_padding_is_none(family):
    encoder = encoder_of(family)
    tokens = encoder.tokenize(["MKVX#", "A"])
    assert encoder.residues(tokens).tolist() == [[True] * 5, [True] + [False] * 4]


def test_one_hot_marks_the_letter_and_leaves_rare_and_masked_ones_blank():
    encoder, kept = encoder_of("onehot"), {}
    encoder.embed(
        [encoder.tokenize([STANDARD + "BOUXZ#"])],
        lambda layer, states: kept.update({layer: states[0]}),
    )
    assert torch.equal(kept[0][0], torch.cat([torch.eye(20), torch.zeros(6, 20)]))


def test_composition_is_the_mean_of_one_hot():
    expected = vectors("onehot", TEXTS)
    assert np.allclose(vectors("composition", TEXTS), expected, atol=1e-6)
    counts = [[text.count(letter) / len(text) for letter in STANDARD] for text in TEXTS]
    assert np.allclose(expected[0], counts, atol=1e-6)


def test_composition_stands_at_every_residue_alike():
    states = vectors("composition", ["MKKA", "AC"], RESIDUES)[0]
    assert np.array_equal(states[:4], states[[0]].repeat(4, 0))
    assert states[0][STANDARD.index("K")] == 0.5
    assert states[4][STANDARD.index("C")] == 0.5


def test_length_is_the_number_of_residues():
    lengths = [[len(text)] for text in TEXTS]
    assert vectors("length", TEXTS)[0].tolist() == lengths
    assert vectors("length", ["MKV", "A#"], RESIDUES)[0].ravel().tolist() == [3, 3, 3, 2, 2]


def unit_vectors(length):
    """Return the random projection of each letter at each position [position, letter, dim], from
    sequences in which all other letters are blank."""
    texts = [
        "X" * i + letter + "X" * (length - i - 1) for i in range(length) for letter in STANDARD
    ]
    return length * vectors("random_projection", texts)[1].reshape(length, 20, WIDTH)


def test_the_mean_of_layer_1_is_a_linear_map_of_the_flattened_one_hot():
    texts = [text for text in TEXTS if len(text) == 40]
    assert len(texts) == 2
    flattened = vectors("onehot", texts, "flat")[0].reshape(len(texts), 40 * 20)
    expected = flattened @ unit_vectors(40).reshape(40 * 20, WIDTH) / 40
    assert np.allclose(vectors("random_projection", texts)[1], expected, atol=1e-5)


def test_every_position_has_its_own_gaussian_map():
    units = unit_vectors(60)
    assert abs(units.mean()) < 0.02
    assert abs(units.std() - 1) < 0.02
    rows = units.reshape(60, -1)
    assert np.abs(np.corrcoef(rows) - np.eye(60)).max() < 0.3  # at random 0.05 on average


def test_layer_0_sees_composition_only_and_layer_1_the_order():
    text, turned = "ACDEFGHIKL", "LKIHGFEDCA"
    states = vectors("random_projection", [text, turned])
    assert np.allclose(states[0, 0], states[0, 1], atol=1e-6)
    assert np.abs(states[1, 0] - states[1, 1]).max() > 0.1
    composition = vectors("composition", TEXTS)[0]
    letters = vectors("random_projection", list(STANDARD))[0]
    assert np.allclose(vectors("random_projection", TEXTS)[0], composition @ letters, atol=1e-5)


def test_a_random_projection_is_the_same_whatever_the_batch_and_what_ran_before():
    together = vectors("random_projection", TEXTS)
    torch.manual_seed(5)
    np.random.seed(5)
    short_first = encoder_of("random_projection")
    for i, text in reversed(list(enumerate(TEXTS))):
        alone = pooled(short_first, [text], Pooling(["mean"]), CPU)["mean"][:, 0]
        assert np.allclose(alone, together[:, i], atol=1e-6)
    assert torch.initial_seed() == 5


def test_a_random_projection_of_another_width_is_another():
    wide = load_encoder("r", "random_projection", architecture={"hidden_size": 40})[0]
    assert pooled(wide, ["MKV"], Pooling(["mean"]), CPU)["mean"].shape == (2, 1, 40)
