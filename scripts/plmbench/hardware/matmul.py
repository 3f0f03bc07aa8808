"""Matrix products of a network's fixed weights: torch's own, or oneDNN's with the weights laid out
for it.

On a CPU torch hands float32 products to MKL, which on processors of other makers than Intel reaches
a third of what oneDNN does, and oneDNN need not lay the weights out anew at each call.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn import functional

Activation = Callable[[Tensor], Tensor]
ACTIVATIONS: dict[str, Activation] = {"none": lambda x: x, "gelu": functional.gelu}
TOLERANCE = 1e-5  # of the mean magnitude, by which oneDNN's product may differ from torch's


def summed(x: Tensor) -> Tensor:
    """Return x in the precision that sums of states have: float32, or float64 where x has it."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def refuse_derivatives(x: Tensor) -> None:
    """Raise RuntimeError where a derivative is asked for: oneDNN's product hands none on, and its
    tangents would be zeros without a word."""
    forward = getattr(forward_ad, "_current_level", -1) >= 0
    if forward or (torch.is_grad_enabled() and x.requires_grad):
        raise RuntimeError(
            "packed weights have no derivatives (they would be zeros); use a network that is not "
            "packed, or finite differences: kind 'noise' of plmbench.perturb.response"
        )


class Product:
    """x W' + b, with an activation after it. x: float32 or dtype [..., in] to dtype [..., out].

    What comes out stays in the precision of the product: at full width it would cross memory once
    more each way. Sums of states are float32, to which it is added as it is.
    """

    name = "torch"
    dtype = torch.float32

    def __init__(self, weight: Tensor, bias: Tensor, activation: str = "none") -> None:
        """weight: [out, in]; bias: [out]; activation: a name of ACTIVATIONS."""
        self.weight, self.bias = weight.to(self.dtype), bias.to(self.dtype)
        self.activation = activation

    def __call__(self, x: Tensor) -> Tensor:
        product = functional.linear(x.to(self.dtype), self.weight, self.bias)  # [..., out]
        return ACTIVATIONS[self.activation](product).to(self.dtype)  # autocast has another

    def added(self, x: Tensor, states: Tensor) -> Tensor:
        """Return states float32 [..., out] plus the product, before any activation."""
        return states + functional.linear(x.to(self.dtype), self.weight, self.bias)


class BFloat16Product(Product):
    """The same in bfloat16, of eight digits in base two: a wide range, few digits."""

    dtype = torch.bfloat16


class Float16Product(Product):
    """The same in float16, of eleven digits in base two: a narrow range, which may overflow."""

    dtype = torch.float16


class Float64Product(Product):
    """The same in float64: what approximations are measured against."""

    dtype = torch.float64


class PackedProduct(Product):
    """The same by oneDNN, the weight laid out once and the activation fused. For inference only: a
    derivative through it raises RuntimeError."""

    name = "oneDNN"

    def __init__(self, weight: Tensor, bias: Tensor, activation: str = "none") -> None:
        """As of Product; the weight is copied."""
        self.weight = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous())
        self.bias, self.activation = bias.detach(), activation

    def __call__(self, x: Tensor) -> Tensor:
        refuse_derivatives(x)
        operator = torch.ops.mkldnn._linear_pointwise
        return operator(x, self.weight, self.bias, self.activation, [], "none")

    def added(self, x: Tensor, states: Tensor) -> Tensor:
        """Return states float32 [..., out] plus the product, before any activation."""
        refuse_derivatives(x)
        return torch.ops.mkldnn._linear_pointwise.binary(x, states, self.weight, self.bias, "add")


def agrees(matmul: type[Product]) -> bool:
    """Tell whether a kind of product gives here what torch's does."""
    generator = torch.Generator().manual_seed(0)
    shapes = (64, 96), (128, 96), (128,), (64, 128)
    x, weight, bias, states = (torch.randn(shape, generator=generator) for shape in shapes)
    try:
        with torch.inference_mode():
            for activation in ACTIVATIONS:
                torchs, other = (kind(weight, bias, activation) for kind in (Product, matmul))
                pairs = (torchs(x), other(x)), (torchs.added(x, states), other.added(x, states))
                for expected, found in pairs:
                    if (found - expected).abs().max() > TOLERANCE * expected.abs().mean():
                        return False
    except (RuntimeError, AttributeError):  # a torch without oneDNN has no such operator
        return False
    return True


HALVES = {"bfloat16": BFloat16Product, "float16": Float16Product}


def matmul_for(device: torch.device, precision: str = "float32") -> type[Product]:
    """Return the kind of product for a torch.device and a precision: for float32 oneDNN's on a CPU
    where it is there and right.

    Not by a race: its winner may change from job to job, and with it the last digits of a result.
    """
    if precision in HALVES:
        return HALVES[precision]
    fits = device.type == "cpu" and torch.backends.mkldnn.is_available() and agrees(PackedProduct)
    return PackedProduct if fits else Product
