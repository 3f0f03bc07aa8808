"""Folders as the hub has them, of tiny random networks of the library transformers' own classes.

`folder_of(kind, path)` writes config.json, weights and a tokenizer of the kind's own form. Nothing
in a network stays as its constructor left it, so that a part which is forgotten shows.
"""

import json
import os

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

from plmbench.core.alphabet import LETTERS
from plmbench.core.errors import InputError
from plmbench.models.transformers import Transformer

os.environ["HF_HUB_OFFLINE"] = "1"
import transformers as hub

hub.logging.set_verbosity_error()
hub.logging.disable_progress_bar()
torch.set_num_threads(1)

STANDARD = list("ACDEFGHIKLMNPQRSTVWY")


def fast(tokenizer, template, tokens, folder, **special):
    """Write a fast tokenizer that puts a template's special tokens around a text."""
    vocabulary = tokenizer.get_vocab()
    around = [(token, vocabulary[token]) for token in tokens]
    tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=around)
    hub.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    return tokenizer.get_vocab_size()


def spaced_words(folder):
    """Letters between spaces are tokens, as ProtBert has them."""
    special = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    words = [*special.values(), *LETTERS]
    model = models.WordPiece({word: i for i, word in enumerate(words)}, unk_token=special["unk"])
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    names = {f"{key}_token": token for key, token in special.items()}
    return fast(tokenizer, "[CLS] $A [SEP]", ["[CLS]", "[SEP]"], folder, **names)


