"""Networks of transformers in half precision: sums of states stay float32, attention takes one
precision, as a GPU's kernels ask for."""

from copy import deepcopy

import pytest
import torch
from torch.nn import functional

from helpers.hub_folders import OTHERS, PARTS, folder_of
from plmbench.hardware.matmul import HALVES, Product
from plmbench.models.transformers import Transformer

PROTEINS = ["ACDEFGHIKLMNPQRSTVWYAC", "ACDEFWW"]  # padded, and so masked
ALL = [*PARTS, *((kind, None) for kind in OTHERS)]
NEAR = {"bfloat16": 0.1, "float16": 0.02}  # of the mean magnitude, on average


@pytest.fixture(scope="module", params=ALL, ids=lambda pair: "-".join(filter(None, pair)))
def load(request, tmp_path_factory):
    kind, part = request.param
    folder = folder_of(kind, tmp_path_factory.mktemp("hub") / kind)
    writing = OTHERS[kind][4] if kind in OTHERS else None
    as_read = Transformer.load(kind, folder, part=part, writing=writing)[0]
    return lambda: deepcopy(as_read)


def layers_of(encoder):
    """Return the states of each layer, [sequence, token, hidden_size], and those that count."""
    kept, tokens = [], encoder.tokenize(PROTEINS)
    encoder.embed([tokens], lambda layer, states: kept.append(states[0]))
    real = encoder.residues(tokens) > 0
    return [states[real] for states in kept]


@pytest.fixture
def attended(monkeypatch):
    """Return the precisions that attention was given, a set per call."""
    calls, attend = [], functional.scaled_dot_product_attention

    def noted(query, key, value, attn_mask=None, **given):
        added = [] if attn_mask is None or attn_mask.dtype == torch.bool else [attn_mask]
        calls.append({tensor.dtype for tensor in (query, key, value, *added)})
        return attend(query, key, value, attn_mask=attn_mask, **given)

    monkeypatch.setattr(functional, "scaled_dot_product_attention", noted)
    return calls


@pytest.mark.parametrize("precision", HALVES)
def test_states_stay_float32_and_attention_takes_one_precision(load, precision, attended):
    encoder, exact = load(), load()
    exact.pack(Product)
    expected = layers_of(exact)
    encoder.pack(HALVES[precision])
    attended.clear()
    found = layers_of(encoder)
    assert {states.dtype for states in found} == {torch.float32}
    assert attended
    assert all(call == {HALVES[precision].dtype} for call in attended)
    for states, true in zip(found, expected, strict=True):
        assert (states - true).abs().mean() <= NEAR[precision] * true.abs().mean()


def test_float32_beside_it_stays_as_it_is(load):
    encoder, other = load(), load()
    before = layers_of(encoder)
    other.pack(HALVES["bfloat16"])
    layers_of(other)
    assert all(torch.equal(a, b) for a, b in zip(layers_of(encoder), before, strict=True))
