"""Matrix products of ours in the place of the linear layers of transformers."""

from typing import Any

import torch
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
HALVED = (torch.bfloat16, torch.float16)
# Products whose output is what enters the first block: a sum of states, which stays float32.
INTO_STATES = ("embedding_hidden_mapping_in", "embeddings_project", "project_in")


def attend_in_one_precision() -> None:
    """Have the library's attention by SDPA take queries, keys and what is added to their products
    in the precision of the values.

    Rotary positions and T5's distances are float32 in the library, beside products of ours in half
    precision; of two precisions torch takes none, or none on a GPU.
    """
    from transformers import AttentionInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    def attend(
        module: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Any, **given: Any
    ) -> Any:
        if isinstance(mask, Tensor) and mask.is_floating_point():
            mask = mask.to(value.dtype)
        if isinstance(given.get("position_bias"), Tensor):
            given["position_bias"] = given["position_bias"].to(value.dtype)
        query, key = query.to(value.dtype), key.to(value.dtype)
        return sdpa_attention_forward(module, query, key, value, mask, **given)

    AttentionInterface.register("sdpa", attend)


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
    kept: tuple[str, ...] = ()
    if matmul.dtype in HALVED:
        attend_in_one_precision()
        kept = INTO_STATES
    for parent in list(network.modules()):
        name, activation = WIDENED.get(type(parent).__name__, ("", ""))
        if name and is_gelu(getattr(parent, activation)):
            setattr(parent, name, SwappedProduct(getattr(parent, name), matmul, "gelu"))
            setattr(parent, activation, nn.Identity())
        for name, child in list(parent.named_children()):
            linear = isinstance(child, nn.Linear) or type(child).__name__ == "Conv1D"
            if linear and name not in kept:
                setattr(parent, name, SwappedProduct(child, matmul))
