"""Networks of transformers to train: the library's own classes, as it draws them.

A new class is a line in CLASSES, and in core/architectures.py the objective that it learns by.
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor, nn

from plmbench.core.alphabet import STANDARD
from plmbench.models.hub_networks import library
from plmbench.models.residue_texts import PADDING, WRITINGS, Letters, tokens_of
from plmbench.pretrain.objectives import NONE, Words
from plmbench.pretrain.vocabularies import (
    BART,
    BERT,
    GPT2,
    T5,
    Vocabulary,
    sentinel_names,
    tokenizer_of,
)

Sizes = Mapping[str, int]
SPREAD, WIDTH = 0.02, 768  # of the first weights, at the width of the published networks


def spread(sizes: Sizes) -> float:
    """Return the standard deviation of the first weights: narrow layers begin with larger ones, so
    that states grow as in the published networks."""
    return round(SPREAD * math.sqrt(WIDTH / sizes["hidden_size"]), 4)


def bert_settings(sizes: Sizes) -> dict[str, Any]:
    """Return the settings of BERT, and of ALBERT's, which has one block and narrower embeddings."""
    own = {"embedding_size": sizes["embedding_size"]} if "embedding_size" in sizes else {}
    return {
        **own,
        "num_hidden_layers": sizes["num_layers"],
        "hidden_size": sizes["hidden_size"],
        "num_attention_heads": sizes["num_heads"],
        "intermediate_size": sizes["intermediate_size"],
        "max_position_embeddings": sizes["positions"] + 2,  # [CLS] and [SEP]
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "initializer_range": spread(sizes),
    }


def t5_settings(sizes: Sizes) -> dict[str, Any]:
    """Return the settings of T5, which draws its first weights by its widths."""
    return {
        "d_model": sizes["hidden_size"],
        "d_kv": sizes["hidden_size"] // sizes["num_heads"],
        "d_ff": sizes["intermediate_size"],
        "num_layers": sizes["num_layers"],
        "num_decoder_layers": sizes["decoder_layers"],
        "num_heads": sizes["num_heads"],
        "dropout_rate": 0.0,
        "decoder_start_token_id": 0,  # its padding
    }


def bart_settings(sizes: Sizes) -> dict[str, Any]:
    """Return the settings of BART."""
    sides = ("encoder", "decoder")
    end = list(BART.special.values()).index("</s>")
    return {
        "d_model": sizes["hidden_size"],
        "encoder_layers": sizes["num_layers"],
        "decoder_layers": sizes["decoder_layers"],
        **{f"{side}_attention_heads": sizes["num_heads"] for side in sides},
        **{f"{side}_ffn_dim": sizes["intermediate_size"] for side in sides},
        "max_position_embeddings": sizes["positions"] + 2,  # <s> and </s>
        "dropout": 0.0,
        "decoder_start_token_id": end,
        "forced_eos_token_id": end,
        "init_std": spread(sizes),
    }


def gpt2_settings(sizes: Sizes) -> dict[str, Any]:
    """Return the settings of GPT-2."""
    return {
        "n_embd": sizes["hidden_size"],
        "n_layer": sizes["num_layers"],
        "n_head": sizes["num_heads"],
        "n_inner": sizes["intermediate_size"],
        "n_positions": sizes["positions"] + 1,  # <|endoftext|>
        **{f"{part}_pdrop": 0.0 for part in ("attn", "embd", "resid")},
        "bos_token_id": 0,
        "initializer_range": spread(sizes),
    }


class HubClass(NamedTuple):
    """A class of transformers: its names there, its tokens, and how its sizes are said."""

    config: str
    network: str  # with the head that it is trained by
    vocabulary: Vocabulary
    settings: Callable[[Sizes], dict[str, Any]]


CLASSES = {
    "albert": HubClass("AlbertConfig", "AlbertForMaskedLM", BERT, bert_settings),
    "bart": HubClass("BartConfig", "BartForConditionalGeneration", BART, bart_settings),
    "bert": HubClass("BertConfig", "BertForMaskedLM", BERT, bert_settings),
    "gpt2": HubClass("GPT2Config", "GPT2LMHeadModel", GPT2, gpt2_settings),
    "t5": HubClass("T5Config", "T5ForConditionalGeneration", T5, t5_settings),
}


class HubEncoder(NamedTuple):
    """A network of transformers, and how it is told residues."""

    module: Any
    tokenize: Letters

    def residues(self, tokens: Tensor) -> Tensor:
        """Return bool [sequence, token], true at residues."""
        return self.tokenize.counts[tokens + 1].bool()


class HubTrainee(NamedTuple):
    """A network of transformers in training."""

    encoder: HubEncoder
    words: Words
    longest: int | None  # residues, None for any number
    tokenizer: Any

    def logits(self, tokens: Tensor, answers: Tensor | None = None) -> Tensor:
        """Return float [sequence, token, vocabulary], of `answers` where a decoder gives them.

        tokens: what the network is shown; answers: what its decoder is; PADDING on the right.
        """
        padding = self.encoder.module.config.pad_token_id or 0
        real = tokens != PADDING  # [sequence, token]
        given = {"input_ids": tokens.masked_fill(~real, padding), "attention_mask": real.long()}
        if answers is not None:  # its padding comes last, and so bears on nothing
            given["decoder_input_ids"] = answers.masked_fill(answers == PADDING, padding)
        return self.encoder.module(**given, use_cache=False).logits


def config_of(model_type: str, sizes: Sizes, tokenizer: Any) -> Any:
    """Return the library's configuration of a class."""
    kind = CLASSES[model_type]
    roles = {f"{role}_token_id" for role in ("pad", "bos", "eos")}
    ids = {role: getattr(tokenizer, role) for role in roles}
    known = {role: number for role, number in ids.items() if number is not None}
    settings = {"vocab_size": len(tokenizer), **known, **kind.settings(sizes)}
    return getattr(library(), kind.config)(**settings)


def build_hub(model_type: str, **sizes: int) -> HubTrainee:
    """Return the Trainee of a class of transformers."""
    kind = CLASSES[model_type]
    tokenizer = tokenizer_of(kind.vocabulary)
    config = config_of(model_type, sizes, tokenizer)
    network: nn.Module = getattr(library(), kind.network)(config)
    tokens = tokens_of(Path(model_type), tokenizer, WRITINGS[model_type])
    if not isinstance(tokens, Letters):
        raise TypeError(f"{model_type}: a letter should be a token")
    numbers = tokenizer.get_vocab()
    words = Words(
        amino_acids=[numbers[letter] for letter in STANDARD],
        mask=NONE if tokenizer.mask_token_id is None else tokenizer.mask_token_id,
        sentinels=[numbers[name] for name in sentinel_names(kind.vocabulary.sentinels)],
        start=getattr(config, "decoder_start_token_id", NONE),
        end=tokenizer.eos_token_id,
    )
    return HubTrainee(HubEncoder(network.train(), tokens), words, sizes.get("positions"), tokenizer)
