"""Responses to nudges: exact where the network's own form says what they must be."""

import numpy as np
import pytest
import torch

from helpers.hub_folders import OTHERS, folder_of
from helpers.linear import Linear
from helpers.networks import TINY, load_encoder, save, save_tiny
from plmbench.core.alphabet import STANDARD
from plmbench.core.errors import InputError
from plmbench.hardware.matmul import PackedProduct, Product
from plmbench.models.transformers import Transformer
from plmbench.perturb import response
from plmbench.perturb.kinds import KINDS, Noise, Settings, directions
from plmbench.perturb.passes import plain_pass
from plmbench.perturb.responses import Nudges, parts_of, responses

SEQUENCE = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPIL"
NEXT = dict(zip(STANDARD, STANDARD[1:] + STANDARD[:1], strict=True))
OTHER = "".join(NEXT[letter] for letter in SEQUENCE)  # no residue is the same
CAUSAL = [f"hub_{kind}" for kind in ("gpt2_letters", "llama", "gpt_neox", "opt", "bart")]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Return `tiny(family, matmul)`: a network of fair-esm, CARP or transformers."""
    root = tmp_path_factory.mktemp("networks")

    def made(family, matmul=None):
        path = root / family
        if family in TINY:
            network, _ = load_encoder(family, family, save_tiny(family, path))
        else:
            kind = family.removeprefix("hub_")
            writing = OTHERS[kind][4] if kind in OTHERS else None
            part = "decoder" if family == "hub_bart" else None
            folder = folder_of(kind, path)
            network, _ = Transformer.load(kind, folder, writing=writing, part=part)
        network.module.eval().requires_grad_(False)
        if matmul:
            network.pack(matmul)
        return network

    return made


FAMILIES = [*TINY, *(f"hub_{kind}" for kind in ("esm2", "albert", "t5", "bart", "llama"))]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("observe", ["through", "blocks"])
def test_a_batch_of_one_gives_what_a_batch_of_many_gives(tiny, family, observe):
    network = tiny(family, PackedProduct)
    alone, many = (
        response(network, SEQUENCE, observe=observe, tokens_per_batch=tokens)
        for tokens in (1, 4096)
    )
    np.testing.assert_allclose(alone, many, rtol=1e-3, atol=1e-5 * many.max())


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", KINDS)
def test_rows_and_columns_are_residues_and_layers_those_after_the_nudge(tiny, family, kind):
    network = tiny(family)
    found = response(network, SEQUENCE, kind=kind, positions=[3, 0], other=OTHER)
    assert found.shape == (network.num_layers + 1, 2, len(SEQUENCE))
    assert np.isfinite(found).all()
    whole = response(network, SEQUENCE, kind=kind, other=OTHER)
    np.testing.assert_allclose(found, whole[:, [3, 0]], rtol=1e-3, atol=1e-5 * whole.max())
    # at the layer of the nudge itself, nothing but the nudged residue has moved
    assert (whole[0][~np.eye(len(SEQUENCE), dtype=bool)] == 0).all()
    assert (whole[-1].sum(1) > 0).all()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("layer", [1, 2])
def test_to_run_on_from_a_layer_gives_the_layers_after_it(tiny, family, layer):
    network = tiny(family)
    plain, kept = plain_pass(network, SEQUENCE), {}
    states, tokens = plain.states[layer][None], plain.tokens[None]
    with torch.no_grad():
        network.embed_from(layer, [states], [tokens], lambda j, s: kept.update({j: s[0][0]}), 2)
    assert list(kept) == list(range(layer, 3))
    for j, found in kept.items():
        torch.testing.assert_close(found, plain.states[j], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("family", ["esm2", "carp", "hub_bert"])
def test_blocks_are_single_passes_from_each_layer(tiny, family):
    network = tiny(family)
    found = response(network, SEQUENCE, layer=1, observe="blocks")
    assert len(found) == network.num_layers - 1
    for i, row in enumerate(found, start=1):
        alone = response(network, SEQUENCE, layer=i)[1]
        np.testing.assert_allclose(row, alone, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("family", CAUSAL)
@pytest.mark.parametrize("kind", ["noise", "erase", "substitute", "patch"])
def test_a_causal_network_answers_nothing_to_the_left(tiny, family, kind):
    found = response(tiny(family, Product), SEQUENCE, kind=kind, other=OTHER)
    left = np.tril(np.ones(found.shape[1:], bool), -1)
    assert (found[:, left] == 0).all()
    assert (found[-1][np.triu_indices(len(SEQUENCE), 1)] > 0).any()


def reachable(blocks, residues):
    """Return bool [p, q], which residues the convolutions of blocks can reach."""
    reach = np.eye(residues, dtype=bool)
    for layer in blocks:
        (dilation,), (taps,) = layer.conv.dilation, layer.conv.kernel_size
        offsets = dilation * (np.arange(taps) - taps // 2)
        step = np.isin(np.arange(residues)[:, None] - np.arange(residues), offsets)
        reach = reach @ step
    return reach


@pytest.mark.parametrize("matmul", [None, PackedProduct])
@pytest.mark.parametrize("start", [0, 1])
def test_a_convolution_answers_nothing_beyond_its_reach(tmp_path, matmul, start):
    sizes = {"num_layers": 4, "hidden_size": 16, "embedding_size": 8, "dilation": 8, "slim": True}
    network, _ = load_encoder("carp", "carp", save("carp", tmp_path / "carp.pt", 0, **sizes))
    sequence = SEQUENCE * 2
    blocks = list(network.embedder.layers)
    reach = [reachable(blocks[start:stop], len(sequence)) for stop in range(start, 5)]
    if not start:
        assert [np.abs(np.subtract(*np.where(r))).max() for r in reach] == [0, 2, 6, 14, 30]
    if matmul:
        network.pack(matmul)
    found = response(network, sequence, layer=start)
    for row, reached in zip(found, reach, strict=True):
        assert (row[~reached] == 0).all()  # from layer 1 on the field has holes
        assert (row[reached] > 0).mean() > 0.99  # small ones are rounded away


@pytest.mark.parametrize(("start", "seed"), [(0, 0), (1, 3), (2, 8)])
def test_a_linear_network_answers_as_its_jacobian_says(start, seed):
    network, sequence = Linear(), "ACDEFGH"
    found = response(network, sequence, layer=start, seed=seed)
    plain = plain_pass(network, sequence)
    steps = Noise(network, plain, Settings(seed=seed)).step(start, 0)  # [p, hidden_size]
    for row, stop in zip(found, range(start, network.num_layers + 1), strict=True):
        mix, turn = network.jacobian(start, stop)
        moved = mix.T[:, :, None] * (steps @ turn.T)[:, None]  # [p, q, hidden_size]
        expected = moved.norm(dim=2) / plain.states[stop].norm(dim=1)
        assert np.linalg.norm(row - expected.numpy()) <= 4e-4 * expected.norm()


def test_several_residues_of_a_linear_network_add_up():
    network = Linear()
    states = plain_pass(network, "ACDEFGH").states
    found = responses(network, "ACDEFGH", Nudges(positions=[[1, 4]], kind="erase"), Settings())
    mix, turn = network.jacobian(0, 3)
    erased = mix[:, 1:2] * states[0][1] + mix[:, 4:5] * states[0][4]  # [q, hidden_size]
    expected = (erased @ turn.T).norm(dim=1)
    np.testing.assert_allclose(found.change[-1, 0], expected, rtol=1e-4)


def test_draws_are_averaged_as_squares_and_the_same_in_any_order():
    network, sequence = Linear(), "ACDEFGH"
    one, two = (response(network, sequence, draws=draws) for draws in (1, 2))
    again = response(network, sequence, draws=2, positions=[2])
    np.testing.assert_allclose(again[:, 0], two[:, 2], rtol=1e-3, atol=1e-4)
    plain = plain_pass(network, sequence)
    first, second = (directions(plain, 0, draw) for draw in (0, 1))
    assert not torch.allclose(first, second)
    assert (two**2 >= one**2 / 2 - 1e-4 * one.max()).all()


def test_a_patch_of_the_sequence_itself_changes_nothing(tiny):
    network = tiny("esm2")
    assert response(network, SEQUENCE, kind="patch", other=SEQUENCE).max() <= 1e-6
    assert response(network, SEQUENCE, kind="patch", other=OTHER)[-1].max() > 1e-3


WRONG = {
    "kind": ({"kind": "nois"}, "kind: 'nois' is none of noise, erase, substitute, patch"),
    "observe": ({"observe": "all"}, "observe: 'all' is none of through, blocks"),
    "layer": ({"layer": 3}, "layer 3 enters no block; the network's blocks are entered by layers"),
    "negative layer": ({"layer": -1}, "layer -1 enters no block"),
    "position": ({"positions": [37]}, "37 is no residue of a sequence of 37; count from 0 to 36"),
    "one of several": ({"positions": [0, [1, -2]]}, "-2 is no residue"),
    "later letters": ({"kind": "substitute", "layer": 1}, "it is for layer 0 alone"),
    "letters of blocks": ({"kind": "substitute", "observe": "blocks"}, "for layer 0 alone"),
    "no other": ({"kind": "patch"}, "needs `other`"),
    "other length": ({"kind": "patch", "other": "MK"}, "`other` has 2 residues and the sequence"),
}


@pytest.mark.parametrize(("settings", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_refused_in_a_sentence(tiny, settings, words):
    with pytest.raises(InputError, match=words[:20].replace("`", ".")) as caught:
        response(tiny("esm2"), SEQUENCE, **settings)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("family", "words"), [("onehot", "OneHot has no blocks"), ("hub_gpt2", "several residues")]
)
def test_networks_without_a_state_per_residue_are_refused(tiny, family, words):
    network = load_encoder("onehot", "onehot")[0] if family == "onehot" else tiny(family)
    with pytest.raises(InputError, match=words):
        response(network, SEQUENCE)
    with pytest.raises(InputError, match="empty" if family == "hub_gpt2" else words):
        response(network, "")


def test_where_memory_runs_out_fewer_are_nudged_at_once():
    sizes = []

    def work(part):
        sizes.append(len(part))
        if len(part) > 3:
            raise torch.OutOfMemoryError("out of memory")
        return part

    where = torch.eye(10, dtype=torch.bool)
    assert torch.equal(torch.cat([*parts_of(where, 8, work)]), where)
    assert sizes == [8, 4, 2, 2, 2, 2, 2]
    with pytest.raises(RuntimeError, match="another"):
        list(parts_of(where, 8, lambda part: (_ for _ in ()).throw(RuntimeError("another"))))
