"""Folders of transformers that are damaged: what the library mends in silence is an error here."""

import json
import pickle
import shutil

import huggingface_hub
import pytest
import torch
from safetensors.torch import load_file, save_file

from helpers.hub_folders import edit_json, folder_of, hub, refusal_of
from plmbench.core.errors import InputError
from plmbench.models.hub_folders import checked_folder, read_weights
from plmbench.models.transformers import Transformer

USED = ("bert", "t5", "bart", "esm1b", "gpt2")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    root = tmp_path_factory.mktemp("whole")
    return {kind: folder_of(kind, root / kind) for kind in USED}


def config(**changes):
    """Return the damage that alters keys of config.json; None: takes one out."""

    def damage(folder):
        def change(content):
            content.update(changes)
            for key in [key for key, value in changes.items() if value is None]:
                del content[key]

        edit_json(folder / "config.json", change)

    return damage


def tensors(change):
    """Return the damage that alters the tensors of model.safetensors."""

    def damage(folder):
        state = load_file(folder / "model.safetensors")
        change(state)
        save_file(state, folder / "model.safetensors", {"format": "pt"})

    return damage


def pickled(content):
    """Return the damage that puts a pickle in the place of safetensors."""

    def damage(folder):
        (folder / "model.safetensors").unlink()
        torch.save(content, folder / "pytorch_model.bin", pickle_protocol=2)

    return damage


def without_tokenizer(folder):
    for file in folder.glob("*token*"):
        file.unlink()


def lower_casing(folder):
    without_tokenizer(folder)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"ACDEFGHIKLMNPQRSTVWYBOUXZ"]
    (folder / "vocab.txt").write_text("\n".join(words))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer"}')


def linked(folder):
    outside = folder.parent / "outside.safetensors"
    (folder / "model.safetensors").rename(outside)
    (folder / "model.safetensors").symlink_to(outside)


def text_file(text, name="model.safetensors"):
    """Return the damage that puts a text in the place of a file."""
    return lambda folder: (folder / name).write_text(text)


