"""ESM-2 from transformers' names to a checkpoint that gives the same embeddings."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from helpers import networks
from helpers.hub_esm2 import SETTINGS, SIZES, masked_language_model
from helpers.networks import load_encoder
from plmbench.core.digests import sha256_of_file
from plmbench.core.errors import InputError
from plmbench.models.conversions import convert_esm2

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/convert_esm2.py"
TEXTS = ["MKTAYIAKQRQISFVKSHFSRQ", "GSHMLEDP", "ACDEFGHIKLMNPQRSTVWY"]


def classifier():
    """Return the same trunk as EsmForSequenceClassification keeps it: another head."""
    state = masked_language_model() | {"esm.embeddings.position_embeddings.weight": torch.zeros(9)}
    state |= {"classifier.dense.weight": torch.ones(2, 2), "classifier.dense.bias": torch.ones(2)}
    return {name: tensor for name, tensor in state.items() if not name.startswith("lm_head")}


def bare():
    """Return the same trunk as EsmModel keeps it, by a version that stores no frequencies."""
    return {
        name.removeprefix("esm."): tensor
        for name, tensor in classifier().items()
        if "rotary" not in name and not name.startswith("classifier")
    }


def written(folder, state, **settings):
    """Write a folder as transformers does; return it."""
    folder.mkdir(exist_ok=True)
    torch.save(state, folder / "pytorch_model.bin")
    (folder / "config.json").write_text(json.dumps(SETTINGS | settings))
    return folder


def states(encoder):
    """Return every layer's states of TEXTS."""
    kept = {}
    with torch.inference_mode():
        encoder.embed(
            [encoder.tokenize(TEXTS)], lambda layer, states: kept.update({layer: states[0]})
        )
    return kept


@pytest.mark.parametrize("kind", [masked_language_model, classifier, bare])
def test_every_layer_is_that_of_the_network_that_was_converted(kind, tmp_path):
    convert_esm2(written(tmp_path / "theirs", kind()), tmp_path / "esm2.pt")
    found, _ = load_encoder("converted", "esm2", tmp_path / "esm2.pt", **networks.TINY["esm2"])
    original, _ = load_encoder("own", "esm2", networks.save_tiny("esm2", tmp_path / "own.pt"))
    expected, got = states(original), states(found)
    assert list(got) == list(range(SIZES["num_layers"] + 1))
    assert all(torch.equal(got[layer], expected[layer]) for layer in expected)


def test_a_head_that_is_there_is_kept(tmp_path):
    state = masked_language_model()
    convert_esm2(written(tmp_path / "theirs", state), tmp_path / "esm2.pt")
    encoder, _ = load_encoder("converted", "esm2", tmp_path / "esm2.pt")
    head = dict(encoder.module.lm_head.named_parameters())
    assert torch.equal(head["dense.weight"], state["lm_head.dense.weight"])
    assert torch.equal(head["bias"], state["lm_head.bias"])


def test_rotary_frequencies_of_the_source_stay_as_they_are(tmp_path):
    state = masked_language_model()
    name = "esm.encoder.layer.1.attention.self.rotary_embeddings.inv_freq"
    state[name] = state[name].half().float()  # as in files at large
    convert_esm2(written(tmp_path / "theirs", state), tmp_path / "esm2.pt")
    encoder, _ = load_encoder("converted", "esm2", tmp_path / "esm2.pt")
    assert torch.equal(encoder.module.layers[1].self_attn.rot_emb.inv_freq, state[name])


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"position_embedding_type": "absolute"}, "absolute"),  # ESM-1b
        ({"emb_layer_norm_before": True}, "emb_layer_norm_before"),
        ({"model_type": "bert"}, "bert"),
    ],
)
def test_settings_of_another_network_are_refused(settings, word, tmp_path):
    folder = written(tmp_path / "theirs", bare(), **settings)
    with pytest.raises(InputError, match=word):
        convert_esm2(folder, tmp_path / "esm2.pt")
    assert not list(tmp_path.glob("esm2.pt*"))


def test_a_tensor_that_esm2_has_not_is_named(tmp_path):
    state = bare() | {"encoder.layer.0.attention.self.distance_embedding.weight": torch.ones(2)}
    with pytest.raises(InputError, match="distance_embedding"):
        convert_esm2(written(tmp_path / "theirs", state), tmp_path / "esm2.pt")
    assert not list(tmp_path.glob("esm2.pt*"))


def test_the_program_converts_the_file_with_the_checksum_and_refuses_another(tmp_path):
    folder, target = written(tmp_path / "theirs", classifier()), tmp_path / "new/esm2.pt"
    digest = sha256_of_file(folder / "pytorch_model.bin")
    command = [sys.executable, SCRIPT, folder, target, "--sha256"]
    refused = subprocess.run([*command, "0" * 64], capture_output=True, text=True)
    assert refused.returncode == 1
    assert "truncated or altered" in refused.stderr
    assert not target.exists()
    done = subprocess.run([*command, digest], capture_output=True, text=True, check=True)
    assert digest in done.stdout
    assert load_encoder("converted", "esm2", target)[0].num_layers == SIZES["num_layers"]


def test_settings_that_lack_a_size_are_refused(tmp_path):
    folder = written(tmp_path / "theirs", bare())
    short = {key: value for key, value in SETTINGS.items() if key != "num_attention_heads"}
    (folder / "config.json").write_text(json.dumps(short))
    with pytest.raises(InputError, match="lacks num_attention_heads"):
        convert_esm2(folder, tmp_path / "esm2.pt")


def test_a_folder_without_settings_is_named(tmp_path):
    folder = written(tmp_path / "theirs", classifier())
    (folder / "config.json").unlink()
    with pytest.raises(InputError, match=r"config\.json: cannot be read"):
        convert_esm2(folder, tmp_path / "esm2.pt")
