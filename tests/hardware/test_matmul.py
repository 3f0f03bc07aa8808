"""Products: oneDNN's are torch's to rounding, and are not used where they are not."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from plmbench.hardware import matmul
from plmbench.hardware.matmul import HALVES, PackedProduct, Product, agrees, matmul_for
from plmbench.models.tokens import Tokenizer

CPU = torch.device("cpu")
KINDS = [Product, PackedProduct]


def drawn(*shape):
    return torch.from_numpy(np.random.default_rng(0).standard_normal(shape, np.float32))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("shape", [(1, 7, 5), (300, 48, 144), (2, 1280, 24)])
def test_a_product_is_torchs_linear_layer_and_gelu(kind, shape):
    tokens, width, out = shape
    if not agrees(kind):
        pytest.skip("this torch has no oneDNN, or a wrong one")
    x, weight, bias = drawn(tokens, width), drawn(out, width), drawn(out)
    plain = functional.linear(x, weight, bias)
    with torch.inference_mode():
        for activation, expected in (("none", plain), ("gelu", functional.gelu(plain))):
            found = kind(weight, bias, activation)(x)
            assert (found - expected).abs().max() <= 1e-5 * plain.abs().mean()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_product_is_added_to_states_that_stay_what_they_were(kind):
    if not agrees(kind):
        pytest.skip("this torch has no oneDNN, or a wrong one")
    x, weight, bias, states = drawn(300, 48), drawn(96, 48), drawn(96), drawn(300, 96)
    before, expected = states.clone(), states + functional.linear(x, weight, bias)
    with torch.inference_mode():
        found = kind(weight, bias).added(x, states)
    assert (found - expected).abs().max() <= 1e-5 * expected.abs().mean()
    assert torch.equal(states, before)


def test_a_product_that_gives_something_else_is_not_used(monkeypatch):
    class Wrong(PackedProduct):
        def __call__(self, x):
            return super().__call__(x) * (1 + 1e-3)

    assert not agrees(Wrong)
    monkeypatch.setattr(matmul, "PackedProduct", Wrong)
    assert matmul_for(CPU) is Product


def test_a_product_whose_operator_is_not_there_is_not_used():
    class Missing(PackedProduct):
        def __call__(self, x):
            return torch.ops.mkldnn._no_such_operator(x)

    assert not agrees(Missing)


def test_a_gpu_gets_torchs_own_product():
    assert matmul_for(torch.device("cuda", 0)) is Product


def test_a_letter_without_a_token_is_named():
    tokenize = Tokenizer({"A": 3, "C": 4}, padding=1, before=[0], after=[2])
    assert tokenize(["ACA", "C"]).tolist() == [[0, 3, 4, 3, 2], [0, 4, 2, 1, 1]]
    with pytest.raises(ValueError, match="no token for the letter 'D'"):
        tokenize(["ACDA"])


@pytest.mark.parametrize("precision", HALVES)
def test_what_comes_out_of_a_product_in_few_bits_stays_in_them(precision):
    x, weight, bias, states = drawn(30, 48), drawn(96, 48), drawn(96), drawn(30, 96)
    kind = matmul_for(CPU, precision)
    product = kind(weight, bias, "gelu")
    assert product(x).dtype == kind.dtype
    assert product.added(x, states).dtype == torch.float32
    assert torch.equal(product(x), product(x.to(kind.dtype)))