def marked_letters(folder):
    """Letters after a mark are tokens, one end behind and nothing before, as ProtT5 has them."""
    words = [(word, 0.0) for word in ("<pad>", "</s>", "<unk>")]
    words += [(f"\u2581{letter}", -1.0) for letter in LETTERS]
    tokenizer = Tokenizer(models.Unigram(words, unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    return fast(tokenizer, "$A </s>", ["</s>"], folder, **names)


def plain_letters(folder):
    """Letters side by side are tokens, as ESM has them."""
    special = {"cls": "<cls>", "pad": "<pad>", "eos": "<eos>", "unk": "<unk>", "mask": "<mask>"}
    words = {word: i for i, word in enumerate([*special.values(), *LETTERS])}
    tokenizer = Tokenizer(models.BPE(words, [], unk_token=special["unk"]))
    names = {f"{key}_token": token for key, token in special.items()}
    return fast(tokenizer, "<cls> $A <eos>", ["<cls>", "<eos>"], folder, **names)


def pieces(folder):
    """Tokens are pieces of several letters, as ProtGPT2 has them."""
    draw, end = np.random.default_rng(0), "<|endoftext|>"
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    texts = ["".join(draw.choice(STANDARD, 300)) for _ in range(60)]
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=[end], initial_alphabet=[*LETTERS, "\u010a"]
    )
    tokenizer.train_from_iterator(texts, trainer)
    names = {"bos_token": end, "eos_token": end}
    hub.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    return tokenizer.get_vocab_size()


SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 80,
}
ESM = {**SIZES, "pad_token_id": 1, "mask_token_id": 4, "token_dropout": True}
T5 = {
    "d_model": 32,
    "d_kv": 8,
    "d_ff": 64,
    "num_layers": 3,
    "num_decoder_layers": 2,
    "num_heads": 4,
}
BART = {
    "d_model": 32,
    "encoder_layers": 3,
    "decoder_layers": 2,
    **{f"{side}_attention_heads": 4 for side in ("encoder", "decoder")},
    **{f"{side}_ffn_dim": 64 for side in ("encoder", "decoder")},
    "max_position_embeddings": 80,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "decoder_start_token_id": 1,
}
GPT2 = {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 80}
# kind: class in the library, whose config is <Class>Config; tokenizer; sizes
KINDS = {
    "bert": ("Bert", "ForMaskedLM", spaced_words, SIZES),
    "roberta": ("Roberta", "ForMaskedLM", plain_letters, {**SIZES, "pad_token_id": 1}),
    "albert": ("Albert", "ForMaskedLM", spaced_words, {**SIZES, "embedding_size": 16}),
    "esm2": ("Esm", "ForMaskedLM", plain_letters, {**ESM, "position_embedding_type": "rotary"}),
    "esm1b": (
        "Esm",
        "ForMaskedLM",
        plain_letters,
        {**ESM, "position_embedding_type": "absolute", "emb_layer_norm_before": True},
    ),
    "esmc": ("Esmc", "Model", plain_letters, {**SIZES, "pad_token_id": 1}),
    "t5": ("T5", "ForConditionalGeneration", marked_letters, T5),
    "ankh": (
        "T5",
        "ForConditionalGeneration",
        marked_letters,
        {**T5, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
    ),
    "bart": ("Bart", "ForConditionalGeneration", marked_letters, BART),
    "gpt2": ("GPT2", "LMHeadModel", pieces, {**GPT2, "bos_token_id": 0, "eos_token_id": 0}),
    "modernbert": (
        "ModernBert",
        "ForMaskedLM",
        plain_letters,
        {**SIZES, "pad_token_id": 1, "local_attention": 8},
    ),
}
SPACED, SIDE_BY_SIDE = {"separator": " "}, {}
# Classes of which no network of the catalogue is: an entry alone, with how residues are written.
OTHERS = {
    "electra": ("Electra", "ForMaskedLM", spaced_words, {**SIZES, "embedding_size": 16}, SPACED),
    "distilbert": (
        "DistilBert",
        "ForMaskedLM",
        spaced_words,
        {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 64},
        SPACED,
    ),
    "mt5": ("MT5", "ForConditionalGeneration", marked_letters, T5, SPACED),
    "llama": ("Llama", "ForCausalLM", plain_letters, SIZES, SIDE_BY_SIDE),
    "gpt2_letters": (
        "GPT2",
        "LMHeadModel",
        plain_letters,
        {**GPT2, "bos_token_id": 0, "eos_token_id": 0},
        {"prefix": ""},
    ),
    "gpt_neox": ("GPTNeoX", "ForCausalLM", plain_letters, SIZES, SIDE_BY_SIDE),
    "opt": (
        "OPT",
        "ForCausalLM",
        plain_letters,
        {
            **{key: SIZES[key] for key in ("hidden_size", "num_hidden_layers")},
            **{"num_attention_heads": 4, "ffn_dim": 64, "word_embed_proj_dim": 32},
        },
        SIDE_BY_SIDE,
    ),
}
PARTS = [(kind, None) for kind in KINDS] + [(kind, "decoder") for kind in ("t5", "ankh", "bart")]


def network_of(kind, vocabulary, seed=0):
    """Return a tiny perturbed network of a kind, as people publish it, with a head."""
    name, head, _, sizes, *_ = (KINDS | OTHERS)[kind]
    config = getattr(hub, f"{name}Config")(vocab_size=vocabulary, **sizes)
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        network = getattr(hub, f"{name}{head}")(config)
        for parameter in network.parameters():
            scale = 0.3 if parameter.dim() == 1 else 0.02
            parameter.add_(scale * torch.randn_like(parameter))
    return network.eval()


def folder_of(kind, folder, seed=0):
    """Write a folder of a tiny network; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    network_of(kind, (KINDS | OTHERS)[kind][2](folder), seed).save_pretrained(folder)
    return folder


def edit_json(file, change):
    """Let `change` alter what a JSON file holds, in place."""
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def refusal_of(damage, folder):
    """Return the message that refuses a folder after its damage, which begins with its name."""
    damage(folder)
    with pytest.raises(InputError) as caught:
        Transformer.load("mine", folder)
    message = str(caught.value)
    assert message.startswith(f"checkpoint {folder}")
    return message
