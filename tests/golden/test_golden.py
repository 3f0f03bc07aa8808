"""Every layer of our encoders is what the libraries' own forward passes return."""

from pathlib import Path

import numpy as np
import pytest
import torch
from esm import Alphabet
from sequence_models.collaters import SimpleCollater
from sequence_models.constants import PROTEIN_ALPHABET

from helpers import networks
from helpers.extraction import embed, residues_of
from helpers.networks import load_encoder
from plmbench.core.poolings import RESIDUES
from plmbench.embed.forward import Pooling, pooled
from plmbench.hardware.matmul import PackedProduct, Product, agrees, matmul_for

FAMILIES = sorted(networks.TINY)
LETTERS = "ACDEFGHIKLMNPQRSTVWYXBZUO#"
BEFORE = {"esm1": 1, "esm1b": 1, "esm2": 1, "carp": 0}  # tokens before the first residue
TOLERANCE = 1e-5  # of a layer's mean magnitude
BOTH = Pooling(["mean", "max"])
PRODUCTS = {"unpacked": None, "torch": Product, "oneDNN": PackedProduct}


def sequence(length, seed=0, letters=LETTERS):
    """Return a random sequence."""
    return "".join(np.random.default_rng(seed).choice(list(letters), length))


def tokens_of(family, sequences):
    """Return the library's own tokens; fair-esm writes a masked residue `<mask>`."""
    if family == "carp":
        return SimpleCollater(PROTEIN_ALPHABET, pad=True)([[text] for text in sequences])[0]
    alphabet = Alphabet.from_architecture("ESM-1" if family == "esm1" else "ESM-1b")
    texts = [("", text.replace("#", "<mask>")) for text in sequences]
    return alphabet.get_batch_converter()(texts)[2]


@torch.inference_mode()
def library_states(network, family, sequences):
    """Return [layer, sequence, token, dim] of the library's own forward pass."""
    layers = range(networks.layers_of(network) + 1)
    result = network(tokens_of(family, sequences), repr_layers=list(layers))
    # sequence-models returns layer 0 beside the others, not among them.
    states = {0: result.get(0), **result["representations"]}
    return torch.stack([states[layer] for layer in layers])


@torch.inference_mode()
def our_states(encoder, sequences):
    """Return [layer, sequence, token, dim]."""
    kept = {}
    encoder.embed(
        [encoder.tokenize(sequences)], lambda layer, states: kept.update({layer: states[0]})
    )
    return torch.stack([kept[layer] for layer in range(encoder.num_layers + 1)])


def distance(ours, theirs):
    """Return the largest difference at each layer, in units of that layer's mean magnitude."""
    return (ours - theirs).abs().flatten(1).amax(1) / theirs.abs().flatten(1).mean(1)


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture(scope="module", params=PRODUCTS)
def encoder(request, family, tmp_path_factory):
    """Return an encoder over the library's weights as they are, or packed into products."""
    path = networks.save_tiny(family, tmp_path_factory.mktemp(family) / "tiny.pt")
    encoder = load_encoder("tiny", family, path, **networks.TINY[family])[0]
    if product := PRODUCTS[request.param]:
        if not agrees(product):
            pytest.skip("this torch has no oneDNN, or a wrong one")
        encoder.pack(product)
    return encoder


@pytest.fixture(scope="module")
def network(family):
    return networks.random_network(family, **networks.SIZES[family])


@pytest.mark.parametrize("length", [1, 2, 5, 37, 1022])
def test_every_layer_equals_the_library(family, encoder, network, length):
    text = sequence(length, seed=length)
    theirs = library_states(network, family, [text])
    assert distance(our_states(encoder, [text]), theirs).max() <= TOLERANCE


def test_layers_differ_from_each_other(family, network):
    states = library_states(network, family, [sequence(37)])
    assert distance(states[1:], states[:-1]).min() > 0.1


@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_has_the_librarys_states(family, encoder, network, letter):
    text = f"MKV{letter}{letter}GLW"
    theirs = library_states(network, family, [text])
    assert distance(our_states(encoder, [text]), theirs).max() <= TOLERANCE


@pytest.mark.parametrize("text", ["#", "####", "A###", "#CDEFGHIKL"])
def test_masked_residues_have_the_librarys_states(family, encoder, network, text):
    theirs = library_states(network, family, [text])
    assert distance(our_states(encoder, [text]), theirs).max() <= TOLERANCE