def truncated(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


def without_shard(folder):
    (folder / "model.safetensors").unlink()
    index = '{"weight_map": {"a": "model-00001-of-00002.safetensors"}}'
    (folder / "model.safetensors.index.json").write_text(index)


def shard_outside(folder):
    (folder / "model.safetensors").rename(folder.parent / "beside.safetensors")
    index = '{"weight_map": {"a": "../beside.safetensors"}}'
    (folder / "model.safetensors.index.json").write_text(index)


def remote_tokenizer(folder):
    """Have the tokenizer be code of the folder."""
    without_tokenizer(folder)
    code = {"auto_map": {"AutoTokenizer": ["mine.Tokenizer", None]}, "tokenizer_class": "Mine"}
    (folder / "tokenizer_config.json").write_text(json.dumps(code))


class Code:
    """What runs when it is unpickled."""

    def __reduce__(self):
        return print, ("code ran",)


QUERY = "bert.encoder.layer.1.attention.self.query.weight"
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
REMOTE = {"auto_map": {"AutoModel": "amplify.AMPLIFY"}, "model_type": "AMPLIFY"}


def set_first(value):
    """Return the change that sets a value of a tensor."""
    return lambda state: state[QUERY].view(-1)[:1].fill_(value)


def only_head(state):
    state["lm_head.weight"] = state.pop("shared.weight")


DAMAGES = {
    "a tensor less": ("bert", tensors(lambda s: s.pop(QUERY)), "it lacks encoder.layer.1.att"),
    "a bias less": ("gpt2", tensors(lambda s: s.pop("transformer.ln_f.bias")), "lacks ln_f.bias"),
    "a block less": ("bert", config(num_hidden_layers=4), "lacks encoder.layer.3."),
    "a block more": ("bert", config(num_hidden_layers=2), "does not know "),
    "a block more of t5": ("t5", config(num_layers=2), "does not know "),
    "another width": ("bert", config(intermediate_size=48), "is [64], should be [48]"),
    "not a number": ("bert", tensors(set_first(float("nan"))), "a value that is not finite"),
    "infinity": ("bert", tensors(set_first(float("inf"))), "a value that is not finite"),
    "untied": ("bart", config(tie_word_embeddings=False), "draw its embeddings at random"),
    "only a head": ("t5", tensors(only_head), "draw its embeddings at random"),
    "no tokenizer": ("bert", without_tokenizer, "the folder has no tokenizer: one of"),
    "a tokenizer of code": ("bert", remote_tokenizer, "cannot read its tokenizer"),
    "half a tokenizer": ("bert", text_file("{", "tokenizer.json"), "cannot read its tokenizer"),
    "lower case": ("bert", lower_casing, "set do_lower_case to false"),
    "code": ("bert", config(**REMOTE), "'AMPLIFY' of config.json is no class of transformers"),
    "code, said": ("bert", config(**REMOTE), "code in the folder (auto_map), which is never run"),
    "unknown": ("bert", config(model_type="bret"), "is it misspelt, or newer"),
    "no type": ("bert", config(model_type=None), "has no model_type"),
    "quantised": ("bert", config(quantization_config={"bits": 4}), "weights are quantised"),
    "a link": ("bert", linked, "a link that leads out of the folder"),
    "a pickle of code": ("bert", pickled({"a": Code()}), "it holds print"),
    "a pickle of words": ("bert", pickled({"a": "b"}), "is a str, not a tensor"),
    "cut": ("bert", truncated, "not a complete safetensors file"),
    "a pointer": ("bert", text_file(LFS), "a Git LFS pointer; run `git lfs pull`"),
    "a page": ("bert", text_file("<html>", "config.json"), "config.json cannot be read"),
    "a list": ("bert", text_file("[]", "config.json"), "config.json is no mapping"),
    "no config": ("bert", lambda f: (f / "config.json").unlink(), "config.json cannot be read"),
    "no weights": ("bert", lambda f: (f / "model.safetensors").unlink(), "has no weights that"),
    "a shard less": ("bert", without_shard, "which is not in the folder; fetch all parts"),
    "a shard outside": ("bert", shard_outside, "'../beside.safetensors', which is not in the"),
    "an old config": ("esm1b", config(token_dropout=None), "lacks token_dropout"),
    "no row": ("bert", config(model_type="llama"), "how model type 'llama' is told residues"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_folder_is_refused_with_what_is_wrong(name, whole, tmp_path, capsys):
    kind, damage, words = DAMAGES[name]
    folder = shutil.copytree(whole[kind], tmp_path / kind)
    message = refusal_of(damage, folder)
    assert words in message
    assert len(message) < 600
    assert "trust_remote_code" not in message
    assert "code ran" not in capsys.readouterr().out


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "model.pt").write_bytes(pickle.dumps(1))
    for name in ("model.pt", "not_there"):
        with pytest.raises(InputError, match="is no folder; family transformers"):
            Transformer.load("mine", tmp_path / name)


def test_the_sha256_is_of_all_files_that_bear_on_states(whole, tmp_path):
    digest = read_weights(whole["bert"]).digest
    assert Transformer.load("mine", whole["bert"], digest)[1] == digest
    folder = shutil.copytree(whole["bert"], tmp_path / "other")
    assert read_weights(folder).digest == digest
    (folder / "README.md").write_text("a card")
    assert read_weights(folder, digest).digest == digest
    (folder / "vocab.txt").write_text("A")
    with pytest.raises(InputError, match=f"truncated or altered; .* expected {digest}"):
        read_weights(folder, digest)


def test_a_link_within_the_folder_is_a_file_like_any_other(whole, tmp_path):
    folder = shutil.copytree(whole["bert"], tmp_path / "linked")
    (folder / "model.safetensors").rename(folder / "weights")
    (folder / "model.safetensors").symlink_to("weights")
    assert checked_folder(folder) == folder
    Transformer.load("mine", folder)


@pytest.mark.parametrize(("kind", "part"), [("bert", "encoder"), ("gpt2", "decoder")])
def test_a_part_that_a_network_does_not_have_is_named(kind, part, whole):
    with pytest.raises(InputError, match=f"has no part '{part}'; it is one part"):
        Transformer.load("mine", whole[kind], part=part)


def test_a_network_of_images_is_refused(tmp_path):
    hub.ViTModel(
        hub.ViTConfig(
            hidden_size=32,
            num_hidden_layers=1,
            intermediate_size=32,
            num_attention_heads=4,
            image_size=20,
            patch_size=5,
        )
    ).save_pretrained(tmp_path)
    with pytest.raises(InputError, match=r"ViTModel reads pixel_values, .* set `modality`"):
        Transformer.load("mine", tmp_path, writing={})


def test_heads_that_a_file_lacks_are_zero_and_said(whole):
    one, other = (Transformer.load("mine", whole["bert"])[0] for _ in range(2))
    assert "unused heads zeroed: pooler.dense.bias, pooler.dense.weight" in one.facts["network"]
    pairs = zip(one.module.parameters(), other.module.parameters(), strict=True)
    assert all(torch.equal(p, q) for p, q in pairs)
    assert not one.module.pooler.dense.weight.any()


def test_a_pickle_gives_what_safetensors_give(whole, tmp_path):
    folder = shutil.copytree(whole["bert"], tmp_path / "pickled")
    state = load_file(folder / "model.safetensors")
    pickled(state | {"bert.embeddings.position_ids": torch.arange(80)[None]})(folder)
    one, other = (Transformer.load("mine", f)[0].module for f in (whole["bert"], folder))
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    assert all(torch.equal(p, q) for p, q in pairs)


def test_no_server_is_asked(whole):
    Transformer.load("mine", whole["bert"])
    assert huggingface_hub.constants.HF_HUB_OFFLINE
