"""What people hand over as checkpoints: read right, or refused with what it is and what would be
right, in a few lines."""

import gzip
import json

import pytest
import torch

from helpers import networks
from helpers.networks import load_encoder
from plmbench.core.errors import InputError
from plmbench.models.checkpoints import load_checkpoint

KEYS = {"esm1": "model", "esm1b": "model", "esm2": "model", "carp": "model_state_dict"}
SAFETENSORS = json.dumps({"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
OTHER_FILES = {
    b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n": "a Git LFS pointer; run",
    b"<!DOCTYPE html><title>Sign in</title>": "an HTML page; fetch the file again",
    b"\n\n  <HTML><body>404</body></HTML>": "an HTML page; fetch the file again",
    b"<?xml version='1.0'?><Error>AccessDenied</Error>": "XML; fetch the file again",
    b'{"error": "Repository not found"}': "JSON; give the weights beside it",
    len(SAFETENSORS).to_bytes(8, "little") + SAFETENSORS + bytes(4): "a safetensors file; give",
    b"\x89HDF\r\n\x1a\n" + bytes(64): "an HDF5 file; give",
    b"\x93NUMPY\x01\x00" + bytes(64): "a NumPy array; give",
    gzip.compress(bytes(64)): "zipped (gzip); unpack it",
    b"BZh91AY&SY" + bytes(64): "packed by bzip2; unpack it",
    b"\xfd7zXZ\x00" + bytes(64): "packed by xz; unpack it",
    b"\x28\xb5\x2f\xfd" + bytes(64): "packed by zstd; unpack it",
    b"": "empty; fetch it again",
}


def refusal(family, path):
    """Return what `load_encoder` says when it refuses a file: one that a person reads."""
    with pytest.raises(InputError) as caught:
        load_encoder("tuned", family, checkpoint=path)
    message = str(caught.value)
    assert str(path) in message
    assert len(message) < 700
    assert "\n" not in message
    assert "weights_only" not in message
    return message


@pytest.mark.parametrize("content", OTHER_FILES, ids=OTHER_FILES.get)
def test_a_file_of_another_kind_is_named_with_its_remedy(content, tmp_path):
    (tmp_path / "x.pt").write_bytes(content)
    assert f"it is {OTHER_FILES[content]}" in refusal("esm2", tmp_path / "x.pt")


def test_a_file_of_another_kind_is_named_also_where_its_digest_is_known(tmp_path):
    (tmp_path / "x.pt").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(InputError, match="a Git LFS pointer"):
        load_checkpoint(tmp_path / "x.pt", sha256="0" * 64)


@pytest.mark.parametrize("family", KEYS)
@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "_orig_mod.module."])
def test_what_a_wrapper_put_before_every_name_is_taken_off(family, prefix, tmp_path):
    path = networks.save_tiny(family, tmp_path / "x.pt")
    expected = load_encoder("tuned", family, path)[0].module
    data, _ = load_checkpoint(path)
    data[KEYS[family]] = {prefix + name: value for name, value in data[KEYS[family]].items()}
    torch.save(data, path)
    loaded = load_encoder("tuned", family, path)[0].module
    assert all(map(torch.equal, loaded.parameters(), expected.parameters()))


@pytest.mark.parametrize("family", KEYS)
def test_tensors_alone_are_refused_with_what_to_write(family, tmp_path):
    path = networks.save_tiny(family, tmp_path / "x.pt")
    torch.save(load_checkpoint(path)[0][KEYS[family]], path)
    message = refusal(family, path)
    assert "holds tensors alone, such as " in message
    assert f"torch.save({{**original, '{KEYS[family]}': network.state_dict()}}, file)" in message


@pytest.mark.parametrize("family", KEYS)
def test_another_layout_is_refused_with_the_keys_it_lacks_and_has(family, tmp_path):
    torch.save({"state_dict": {}, "epoch": 3, "pytorch-lightning_version": "2"}, tmp_path / "x.pt")
    message = refusal(family, tmp_path / "x.pt")
    assert f"{KEYS[family]}, which " in message
    assert "it holds epoch, pytorch-lightning_version, state_dict" in message


@pytest.mark.parametrize("family", KEYS)
def test_names_that_do_not_fit_are_listed_in_order_five_of_a_kind(family, tmp_path):
    path = networks.save_tiny(family, tmp_path / "x.pt")
    data, _ = load_checkpoint(path)
    state = data[KEYS[family]]
    data[KEYS[family]] = {name.replace("layers.", "tower."): state[name] for name in state}
    torch.save(data, path)
    message = refusal(family, path)
    assert "tower.0." in message
    unknown = message.partition("the network does not know ")[2].partition(" and ")[0].split(", ")
    assert "it lacks " in message
    assert len(unknown) == 5
    assert unknown == sorted(unknown)
    assert message == refusal(family, path)


@pytest.mark.parametrize("family", KEYS)
def test_a_tensor_of_another_shape_is_named_with_both(family, tmp_path):
    path = networks.save_tiny(family, tmp_path / "x.pt")
    data, _ = load_checkpoint(path)
    name = next(n for n in data[KEYS[family]] if "layers.1." in n and n.endswith("weight"))
    data[KEYS[family]][name] = data[KEYS[family]][name][:-1].clone()
    torch.save(data, path)
    assert " is [" in refusal(family, path)


def test_what_all_unknown_names_begin_with_is_named(tmp_path):
    path = networks.save_tiny("carp", tmp_path / "x.pt")
    data, _ = load_checkpoint(path)
    state = data["model_state_dict"]
    data["model_state_dict"] = {f"backbone.{name}": state[name] for name in state}
    torch.save(data, path)
    assert "all of which begin with backbone." in refusal("carp", path)
