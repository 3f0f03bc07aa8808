"""A checkpoint from a server: what its entry says is what is embedded, in the same run."""

import hashlib

import h5py
import pytest

from helpers import networks
from helpers.studies import new_study

EMBEDDINGS = "results/embeddings/toy/tiny_carp/pretrained.h5"


@pytest.fixture
def study(tmp_path, server):
    """Return a study of a network that the server has, in two versions."""
    config = {"models": ["tiny_carp"], "weights": ["pretrained"], "controls": []}
    study = new_study(tmp_path / "a study", families=("carp",), **config)
    for seed, name in enumerate(("first.pt", "second.pt")):
        networks.save_tiny("carp", tmp_path / name, seed)
        server.files[name] = (tmp_path / name).read_bytes()
    return study


def point_at(study, url, **facts):
    """Have the catalogue's entry name a place to download from."""

    def change(models):
        entry = {k: v for k, v in models["tiny_carp"].items() if k not in ("path", "url", "sha256")}
        models["tiny_carp"] = entry | {"url": url, **facts}

    study.edit("models", change)


def embedded(study):
    """Return the digest of the checkpoint that was embedded."""
    with h5py.File(study.root / EMBEDDINGS) as file:
        return file.attrs["checkpoint_sha256"]


@pytest.mark.slow
def test_an_entry_that_names_another_file_is_embedded_in_the_same_run(study, server):
    for name in ("first.pt", "second.pt"):
        digest = hashlib.sha256(server.files[name]).hexdigest()
        point_at(study, f"{server.url}/{name}", sha256=digest)
        study.run("results/tables/scores.tsv")
        assert embedded(study) == digest
    assert server.requests["first.pt"] == server.requests["second.pt"] == 1