def test_masked_residue_is_no_unknown_residue(encoder):
    masked, unknown = our_states(encoder, ["MK#V"]), our_states(encoder, ["MKXV"])
    assert distance(masked, unknown).min() > 0.01


def test_padded_batch_equals_the_libraries_padded_batch(family, encoder, network):
    texts = [sequence(length, seed=length) for length in (60, 37, 5, 2, 1)]
    ours, theirs = our_states(encoder, texts), library_states(network, family, texts)
    for i, text in enumerate(texts):
        mine = slice(0, len(text) + BEFORE[family])
        assert distance(ours[:, i, mine], theirs[:, i, mine]).max() <= TOLERANCE


def test_tokens_are_the_librarys(family, encoder):
    texts = [LETTERS, "#", "MKV#X", sequence(60)]
    assert torch.equal(encoder.tokenize(texts), tokens_of(family, texts))


def test_groups_one_after_the_other_equal_the_library_one_by_one(family, encoder, network):
    groups = [
        [sequence(60, 0), sequence(60, 1)],
        [sequence(37)],
        [sequence(1, s) for s in range(3)],
    ]
    kept = {}
    with torch.inference_mode():
        encoder.embed([encoder.tokenize(group) for group in groups], kept.__setitem__)
    for i, group in enumerate(groups):
        ours = torch.stack([kept[layer][i] for layer in range(encoder.num_layers + 1)])
        theirs = library_states(network, family, group)
        assert distance(ours, theirs).max() <= TOLERANCE


def test_batch_of_one_equals_batch_of_many(encoder):
    texts = [sequence(length, seed=length) for length in (60, 59, 37, 5, 2, 1)]
    many = pooled(encoder, texts, BOTH, torch.device("cpu"))
    for i, text in enumerate(texts):
        one = pooled(encoder, [text], BOTH, torch.device("cpu"))
        for pooling, found in one.items():
            gap = np.abs(found[:, 0] - many[pooling][:, i]).max(1)
            assert (gap <= TOLERANCE * np.abs(found).mean((1, 2))).all()


def test_pooling_equals_the_librarys_states_pooled_by_hand(family, encoder, network):
    texts = [sequence(length, seed=length) for length in (60, 37, 5, 1)]
    found = pooled(encoder, texts, BOTH, torch.device("cpu"))
    for i, text in enumerate(texts):
        alone = library_states(network, family, [text])[:, 0]
        residues = alone[:, BEFORE[family] : BEFORE[family] + len(text)]
        for pooling, expected in (("mean", residues.mean(1)), ("max", residues.amax(1))):
            ours = torch.from_numpy(found[pooling][:, i])
            assert distance(ours, expected).max() <= TOLERANCE


def test_stored_residues_are_the_librarys_states(family, network, tmp_path):
    texts = {f"P{length}": sequence(length, seed=length) for length in (5, 60, 1, 37, 2)}
    found = residues_of(embed(tmp_path, family, texts, poolings=[RESIDUES]))
    for name, text in texts.items():
        alone = library_states(network, family, [text])[:, 0]
        residues = alone[:, BEFORE[family] : BEFORE[family] + len(text)]
        assert found[name].shape == tuple(residues.shape)
        assert distance(torch.from_numpy(found[name]), residues).max() <= TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(networks.STUDY) - {"esm2_t36_3B_UR50D"}))
def test_network_of_full_depth_equals_the_library(name, tmp_path):
    family, sizes = networks.STUDY[name]
    path = Path(networks.save(family, tmp_path / f"{name}.pt", **sizes))
    encoder, _ = load_encoder(
        name, family, path, num_layers=sizes["num_layers"], hidden_size=sizes["hidden_size"]
    )
    path.unlink()  # gigabytes, which pytest would keep
    texts = [sequence(length, seed=length) for length in (300, 280, 1)]
    with torch.inference_mode():
        states = encoder.library_states(tokens_of(family, texts))
    theirs = torch.stack([states[layer] for layer in range(encoder.num_layers + 1)])
    encoder.pack(matmul_for(torch.device("cpu")))
    ours = our_states(encoder, texts)
    for i, text in enumerate(texts):
        mine = slice(0, len(text) + BEFORE[family])
        # At most 0.85 of it was measured; another processor rounds otherwise.
        assert distance(ours[:, i, mine], theirs[:, i, mine]).max() <= 2 * TOLERANCE
