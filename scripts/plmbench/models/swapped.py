"""Matrix products of ours in the place of the linear layers of transformers."""

from typing import Any

from torch import Tensor, nn

from plmbench.hardware.matmul import Product

# Classes of which it is known that an activation follows a linear layer at once, and their names.
DENSE, FC1 = ("dense", "intermediate_act_fn"), ("fc1", "activation_fn")
WIDENED = {
    "BertIntermediate": DENSE,
    "ElectraIntermediate": DENSE,
    "RobertaIntermediate": DENSE,
    "BartEncoderLayer": FC1,
    "BartDecoderLayer": FC1,
}


class SwappedProduct(nn.Module):
    """A matrix product of ours in the place of the library's linear layer."""

    def __init__(self, layer: Any, matmul: type[Product], activation: str = "none") -> None:
        """layer: an nn.Linear, or a Conv1D of GPT-2, whose weight is [in, out]."""
        super().__init__()
        weight = layer.weight if isinstance(layer, nn.Linear) else layer.weight.T
        bias = weight.new_zeros(len(weight)) if layer.bias is None else layer.bias
        self.product = matmul(weight.detach(), bias.detach(), activation)
        self.weight = weight.new_empty(0)  # T5 asks for its type

    def forward(self, x: Tensor) -> Tensor:
        """Return float32 [..., out] from [..., in]."""
        return self.product(x)


def is_gelu(part: Any) -> bool:
    """Tell whether a module is the exact GELU, which a product may have fused."""
    exact = isinstance(part, nn.GELU) and part.approximate == "none"
    named = type(part).__name__ == "GELUActivation" and part.act is nn.functional.gelu
    return exact or named


def swap_products(network: nn.Module, matmul: type[Product]) -> None:
    """Put matrix products in the place of a network's linear layers, which are let go of; one that
    is followed by a GELU has it fused."""
    for parent in list(network.modules()):
        name, activation = WIDENED.get(type(parent).__name__, ("", ""))
        if name and is_gelu(getattr(parent, activation)):
            setattr(parent, name, SwappedProduct(getattr(parent, name), matmul, "gelu"))
            setattr(parent, activation, nn.Identity())
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear) or type(child).__name__ == "Conv1D":
                setattr(parent, name, SwappedProduct(child, matmul))
