"""Checkpoints that cannot be trusted, or are not what the catalogue says, are refused by name."""

import os
import pickle
import zipfile
from argparse import Namespace
from pathlib import Path

import pytest
import torch

from helpers import networks
from helpers.networks import load_encoder
from plmbench.core.digests import sha256_of_file
from plmbench.core.errors import InputError
from plmbench.models.carp import ARCHITECTURE
from plmbench.models.checkpoints import load_checkpoint

FAMILIES = sorted(networks.TINY)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    return {family: networks.save_tiny(family, folder / f"{family}.pt") for family in FAMILIES}


def refusal(family, path, **settings):
    """Return what `load_encoder` says when it refuses a file; it names the file."""
    with pytest.raises(InputError) as caught:
        load_encoder("tiny", family, checkpoint=path, **settings)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("family", FAMILIES)
def test_checkpoint_is_read_with_its_digest(checkpoints, family):
    digest = sha256_of_file(checkpoints[family])
    encoder, found = load_encoder("tiny", family, checkpoints[family], sha256=digest)
    assert found == digest
    assert {"num_layers": encoder.num_layers, "hidden_size": encoder.hidden_size} == networks.TINY[
        family
    ]
    assert not encoder.module.training
    assert not any(p.requires_grad for p in encoder.module.parameters())


@pytest.mark.parametrize("family", FAMILIES)
def test_every_parameter_comes_from_the_checkpoint(checkpoints, family):
    expected = dict(networks.random_network(family).named_parameters())
    encoder, _ = load_encoder("tiny", family, checkpoints[family])
    for name, parameter in encoder.module.named_parameters():
        if name == "embed_tokens.weight" and family == "esm1b":  # fair-esm's own: for token dropout
            with torch.no_grad():
                expected[name][encoder.alphabet.mask_idx] = 0
        if "contact_head" not in name:  # which has a file of its own
            assert torch.equal(parameter, expected[name]), name


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_truncated_file_is_refused(checkpoints, share, tmp_path):
    data = Path(checkpoints["esm2"]).read_bytes()
    path = tmp_path / "truncated.pt"
    path.write_bytes(data[: int(share * len(data))])
    assert "not a complete checkpoint" in refusal("esm2", path)


def test_truncated_file_of_known_digest_is_refused_by_its_digest(checkpoints, tmp_path):
    data = Path(checkpoints["esm2"]).read_bytes()
    path = tmp_path / "truncated.pt"
    path.write_bytes(data[:-1])
    digest = sha256_of_file(checkpoints["esm2"])
    message = refusal("esm2", path, sha256=digest)
    for part in ("truncated or altered", digest, sha256_of_file(path), "fetch it again"):
        assert part in message


