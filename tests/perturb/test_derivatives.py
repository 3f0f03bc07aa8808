"""Differences against the derivative itself, and derivatives that would be zeros refused."""

import numpy as np
import pytest
import torch

from helpers.networks import ROOT, load_encoder, save_tiny
from plmbench.hardware.matmul import Float64Product, PackedProduct, Product
from plmbench.models.families import load_encoder as load
from plmbench.perturb import response
from plmbench.perturb.derivatives import derivative

SEQUENCE = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPIL"
SHIPPED = {
    "mini_esm2_700k": "esm.Esm2",
    "mini_carp_600k": "carp.Carp",
    "mini_carp_30k": "carp.Carp",
}


def in_float64(network):
    """Return a network in float64 with weights that derivatives pass through."""
    network.module.double()
    if hasattr(network, "frequencies"):
        network.frequencies = network.frequencies.double()
    network.pack(Float64Product)
    return network


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("start", [0, 3])
def test_differences_agree_with_the_derivative_in_float64(name, start):
    path = ROOT / f"resources/weights/{name}/{name}.pt"
    packed, exact = (load(name, SHIPPED[name], path)[0] for _ in range(2))
    packed.pack(PackedProduct)
    found = response(packed, SEQUENCE, start, positions=[0, 9, 20])
    expected = derivative(in_float64(exact), SEQUENCE, start, positions=[0, 9, 20])
    assert expected.change.dtype == np.float64
    for layer, values in zip(expected.layers, expected.relative, strict=True):
        row = found[layer - start]
        assert np.linalg.norm(row - values) <= 4e-4 * np.linalg.norm(values)


@pytest.mark.parametrize("family", ["esm1", "esm1b", "esm2", "carp"])
def test_the_derivative_of_unpacked_weights_is_that_of_products(tmp_path, family):
    path = save_tiny(family, tmp_path / "tiny.pt")
    loaded, packed = (load_encoder(family, family, path)[0] for _ in range(2))
    packed.pack(Product)
    found = [derivative(network, SEQUENCE).change for network in (loaded, packed)]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-4, atol=1e-6)
    assert found[0][-1].any()


@pytest.mark.parametrize("family", ["esm1", "esm1b", "esm2", "carp"])
def test_a_derivative_through_packed_weights_is_refused_and_not_zero(tmp_path, family):
    network, _ = load_encoder(family, family, save_tiny(family, tmp_path / "tiny.pt"))
    network.pack(PackedProduct)
    with pytest.raises(RuntimeError, match="packed weights have no derivatives"):
        derivative(network, SEQUENCE)


DERIVATIVES = {
    "jvp": lambda f, x: torch.func.jvp(f, (x,), (torch.ones_like(x),)),
    "jacfwd": lambda f, x: torch.func.jacfwd(f)(x),
    "vjp": lambda f, x: torch.func.vjp(f, x),
    "jacrev": lambda f, x: torch.func.jacrev(f)(x),
    "backward": lambda f, x: f(x.clone().requires_grad_()).sum().backward(),
    "dual numbers": lambda f, x: dual(f, x),
}


def dual(function, x):
    """Call a function with a dual tensor."""
    with torch.autograd.forward_ad.dual_level():
        return function(torch.autograd.forward_ad.make_dual(x, torch.ones_like(x)))


@pytest.mark.parametrize("differentiate", DERIVATIVES.values(), ids=DERIVATIVES)
@pytest.mark.parametrize("call", ["__call__", "added"])
def test_every_way_to_differentiate_a_packed_product_is_refused(differentiate, call):
    product = PackedProduct(torch.ones(3, 4), torch.zeros(3))
    states = torch.zeros(2, 3)

    def function(x):
        return product(x) if call == "__call__" else product.added(x, states)

    x = torch.ones(2, 4)
    assert function(x).eq(4).all()  # and plain numbers pass
    with pytest.raises(RuntimeError, match="packed weights have no derivatives"):
        differentiate(function, x)
