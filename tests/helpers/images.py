"""Folders of tiny random networks of images and of texts, and data sets of these, made in tests."""

import base64
import csv
import io
import json
import random

import torch
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

from helpers.hub_folders import fast, hub

SIDE, PATCH = 32, 8
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 64,
}
VISION = {**SIZES, "image_size": SIDE, "patch_size": PATCH}
PREPROCESSORS = {
    "ViTImageProcessor": {"size": {"height": SIDE, "width": SIDE}},
    "CLIPImageProcessor": {
        "size": {"shortest_edge": SIDE + 8},
        "crop_size": {"height": SIDE, "width": SIDE},
        "do_center_crop": True,
    },
    "BitImageProcessor": {
        "size": {"shortest_edge": SIDE + 8},
        "crop_size": {"height": SIDE, "width": SIDE},
        "do_center_crop": True,
    },
}
VOCABULARY = "the a cat dog bird sat ran flew on under over mat tree house red blue and then"
WORDS = VOCABULARY.split()


def preprocessor(folder, kind):
    """Write how images are resized and normalised."""
    content = {
        "image_processor_type": kind,
        "do_resize": True,
        "do_normalize": True,
        "image_mean": [0.4, 0.5, 0.6],
        "image_std": [0.2, 0.25, 0.3],
        **PREPROCESSORS[kind],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(content))


def sentences(count=200, seed=0):
    """Return made-up sentences of WORDS."""
    draw = random.Random(seed)
    return [" ".join(draw.choices(WORDS, k=draw.randint(3, 12))) for _ in range(count)]


def word_pieces(folder):
    """Words are tokens, between marks, as BERT has them."""
    special = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    words = [*special.values(), *WORDS, "dog,", *"abcdefghijklmnopqrstuvwxyz.,"]
    words += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz.,"]
    vocabulary = {word: i for i, word in enumerate(dict.fromkeys(words))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=special["unk"]))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    names = {f"{key}_token": token for key, token in special.items()}
    return fast(tokenizer, "[CLS] $A [SEP]", ["[CLS]", "[SEP]"], folder, **names)


def byte_pairs(folder, around=False):
    """Tokens are pairs of bytes, as GPT-2 has them; `around`: between marks, as CLIP has them."""
    start, end = "<|startoftext|>", "<|endoftext|>"
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=[start, end],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(sentences(), trainer)
    names = {"bos_token": start, "eos_token": end}
    if around:
        return fast(tokenizer, f"{start} $A {end}", [start, end], folder, **names)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    names = {"bos_token": end, "eos_token": end}
    hub.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    return tokenizer.get_vocab_size()


def clip(folder):
    """Return a tiny CLIP, with both of its towers."""
    vocabulary = byte_pairs(folder, around=True)
    text = {
        **SIZES,
        "hidden_size": 24,
        "vocab_size": vocabulary,
        "max_position_embeddings": 20,
        "bos_token_id": 0,
        "eos_token_id": 1,
    }
    return hub.CLIPModel(hub.CLIPConfig(text_config=text, vision_config=VISION))


def vision(name, **settings):
    """Return what makes a tiny network of images of a class of the library."""
    kind, config = getattr(hub, f"{name}Model"), getattr(hub, f"{name}Config")
    return lambda folder: kind(config(**VISION, **settings))


def bert(folder):
    """Return a tiny BERT of sentences."""
    settings = {**SIZES, "vocab_size": word_pieces(folder), "max_position_embeddings": 40}
    return hub.BertForMaskedLM(hub.BertConfig(**settings))


def gpt2(folder):
    """Return a tiny GPT-2 of sentences."""
    settings = {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 40}
    vocabulary = byte_pairs(folder)
    config = hub.GPT2Config(vocab_size=vocabulary, bos_token_id=1, eos_token_id=1, **settings)
    return hub.GPT2LMHeadModel(config)


# kind: how it is made, its preprocessor
NETWORKS = {
    "vit": (vision("ViT"), "ViTImageProcessor"),
    "deit": (vision("DeiT"), "ViTImageProcessor"),
    "dinov2": (vision("Dinov2", mlp_ratio=2), "BitImageProcessor"),
    "dinov2_registers": (vision("Dinov2WithRegisters", mlp_ratio=2), "BitImageProcessor"),
    "clip": (clip, "CLIPImageProcessor"),
    "bert": (bert, None),
    "gpt2": (gpt2, None),
}
# kind, modality, part
TOWERS = [
    ("vit", "image", None),
    ("deit", "image", None),
    ("dinov2", "image", None),
    ("dinov2_registers", "image", None),
    ("clip", "image", "vision_model"),
    ("clip", "text", "text_model"),
    ("bert", "text", None),
    ("gpt2", "text", None),
]


def folder_of(kind, folder, seed=0):
    """Write a folder of a tiny network, of whose parameters none is as it was drawn; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    make, processor = NETWORKS[kind]
    torch.manual_seed(seed)
    network = make(folder)
    with torch.no_grad():
        for parameter in network.parameters():
            scale = 0.3 if parameter.dim() == 1 else 0.02
            parameter.add_(scale * torch.randn_like(parameter))
    network.eval().save_pretrained(folder)
    if processor:
        preprocessor(folder, processor)
    return folder


def png(image, **options):
    """Return the bytes of an image as PNG, or as another `format`."""
    buffer = io.BytesIO()
    image.save(buffer, options.pop("format", "PNG"), **options)
    return buffer.getvalue()


def picture(seed=0, size=(20, 12), mode="RGB"):
    """Return an image of noise."""
    draw = random.Random(seed)
    return Image.frombytes("RGB", size, draw.randbytes(3 * size[0] * size[1])).convert(mode)


def inline(image):
    """Return an image as a cell of a table."""
    return "data:image/png;base64," + base64.b64encode(png(image)).decode()


def write_table(path, rows):
    """Write rows, dicts of one form, as a CSV; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path
