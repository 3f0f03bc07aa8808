"""Checkpoints as the libraries write them, so that fair-esm and sequence-models read ours."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn

ARCHITECTURES = {"esm1": "protein_bert_base", "esm1b": "roberta_large"}
SIDES = {"esm1": "decoder", "esm1b": "encoder"}
MIDDLES = {"esm1": "", "esm1b": "sentence_encoder.", "esm2": "sentence_encoder."}
POSITIONS = 1024  # tokens that ESM-1 and ESM-1b take, so 1,022 residues of ESM-1b
SIZES = ("layers", "embed_dim", "ffn_embed_dim", "attention_heads")  # fair-esm's names
State = Mapping[str, Tensor]  # {name of a parameter or buffer: its values}


def esm_arguments(
    family: str, num_layers: int, hidden_size: int, intermediate_size: int, num_heads: int
) -> dict[str, Any]:
    """Return the arguments of fair-esm's ProteinBertModel for ESM-1 or ESM-1b."""
    common = {"arch": ARCHITECTURES[family], "max_positions": POSITIONS}
    own = {"final_bias": True} if family == "esm1" else {"token_dropout": True}
    sizes = dict(zip(SIZES, (num_layers, hidden_size, intermediate_size, num_heads), strict=True))
    return {**common, **own, **sizes}


def with_published_names(state: State, side: str, middle: str) -> dict[str, Tensor]:
    """Return a state by the names of published files; the head stands outside the encoder."""
    return {
        f"{side}.{'' if name.startswith('lm_head') else middle}{name}": tensor
        for name, tensor in state.items()
    }


def esm1_layout(family: str, state: State, **sizes: int) -> dict[str, Any]:
    """Return a checkpoint of ESM-1 or ESM-1b as fair-esm publishes them."""
    side, arguments = SIDES[family], esm_arguments(family, **sizes)
    arguments = {f"{side}_{k}" if k in SIZES else k: v for k, v in arguments.items()}
    return {
        "args": Namespace(**arguments),
        "model": with_published_names(state, side, MIDDLES[family]),
    }


def esm2_layout(
    family: str, state: State, num_layers: int, hidden_size: int, num_heads: int
) -> dict[str, Any]:
    """Return a checkpoint of ESM-2 as fair-esm publishes them."""
    sizes = {
        "encoder_layers": num_layers,
        "encoder_embed_dim": hidden_size,
        "encoder_attention_heads": num_heads,
    }
    return {
        "cfg": {"model": Namespace(**sizes, token_dropout=True)},
        "model": with_published_names(state, "encoder", MIDDLES[family]),
    }


def carp_layout(
    family: str,
    state: State,
    num_layers: int,
    hidden_size: int,
    embedding_size: int,
    dilation: int,
    slim: bool,
) -> dict[str, Any]:
    """Return a checkpoint of CARP as sequence-models publishes them."""
    sizes = {
        "d_embed": embedding_size,
        "d_model": hidden_size,
        "n_layers": num_layers,
        "kernel_size": 5,
        "r": dilation,
    }
    settings = {"model": family, **sizes, "activation": "gelu", "slim": slim}
    state = {name.removeprefix("model."): tensor for name, tensor in state.items()}
    return {**settings, "model_state_dict": state}


def hub_layout(family: str, state: State, **architecture: int | str) -> dict[str, Any]:
    """Return a network of transformers by its names there, and what it takes to build it; `folders`
    makes the folder of it that the library reads."""
    return {"architecture": architecture, "model": dict(state)}


LAYOUTS: dict[str, Callable[..., dict[str, Any]]] = {
    "esm1": esm1_layout,
    "esm1b": esm1_layout,
    "esm2": esm2_layout,
    "carp": carp_layout,
    "transformers": hub_layout,
}


def layout(family: str, network: nn.Module, **sizes: Any) -> dict[str, Any]:
    """Return what the library's own file of a network holds.

    The contact head, which has a file of its own, is left out.
    """
    state = {k: v for k, v in network.state_dict().items() if not k.startswith("contact_head")}
    return LAYOUTS[family](family, state, **sizes)
