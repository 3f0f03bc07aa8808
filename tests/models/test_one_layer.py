"""The baselines of images and of texts: what they say of an example, whatever stands beside it."""

import numpy as np
import pytest
import torch
from PIL import Image

from helpers.images import picture
from plmbench.core.examples import packed_image, packed_text
from plmbench.core.poolings import POOLS
from plmbench.models.families import example_for, lengths_of, load_encoder


def layer_of(encoder, examples):
    """Return layer 0 of an encoder, float32 [example, token, number]."""
    kept = []
    encoder.embed([encoder.tokenize(examples)], lambda layer, states: kept.append(states[0]))
    (layer,) = kept
    return layer


@pytest.mark.parametrize("side", [4, 8, 12])
def test_pixels_side_by_side_are_the_image(side):
    encoder, _ = load_encoder("pixels", "pixels.Pixels", side=side)
    images = [picture(i, (8, 8)) for i in range(3)]
    states = layer_of(encoder, [packed_image(8, 8, image.tobytes()) for image in images])
    flat = POOLS["flat"](states, encoder.residues(states), ())
    assert flat.shape == (3, side * side * 3)
    for row, image in zip(flat, images, strict=True):
        scaled = image if side == 8 else image.resize((side, side), Image.Resampling.BICUBIC)
        assert np.allclose(row.numpy() * 255, np.asarray(scaled).ravel(), atol=1e-4)


def test_a_bag_holds_the_counts_of_words_in_any_order():
    settings = {"architecture": {"hidden_size": 512}}
    encoder, _ = load_encoder("bag", "words.BagOfWords", **settings)
    texts = ["a cat, a dog", "dog cat", "dog dog cat", "%41 naïve\tcat"]
    states = layer_of(encoder, [packed_text(text) for text in texts])
    assert states.shape == (4, 1, 512)
    bags = POOLS["mean"](states, encoder.residues(states), ())
    assert torch.equal(bags[0], bags[1])
    assert not torch.equal(bags[1], bags[2])
    assert bags.square().sum(1).tolist() == pytest.approx([1] * 4)


@pytest.mark.parametrize(
    ("encoder", "settings"),
    [("pixels.Pixels", {"side": 3}), ("words.BagOfWords", {"architecture": {"hidden_size": 8}})],
)
def test_lengths_are_those_of_tokens(encoder, settings):
    loaded, _ = load_encoder("any", encoder, **settings)
    examples = [example_for(loaded, "A")] * 2
    tokens = loaded.tokenize(examples)
    assert loaded.residues(tokens).sum(1).tolist() == lengths_of(loaded, examples)
