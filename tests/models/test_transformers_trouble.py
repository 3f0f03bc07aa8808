"""Folders of transformers and settings in trouble: each is one sentence with its place, never a
library's exception."""

import json
import shutil

import pytest
from safetensors.torch import load_file, save_file

from helpers.hub_folders import edit_json, folder_of, refusal_of
from plmbench.core.errors import InputError, first_line
from plmbench.models.blueprints import blueprint
from plmbench.models.transformers import Transformer

KINDS = ("bert", "t5", "esm1b")
SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
PARTS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    root = tmp_path_factory.mktemp("whole")
    return {kind: folder_of(kind, root / kind) for kind in KINDS}


def config(**changes):
    """Return the damage that alters keys of config.json."""
    return lambda folder: edit_json(folder / "config.json", lambda c: c.update(changes))


def not_a_number(folder):
    text = (folder / "config.json").read_text().replace("1e-12", "NaN")
    (folder / "config.json").write_text(text)


def sharded(weight_map, repeated=False):
    """Return the damage that splits the weights in two parts; weight_map: of {tensor: part}."""

    def damage(folder):
        state = load_file(folder / SINGLE)
        (folder / SINGLE).unlink()
        names = sorted(state)
        halves = {name: PARTS[i > len(names) // 2] for i, name in enumerate(names)}
        for part in PARTS:
            own = {name: state[name] for name in names if halves[name] == part}
            if repeated:
                own[names[0]] = state[names[0]] + 1
            save_file(own, folder / part, {"format": "pt"})
        (folder / INDEX).write_text(json.dumps({"weight_map": weight_map(halves)}))

    return damage


def a_folder(folder):
    (folder / SINGLE).unlink()
    (folder / SINGLE).mkdir()


def letter_beyond(folder):
    """Have the tokenizer write alanine as a token that the network has not."""

    def change(content):
        content["model"]["vocab"]["A"] = 5000

    edit_json(folder / "tokenizer.json", change)


LIBRARY = "transformers (config.json) cannot load it (StrictDataclassFieldValidationError: "
DAMAGES = {
    "a text for a number": ("bert", config(hidden_size="48"), LIBRARY),
    "nothing for a number": ("bert", config(hidden_size=None), LIBRARY),
    "a share of a block": ("bert", config(num_hidden_layers=2.5), LIBRARY),
    "a text for a switch": ("esm1b", config(emb_layer_norm_before="no"), LIBRARY),
    "a library that is not here": ("bert", config(model_type="timm_wrapper"), "requires the timm"),
    "attention that is not here": (
        "bert",
        config(_attn_implementation="flash_attention_2"),
        "transformers as BertModel cannot load it (ImportError: ",
    ),
    "positions that it skips": (
        "esm1b",
        config(position_embedding_type="relative"),
        "position_embedding_type of config.json is 'relative', and the library knows absolute and",
    ),
    "no number": ("bert", not_a_number, "its states of layer 0 are not finite"),
    "parts as a list": ("bert", sharded(list), "weight_map of model.safetensors.index.json should"),
    "parts as nothing": ("bert", sharded(lambda halves: None), "should say of each tensor which"),
    "parts by number": ("bert", sharded(lambda halves: dict.fromkeys(halves, 1)), "should say of"),
    "parts of parts": ("bert", sharded(lambda halves: {"a": {"b": "c"}}), "should say of each"),
    "a part without a name": ("bert", sharded(lambda h: dict.fromkeys(h, "")), "names '', which"),
    "a tensor in two parts": ("bert", sharded(dict, repeated=True), "stands in another part, too"),
    "a folder for a file": ("bert", a_folder, "has no weights that torch reads"),
    "a loop of links": ("bert", lambda f: (f / "a").symlink_to("a"), "'a' is a link that leads"),
    "a letter beyond": ("bert", letter_beyond, "token 5,000 of input_ids has no embedding, and"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_folder_in_trouble_is_refused_in_a_sentence(name, whole, tmp_path):
    kind, damage, words = DAMAGES[name]
    folder = shutil.copytree(whole[kind], tmp_path / kind)
    message = refusal_of(damage, folder)
    assert words in message
    assert len(message.splitlines()) == 1


def test_a_whole_folder_in_parts_is_read(whole, tmp_path):
    folder = shutil.copytree(whole["bert"], tmp_path / "bert")
    sharded(dict)(folder)
    assert Transformer.load("mine", folder)[0].hidden_size > 0


def test_a_decoder_that_begins_with_an_unknown_token_is_refused(whole, tmp_path):
    folder = shutil.copytree(whole["t5"], tmp_path / "t5")
    config(decoder_start_token_id=9999)(folder)
    with pytest.raises(InputError, match=r"token 9,999 of decoder_input_ids has no embedding"):
        Transformer.load("mine", folder, part="decoder")


HUB = {"encoder": "transformers.Transformer", "family": "transformers"}
ESM2 = {"encoder": "esm.Esm2", "family": "esm2"}
CARP = {"encoder": "carp.Carp", "family": "carp"}
SIZES = {"num_layers": 2, "hidden_size": 48}
BERT = {
    "model_type": "bert",
    "hidden_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "vocab_size": 30,
}
BYTENET = {"d_embed": 8, "kernel_size": 5, "r": 128, "slim": True, "activation": "relu"}


@pytest.mark.parametrize(
    ("entry", "config", "words"),
    [
        ({**HUB, **SIZES}, {**BERT, "num_attention_heads": 7}, "not a multiple of the number"),
        ({**HUB, **SIZES}, {**BERT, "num_attention_heads": 0}, "makes no network of it"),
        ({**HUB, **SIZES}, {**BERT, "hidden_size": "48"}, "expected int, got str"),
        ({**HUB, **SIZES}, {**BERT, "hidden_act": "foo"}, "makes no network of it"),
        ({**HUB, **SIZES}, {**BERT, "vocab_size": -1}, "makes no network of it"),
        ({**HUB, **SIZES}, {"model_type": "timm_wrapper"}, "requires the timm library"),
        ({**HUB, **SIZES, "part": "text_model"}, BERT, "makes no network of it"),
        ({**HUB, **SIZES, "num_layers": 3}, BERT, "says num_layers: 3, and config makes a network"),
        ({**HUB, **SIZES, "hidden_size": 64}, BERT, "says hidden_size: 64, and config makes a"),
        ({**ESM2, **SIZES}, {"attention_heads": 7}, "must be divisible by num_heads"),
        ({**ESM2, **SIZES}, {"attention_heads": "x"}, "makes no network of it"),
        (ESM2, {"attention_heads": 4}, "needs num_layers and hidden_size beside it"),
        ({**CARP, **SIZES}, {**BYTENET, "activation": "foo"}, "library knows relu and gelu"),
        ({**CARP, **SIZES}, {**BYTENET, "d_embed": "8"}, "makes no network of it"),
        ({**CARP, "num_layers": 2}, BYTENET, "needs num_layers and hidden_size beside it"),
    ],
)
def test_a_config_of_which_no_network_comes_names_its_model(entry, config, words):
    with pytest.raises(InputError) as caught:
        blueprint("mine", {**entry, "config": config}, None)
    assert words in str(caught.value)
    assert str(caught.value).startswith("model mine: ")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("one\ntwo", "one"),
        ("\n\n  one  \ntwo", "one"),
        ("Validation error:\n    it is a text\nthree", "Validation error: it is a text"),
        ("only:", "only:"),
        ("", "ValueError"),
        (" \n ", "ValueError"),
    ],
)
def test_the_first_line_of_an_error_says_something(message, said):
    assert first_line(ValueError(message)) == said
