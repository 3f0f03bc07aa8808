"""ESM-2 as transformers (Hugging Face) keeps it, into the layout of fair-esm's own checkpoints.

The tensors are the same, their names are not. A language-model head that the source lacks, as
networks fine-tuned on something else do, is written as one that changes nothing: no embedding
passes through it, but fair-esm loads no network without.
"""

import json
import re
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from plmbench.core.errors import InputError
from plmbench.models.checkpoints import load_checkpoint, save_checkpoint

PARTS = {  # of a block
    "attention.self.query": "self_attn.q_proj",
    "attention.self.key": "self_attn.k_proj",
    "attention.self.value": "self_attn.v_proj",
    "attention.self.rotary_embeddings": "self_attn.rot_emb",
    "attention.output.dense": "self_attn.out_proj",
    "attention.LayerNorm": "self_attn_layer_norm",
    "intermediate.dense": "fc1",
    "output.dense": "fc2",
    "LayerNorm": "final_layer_norm",
}
OTHERS = {
    "embeddings.word_embeddings": "encoder.sentence_encoder.embed_tokens",
    "encoder.emb_layer_norm_after": "encoder.sentence_encoder.emb_layer_norm_after",
    "lm_head": "encoder.lm_head",
    "lm_head.decoder": "encoder.lm_head",
    "lm_head.dense": "encoder.lm_head.dense",
    "lm_head.layer_norm": "encoder.lm_head.layer_norm",
}
# Tables of positions that a rotary network never reads, and heads that no embedding passes through.
UNUSED = re.compile(r"embeddings\.position.*|(contact_head|classifier|pooler)\..*")
SIZES = {  # fair-esm's argument: the key of config.json
    "encoder_layers": "num_hidden_layers",
    "encoder_embed_dim": "hidden_size",
    "encoder_attention_heads": "num_attention_heads",
    "token_dropout": "token_dropout",
}
TOKENS = "encoder.sentence_encoder.embed_tokens.weight"
NEEDED = {  # what makes a network ESM-2 and not ESM-1b
    "model_type": "esm",
    "position_embedding_type": "rotary",
    "emb_layer_norm_before": False,
}


def renamed(name: str) -> str | None:
    """Return fair-esm's name of a tensor of transformers' ESM-2; None for one it does not need.

    Raises InputError for a name that ESM-2 has not.
    """
    short = name.removeprefix("esm.")
    if UNUSED.fullmatch(short):
        return None
    part, _, kind = short.rpartition(".")
    block = re.fullmatch(r"encoder\.layer\.(\d+)\.(.+)", part)
    if block and block[2] in PARTS:
        return f"encoder.sentence_encoder.layers.{block[1]}.{PARTS[block[2]]}.{kind}"
    if part in OTHERS:
        return f"{OTHERS[part]}.{kind}"
    raise InputError(f"tensor {name!r} is none of transformers' ESM-2; is it another network?")


def neutral_head(tokens: Tensor) -> dict[str, Tensor]:
    """Return a language-model head that changes nothing, for token embeddings [token,
    hidden_size]."""
    count, hidden_size = tokens.shape
    return {
        "encoder.lm_head.weight": tokens,
        "encoder.lm_head.bias": torch.zeros(count),
        "encoder.lm_head.dense.weight": torch.eye(hidden_size),
        "encoder.lm_head.dense.bias": torch.zeros(hidden_size),
        "encoder.lm_head.layer_norm.weight": torch.ones(hidden_size),
        "encoder.lm_head.layer_norm.bias": torch.zeros(hidden_size),
    }


def frequencies(arguments: Namespace) -> dict[str, Tensor]:
    """Return the rotary frequencies [head_dim / 2] of every block.

    For a source without. One that has them keeps its own, rounded to float16 as they may be.
    """
    from esm.rotary_embedding import RotaryEmbedding

    head_dim = arguments.encoder_embed_dim // arguments.encoder_attention_heads
    name = "encoder.sentence_encoder.layers.{}.self_attn.rot_emb.inv_freq"
    blocks = range(arguments.encoder_layers)
    return {name.format(block): RotaryEmbedding(head_dim).inv_freq for block in blocks}


def arguments_of(settings: Mapping[str, Any]) -> Namespace:
    """Return fair-esm's arguments from the content of config.json.

    Raises InputError for those of another network.
    """
    if missing := [key for key in (*NEEDED, *SIZES.values()) if key not in settings]:
        raise InputError(f"config.json lacks {', '.join(missing)}; is it transformers' of ESM-2?")
    if wrong := {key: settings[key] for key in NEEDED if settings[key] != NEEDED[key]}:
        right = {key: NEEDED[key] for key in wrong}
        raise InputError(f"config.json says {wrong}, ESM-2's says {right}; is it another network?")
    return Namespace(**{ours: settings[theirs] for ours, theirs in SIZES.items()})


def converted(state: Mapping[str, Tensor], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return transformers' ESM-2 as a checkpoint in fair-esm's layout, float32.

    state: {name: tensor}; settings: the content of its config.json. Raises InputError for another
    network.
    """
    arguments = arguments_of(settings)
    pairs = ((renamed(name), tensor) for name, tensor in state.items())
    named = {name: tensor.float() for name, tensor in pairs if name}
    if TOKENS not in named:
        raise InputError(
            "the source has no embeddings.word_embeddings.weight; is it a whole network?"
        )
    model = neutral_head(named[TOKENS]) | frequencies(arguments) | named
    return {"cfg": {"model": arguments}, "model": model}


def convert_esm2(folder: str | Path, target: str | Path, sha256: str | None = None) -> str:
    """Write the network in a folder of transformers, config.json and pytorch_model.bin, to the
    file `target` in fair-esm's layout; return the sha256 of the tensors that were read.

    The target has its name only when it is complete. Raises InputError for a file that is not
    there, has another sha256 than the one given, or holds another network.
    """
    folder, target = Path(folder), Path(target)
    state, digest = load_checkpoint(folder / "pytorch_model.bin", sha256)
    try:
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / 'config.json'}: cannot be read ({error})") from error
    target.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(converted(state, settings), target)
    return digest
