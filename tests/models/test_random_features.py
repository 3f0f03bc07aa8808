"""Random features: one hidden layer of random weights over one-hot, a nonlinear control."""

import numpy as np
import pytest
import torch

from helpers.extraction import CPU, SEQUENCES
from helpers.networks import load_encoder
from plmbench.core.poolings import RESIDUES
from plmbench.embed.forward import Pooling, pooled

TEXTS = sorted(SEQUENCES.values(), key=len, reverse=True)
WIDTH = 64


def encoder_of(width=WIDTH):
    return load_encoder("r", "random_features", architecture={"hidden_size": width})[0]


def vectors(texts, name="mean", encoder=None):
    """Return [layer, sequence, width] of a batch."""
    return pooled(encoder or encoder_of(), texts, Pooling([name], range(2)), CPU)[name]


def test_units_are_rectified_and_about_half_of_them_are_off():
    states = vectors(TEXTS, RESIDUES)
    assert states.shape == (2, sum(map(len, TEXTS)), WIDTH)
    assert states.min() == 0
    assert (states == 0).mean(axis=(1, 2)) == pytest.approx([0.5, 0.5], abs=0.15)


def test_layer_0_sees_the_letters_around_a_residue_and_no_others():
    text = "ACDEFGHIKLMNPQRSTVWYACDEF"
    states = vectors([text], RESIDUES)[0]
    for place in (0, 10, 24):
        other = text[:place] + ("A" if text[place] != "A" else "C") + text[place + 1 :]
        changed = np.abs(vectors([other], RESIDUES)[0] - states).max(1) > 1e-6
        assert set(np.flatnonzero(changed)) == set(range(max(0, place - 4), min(25, place + 5)))


def test_layer_1_sees_every_letter_at_its_place_and_stands_at_each_residue_alike():
    text, swapped = "ACDEFGHIKL" * 3, "CADEFGHIKL" + "ACDEFGHIKL" * 2
    states = vectors([text, swapped], RESIDUES)[1]
    assert np.array_equal(states[:30], states[[0]].repeat(30, 0))
    assert np.abs(states[0] - states[30]).max() > 0.01


def test_they_are_not_linear_in_one_hot():
    """Two letters changed together give another step than the two steps alone."""
    plain, one, two, both = vectors(["AAAA", "CAAA", "ADAA", "CDAA"])[1]
    assert np.abs((one - plain) + (two - plain) - (both - plain)).max() > 0.1


def test_they_are_the_same_whatever_the_batch_and_what_ran_before():
    together = vectors(TEXTS)
    torch.manual_seed(5)
    np.random.seed(5)
    encoder = encoder_of()
    for i, text in reversed(list(enumerate(TEXTS))):
        assert np.allclose(vectors([text], encoder=encoder)[:, 0], together[:, i], atol=1e-6)
    assert torch.initial_seed() == 5


def test_letters_that_are_blank_add_nothing():
    assert np.allclose(vectors(["MXV"]), vectors(["M#V"]), atol=1e-6)


def test_a_task_with_an_interaction_is_learned_where_a_linear_projection_learns_nothing():
    """A parity of two places: zero correlation with any letter, seen by the hidden layer."""
    draw = np.random.default_rng(0)
    texts = ["".join(draw.choice(list("AC"), 6)) for _ in range(600)]
    y = np.array([1.0 if text[0] == text[1] else -1.0 for text in texts])
    scores = {}
    for family in ("random_projection", "random_features"):
        encoder = load_encoder("r", family, architecture={"hidden_size": 256})[0]
        X = pooled(encoder, texts, Pooling(["mean"], range(2)), CPU)["mean"][1]
        X = np.hstack([X, np.ones((len(X), 1))])
        gram = X[:400].T @ X[:400] + np.eye(X.shape[1])
        predicted = X[400:] @ np.linalg.solve(gram, X[:400].T @ y[:400])
        scores[family] = np.corrcoef(predicted, y[400:])[0, 1]
    assert scores["random_features"] > 0.9
    assert abs(scores["random_projection"]) < 0.3