def test_altered_file_is_refused(checkpoints, tmp_path):
    data = bytearray(Path(checkpoints["carp"]).read_bytes())
    data[len(data) // 2] ^= 1
    path = tmp_path / "altered.pt"
    path.write_bytes(data)
    digest = sha256_of_file(checkpoints["carp"])
    assert "truncated or altered" in refusal("carp", path, sha256=digest)


def test_missing_file_is_refused(tmp_path):
    assert "No such file" in refusal("esm2", tmp_path / "missing.pt")


class Code:
    """Pickles as a call that makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("write", [torch.save, lambda data, path: path.write_bytes(data)])
def test_code_in_a_checkpoint_is_refused_and_not_run(write, tmp_path):
    path, proof = tmp_path / "code.pt", tmp_path / "it ran"
    data = {"model": {}, "args": Code(proof)}
    write(data if write is torch.save else pickle.dumps(data, protocol=2), path)
    assert "not a complete checkpoint of tensors" in refusal("esm1", path)
    assert not proof.exists()
    if write is torch.save:  # the code is in there: whoever trusts the file runs it
        torch.load(path, weights_only=False)
        assert proof.exists()


def test_archive_of_something_else_is_refused(tmp_path):
    path = tmp_path / "other.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "weights")
    assert "not a complete checkpoint" in refusal("carp", path)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("data", [torch.zeros(3), [torch.zeros(3)], {}, {"model": 1}, {"args": 1}])
def test_tensors_in_another_layout_are_refused(family, data, tmp_path):
    torch.save(data, tmp_path / "other.pt")
    refusal(family, tmp_path / "other.pt")


def test_letting_in_fair_esms_arguments_ends_with_the_file(checkpoints):
    load_checkpoint(checkpoints["esm1"])
    assert Namespace not in torch.serialization.get_safe_globals()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("other", FAMILIES)
def test_checkpoint_of_another_family_is_refused(checkpoints, family, other):
    if family == other:
        return
    message = refusal(family, checkpoints[other])
    assert "tiny" in message
    assert "family" in message or "config/models.yaml" in message


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("what", "wrong"), [("num_layers", 4), ("hidden_size", 64)])
def test_checkpoint_of_another_size_is_refused(checkpoints, family, what, wrong):
    sizes = {**networks.TINY[family], what: wrong}
    message = refusal(family, checkpoints[family], **sizes)
    assert f"has {what} {networks.TINY[family][what]}" in message
    assert f"says {wrong} for tiny" in message


def partial(path):
    """Write a checkpoint as CARP's training does; return its path and the settings it lacks."""
    network = networks.random_network("carp", **networks.SIZES["carp"])
    data = networks.layout("carp", network, **networks.SIZES["carp"])
    state = {f"module.{name}": value for name, value in data.pop("model_state_dict").items()}
    torch.save({"model_state_dict": state, "step": 52039, "optimizer_state_dict": {}}, path)
    return str(path), {ours: data[key] for ours, key in ARCHITECTURE.items()}


def test_partial_checkpoint_of_carp_loads_with_its_architecture(checkpoints, tmp_path):
    path, architecture = partial(tmp_path / "checkpoint52039.tar")
    one = load_encoder("tiny", "carp", path, architecture=architecture)[0].module
    other = load_encoder("tiny", "carp", checkpoints["carp"])[0].module
    assert all(map(torch.equal, one.parameters(), other.parameters()))


def test_partial_checkpoint_of_carp_without_architecture_says_what_is_missing(tmp_path):
    path, architecture = partial(tmp_path / "checkpoint52039.tar")
    assert "lacks embedding_size, hidden_size, num_layers" in refusal("carp", path)
    del architecture["dilation"]
    message = refusal("carp", path, architecture=architecture)
    assert "lacks dilation; state what is missing under architecture of model tiny" in message


def test_carp_of_another_architecture_is_refused(tmp_path):
    path, architecture = partial(tmp_path / "checkpoint52039.tar")
    wrong = {**architecture, "num_layers": 4}
    assert "it lacks embedder.layers.3" in refusal("carp", path, architecture=wrong)


@pytest.mark.parametrize("family", FAMILIES)
def test_checkpoint_that_lacks_a_tensor_is_refused(checkpoints, family, tmp_path):
    data, _ = load_checkpoint(checkpoints[family])
    state = data["model_state_dict" if family == "carp" else "model"]
    name = next(name for name in state if "layers.1." in name)
    del state[name]
    torch.save(data, tmp_path / "lacking.pt")
    assert "layers.1." in refusal(family, tmp_path / "lacking.pt")


def test_what_fair_esm_leaves_without_a_value_may_have_any(tmp_path):
    path = networks.save_tiny("esm1", tmp_path / "x.pt")
    data, _ = load_checkpoint(path)
    name = next(name for name in data["model"] if name.endswith("._float_tensor"))
    data["model"][name].fill_(torch.nan)
    torch.save(data, path)
    assert load_encoder("tiny", "esm1", path)[0].num_layers == networks.TINY["esm1"]["num_layers"]
