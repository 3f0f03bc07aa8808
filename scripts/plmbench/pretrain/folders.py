"""Checkpoints as folders that transformers reads: config.json, model.safetensors, a tokenizer.

A new family that has such a folder is a function and a line in FOLDERS.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from plmbench.core.errors import InputError
from plmbench.models.checkpoints import load_checkpoint
from plmbench.models.conversions import OTHERS, PARTS
from plmbench.models.hub_networks import library
from plmbench.pretrain.hub_classes import build_hub
from plmbench.pretrain.vocabularies import Vocabulary, tokenizer_of

BLOCKS = "encoder.sentence_encoder.layers."  # before the number of a block, in fair-esm
UNTRAINED = "contact_head"  # which no language model trains
UNWANTED = "generation_config.json"  # how a text is written on, which nobody asks of these networks


def hub_network(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the network and the tokenizer of a checkpoint of a class of transformers."""
    trainee = build_hub(**data["architecture"])
    trainee.encoder.module.load_state_dict(data["model"])
    return trainee.encoder.module, trainee.tokenizer


def esm2_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors of fair-esm's ESM-2 by their names in transformers; rotary frequencies,
    which are no weights, are left out."""
    wholes = {
        theirs: ours for ours, theirs in OTHERS.items() if ours.partition(".")[0] != "lm_head"
    }
    heads = {f"encoder.lm_head.{part}": f"lm_head.{part}" for part in ("dense", "layer_norm")}
    blocks = {theirs: ours for ours, theirs in PARTS.items()}
    named = {}
    for name, tensor in state.items():
        part, _, kind = name.rpartition(".")
        number, _, inner = part.partition(BLOCKS)[2].partition(".")
        if kind == "inv_freq":
            continue
        if inner:
            named[f"esm.encoder.layer.{number}.{blocks[inner]}.{kind}"] = tensor
        elif part in wholes:
            named[f"esm.{wholes[part]}.{kind}"] = tensor
        elif part in heads:
            named[f"{heads[part]}.{kind}"] = tensor
        else:
            named["lm_head.decoder.weight" if kind == "weight" else "lm_head.bias"] = tensor
    return named


def esm2_network(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the network and the tokenizer of a checkpoint in fair-esm's layout of ESM-2."""
    from esm import Alphabet

    alphabet, sizes, hub = Alphabet.from_architecture("ESM-1b"), data["cfg"]["model"], library()
    ids = {role: alphabet.get_idx(token) for role, token in ESM2.special.items()}
    config = hub.EsmConfig(
        vocab_size=len(alphabet),
        num_hidden_layers=sizes.encoder_layers,
        hidden_size=sizes.encoder_embed_dim,
        num_attention_heads=sizes.encoder_attention_heads,
        intermediate_size=4 * sizes.encoder_embed_dim,
        pad_token_id=ids["pad"],
        mask_token_id=ids["mask"],
        max_position_embeddings=1026,
        position_embedding_type="rotary",
        emb_layer_norm_before=False,
        token_dropout=sizes.token_dropout,
        layer_norm_eps=1e-5,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    network = hub.EsmForMaskedLM(config)
    lacking, beyond = network.load_state_dict(esm2_names(data["model"]), strict=False)
    idle = [name for name in lacking if UNTRAINED not in name and "rotary" not in name]
    if idle or beyond:
        raise InputError(f"its weights are not ESM-2's: {', '.join([*idle, *beyond])}")
    return network, tokenizer_of(ESM2._replace(words=tuple(alphabet.all_toks)))


ESM2 = Vocabulary(
    {"cls": "<cls>", "pad": "<pad>", "eos": "<eos>", "unk": "<unk>", "mask": "<mask>"},
    "<cls> $A <eos>",
    spaced=False,
)
FOLDERS: dict[str, Callable[[Mapping[str, Any]], tuple[Any, Any]]] = {
    "esm2": esm2_network,
    "transformers": hub_network,
}


def write_folder(family: str, checkpoint: Path | str, folder: Path | str) -> None:
    """Write a checkpoint that was trained here as a folder, weights float16; raises InputError for
    a family that transformers has no class for."""
    if family not in FOLDERS:
        raise InputError(
            f"checkpoint {checkpoint}: transformers has no class for family {family}; those of "
            f"{', '.join(FOLDERS)} can be written as folders"
        )
    network, tokenizer = FOLDERS[family](load_checkpoint(checkpoint)[0])
    for parameter in network.parameters():  # not buffers: rotary frequencies stay as they are
        parameter.data = parameter.data.half()
    state = {name: tensor for name, tensor in network.state_dict().items() if UNTRAINED not in name}
    network.save_pretrained(folder, state_dict=state)
    tokenizer.save_pretrained(folder)
    (Path(folder) / UNWANTED).unlink(missing_ok=True)
