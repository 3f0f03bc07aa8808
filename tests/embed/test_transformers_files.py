"""Embedding files of networks of transformers: what they say, and what they are refused for."""

import numpy as np
import pytest
import torch

from helpers.extraction import embed, nothing_left, residues_of, sequences_of, vectors
from helpers.hub_folders import folder_of, network_of
from plmbench.core.errors import InputError
from plmbench.models.transformers import Transformer
from plmbench.store.embeddings import open_embeddings, read_ledger

SEQUENCES = sequences_of([3, 40, 40, 17, 2, 30], letters="ACDEFGHIKLMNPQRSTVWY")
EQUAL = sequences_of([12, 12, 12], letters="ACDEFGHIKLMNPQRSTVWY")
KINDS = ("bert", "t5", "gpt2")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("hub")
    return {kind: folder_of(kind, root / kind) for kind in KINDS}


def written(folder, kind, folders, sequences=SEQUENCES, **settings):
    """Embed with a tiny network of a kind; return the file."""
    folder.mkdir(exist_ok=True)
    network = settings.pop("network", {})
    checkpoint = folders[kind]
    return embed(
        folder, "transformers", sequences, checkpoint=checkpoint, network=network, **settings
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_holds_the_means_that_the_library_gives(kind, folders, tmp_path):
    fast = vectors(written(tmp_path / "fast", kind, folders))
    reference = {"backend": "reference"}
    theirs = vectors(written(tmp_path / "theirs", kind, folders, compute=reference))
    encoder = Transformer.load(kind, folders[kind])[0]
    for name, text in SEQUENCES.items():
        tokens = encoder.tokenize([text])
        weights = encoder.residues(tokens)[0].double()
        states = torch.stack([*encoder.library_states(tokens).values()])[:, 0].double()
        expected = (states * weights[:, None]).sum(1) / len(text)  # [layer, hidden_size]
        scale = states.abs().mean((1, 2))[:, None]
        for found in (fast[name], theirs[name]):
            assert (np.abs(found - expected.numpy()) <= 1e-5 * scale.numpy()).all()


@pytest.mark.parametrize("kind", KINDS)
def test_every_residue_of_a_sequence_has_a_state(kind, folders, tmp_path):
    found = residues_of(written(tmp_path / "x", kind, folders, poolings=["residues"]))
    assert {name: states.shape for name, states in found.items()} == {
        name: (4, len(text), 32) for name, text in SEQUENCES.items()
    }


def test_a_file_says_what_its_network_is_and_what_was_drawn(folders, tmp_path):
    path = written(tmp_path / "x", "bert", folders, weights="reinit-0")
    with open_embeddings(path) as embeddings:
        said, digest = (embeddings.attributes[key] for key in ("network", "checkpoint_sha256"))
    assert said.startswith("BertModel of transformers 5.")
    assert digest == Transformer.load("bert", folders["bert"])[1]
    actions = {row["parameter"]: row["action"] for row in read_ledger(path)}
    assert actions["encoder.layer.0.attention.self.query.weight"] == "normal(std=0.02)"
    assert actions["embeddings.word_embeddings.weight"] == "keep"


REFUSED = [
    ("gpt2", {"poolings": ["sites"]}, "pooling sites is not for model tiny, for its tokens are"),
    ("gpt2", {"poolings": ["mutated"]}, "pooling mutated is not for model tiny"),
    (
        "gpt2",
        {"long_sequences": "windows", "network": {"max_length": 8}},
        "long_sequences: windows is not for model tiny",
    ),
    ("t5", {"poolings": ["cls"]}, "model tiny has no token before the residues"),
    (
        "bert",
        {"poolings": ["cls"], "long_sequences": "windows", "network": {"max_length": 8}},
        "windows have no token before the residues",
    ),
    ("bert", {"network": {"hidden_size": 33}}, "has hidden_size 32, config/models.yaml says 33"),
    ("bert", {"network": {"part": "decoder"}}, "has no part 'decoder'"),
]


@pytest.mark.parametrize(("kind", "settings", "words"), REFUSED)
def test_what_a_network_does_not_have_is_refused_with_the_reason(
    kind, settings, words, folders, tmp_path
):
    with pytest.raises(InputError, match=words):
        written(tmp_path / "x", kind, folders, EQUAL, sites=[2], **settings)
    assert nothing_left(tmp_path / "x")


def test_sites_of_a_causal_network_of_letters_are_refused_too(folders, tmp_path):
    folder = folder_of("bert", tmp_path / "letters")
    for file in folder.glob("model*"):
        file.unlink()
    network_of("gpt2", 30).save_pretrained(folder)
    spaced = {"separator": " ", "rare": "X", "prefix": ""}
    settings = {"poolings": ["sites"], "network": {"writing": spaced}, "sites": [2]}
    with pytest.raises(InputError, match="for it is causal: a state knows nothing of what comes"):
        written(tmp_path / "x", "gpt2", {"gpt2": folder}, EQUAL, **settings)
    settings["poolings"] = ["last", "cls"]
    with pytest.raises(InputError, match="its first token has read nothing"):
        written(tmp_path / "x", "gpt2", {"gpt2": folder}, EQUAL, **settings)


def test_windows_of_a_bidirectional_network_are_put_together(folders, tmp_path):
    settings = {"long_sequences": "windows", "network": {"max_length": 16}}
    whole = vectors(written(tmp_path / "whole", "bert", folders))
    parts = vectors(written(tmp_path / "parts", "bert", folders, **settings))
    for name, text in SEQUENCES.items():
        assert np.allclose(whole[name], parts[name], atol=1e-5) == (len(text) <= 16)
