"""What a network of transformers is, seen from what it does: nothing here is taken on trust from
its class or its config.json."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from plmbench.core.errors import InputError
from plmbench.models.hub_folders import CONFIG

POSITIONS = re.compile(r"(^|\.)(wpe|embed_positions|position_embeddings?)$")
SAME = 1e-6  # of the mean magnitude: no difference in float32


def differ(one: Tensor, other: Tensor) -> bool:
    """Tell whether states differ by more than rounding."""
    return bool((one - other).abs().max() > SAME * one.abs().mean())


def position_limits(network: nn.Module) -> Iterator[int]:
    """Yield how many tokens each table of learned positions has room for; some begin with rows
    that no token has."""
    for name, part in network.named_modules():
        if POSITIONS.search(name) and isinstance(part, nn.Embedding):
            first = 0 if part.padding_idx is None else part.padding_idx + 1
            yield part.num_embeddings - getattr(part, "offset", first)


def check_known(given: Mapping[str, Tensor], network: Any) -> None:
    """Raise InputError for a token without an embedding, which a GPU would read out of what stands
    beside these. given: what a network is given, by the library's names."""
    known = getattr(network.get_input_embeddings(), "num_embeddings", None)
    for name, tokens in given.items():
        if known and name.endswith("input_ids") and (token := int(tokens.max())) >= known:
            raise InputError(
                f"token {token:,} of {name} has no embedding, and the network has {known:,}; are "
                f"the tokenizer's files and the tokens in {CONFIG} those of these weights?"
            )


def check_finite(layer: int, states: Tensor) -> None:
    """Raise InputError for states of an example of ours that are no numbers."""
    if not states.isfinite().all():
        raise InputError(
            f"its states of layer {layer} are not finite, of an example of ours; are the numbers "
            f"in {CONFIG} those of these weights?"
        )


def last_layer(encoder: Any, tokens: Tensor) -> Tensor:
    """Return the last layer's states [sequence, token, hidden_size]."""
    layers: list[Tensor] = []
    encoder.run(tokens, lambda layer, states: layers.append(states))
    return layers[-1]


def is_causal(encoder: Any, tokens: Tensor) -> bool:
    """Tell whether no state changes with a token after its own; tokens: [1, token], or the pixels
    of an image, of which the last is in the last patch."""
    changed = tokens.clone()
    changed.view(-1)[-1] = tokens.flatten()[tokens.numel() // 2]
    pair = [last_layer(encoder, each)[:, :-1] for each in (tokens, changed)]
    return not differ(*pair)


def parts_in_order(encoder: Any, tokens: Tensor) -> list[nn.Module]:
    """Return the modules without parts of their own that a forward pass goes through in the first
    block, in order, at its first call."""
    seen: list[nn.Module] = []
    ends: list[int] = []
    block = encoder.blocks[0]
    leaves = [part for part in block.modules() if not list(part.children())]
    hooks = [part.register_forward_hook(lambda part, *_: seen.append(part)) for part in leaves]
    hooks.append(block.register_forward_hook(lambda *_: ends.append(len(seen))))
    try:
        last_layer(encoder, tokens)
    finally:
        for hook in hooks:
            hook.remove()
    return seen[: ends[0]]


def is_norm(part: nn.Module) -> bool:
    """Tell whether a module is a LayerNorm, or a kind of it."""
    return "norm" in type(part).__name__.lower()


def final_norm(encoder: Any, tokens: Tensor) -> bool:
    """Tell whether the library normalises the last block's output."""
    outputs: list[Tensor] = []

    def keep(part: nn.Module, args: Any, output: Any) -> None:
        outputs.append(output[0] if isinstance(output, tuple) else output)

    hooks = [block.register_forward_hook(keep) for block in encoder.blocks]
    try:
        last = last_layer(encoder, tokens)
    finally:
        for hook in hooks:
            hook.remove()
    return differ(last, encoder.of_tokens(outputs[-1]))


@torch.inference_mode()
def described(encoder: Any, tokens: Tensor, stored: str) -> str:
    """Return what a file of embeddings says of its network; tokens: an example [1, token]; stored:
    the types of numbers in the checkpoint."""
    import transformers

    network = encoder.network
    order = "after" if is_norm(parts_in_order(encoder, tokens)[-1]) else "before"
    words = [
        f"{type(network.whole).__name__} of transformers {transformers.__version__}",
        *([f"its {network.part}"] if network.part else []),
        "causal" if encoder.causal else "bidirectional",
        f"norms {order} the sum of a block",
        "a final norm" if final_norm(encoder, tokens) else "no final norm",
        f"weights stored as {stored}",
        *(["X is its mask"] if getattr(encoder.tokenize, "unknown_is_mask", False) else []),
        *([f"unused heads zeroed: {', '.join(network.zeroed)}"] if network.zeroed else []),
    ]
    return "; ".join(words)
