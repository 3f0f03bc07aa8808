"""Sequences above a model's max_length in an embedding file: refused, cut, dropped, in windows."""

import numpy as np
import pytest

from helpers.extraction import (
    FAMILIES,
    LETTERS,
    SEQUENCES,
    embed,
    nothing_left,
    residues_of,
    vectors,
)
from plmbench.core.errors import InputError
from plmbench.core.poolings import RESIDUES
from plmbench.store.embeddings import open_embeddings

ONLY = {"poolings": [RESIDUES]}
LONG = {name for name, text in SEQUENCES.items() if len(text) > 40}
STANDARD = "ACDEFGHIKLMNPQRSTVWY"


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    return request.param


def attributes_of(path):
    with open_embeddings(path) as embeddings:
        return embeddings.attributes


@pytest.mark.parametrize(("policy", "kept"), [("truncate", "ACDE"), ("keep_ends", "ACWY")])
def test_sequences_above_the_limit_are_cut_and_recorded(policy, kept, tmp_path):
    sequences = {"long": STANDARD, "short": "ACD"}
    network = {"max_length": 4}
    path = embed(tmp_path, "onehot", sequences, "none", network=network, long_sequences=policy)
    shares = vectors(path)["long"][0]
    assert {letter for letter, share in zip(STANDARD, shares, strict=True) if share} == set(kept)
    attributes = attributes_of(path)
    assert (attributes["above_max_length"], attributes["max_length"]) == (1, 4)
    assert attributes["long_sequences"] == policy


@pytest.mark.parametrize(
    ("policy", "by_hand"),
    [("truncate", lambda text: text[:40]), ("keep_ends", lambda text: text[:20] + text[-20:])],
)
def test_residues_of_a_cut_sequence_are_those_of_what_is_left(family, policy, by_hand, tmp_path):
    cut = {n: by_hand(text) if len(text) > 40 else text for n, text in SEQUENCES.items()}
    expected = residues_of(embed(tmp_path, family, cut, **ONLY))
    path = embed(tmp_path, family, network={"max_length": 40}, long_sequences=policy, **ONLY)
    found = residues_of(path)
    for name, text in cut.items():
        assert found[name].shape == (4, len(text), 32)
        assert np.allclose(found[name], expected[name], atol=1e-4)


def test_sequence_above_the_limit_is_refused_by_default(tmp_path):
    with pytest.raises(
        InputError, match=r"max_length of 80 residues: P5 \(90 residues\), P2 \(88 res"
    ):
        embed(tmp_path, "esm1b", network={"max_length": 80})
    assert nothing_left(tmp_path)


@pytest.mark.parametrize("poolings", [["mean"], [RESIDUES]])
def test_dropped_sequences_are_recorded_and_the_others_are_as_before(poolings, tmp_path):
    read = vectors if poolings == ["mean"] else residues_of
    everything = read(embed(tmp_path, "esm2", poolings=poolings))
    dropping = {"network": {"max_length": 40}, "long_sequences": "drop", "poolings": poolings}
    path = embed(tmp_path, "esm2", **dropping)
    found = read(path)
    assert set(found) == set(SEQUENCES) - LONG
    for name, states in found.items():
        assert np.allclose(states, everything[name], atol=1e-4)
    with open_embeddings(path) as embeddings:
        assert embeddings.dropped == LONG
        assert embeddings.attributes["above_max_length"] == len(LONG) == 3


def test_nothing_dropped_is_an_empty_record(tmp_path):
    path = embed(tmp_path, "esm2", network={"max_length": 90}, long_sequences="drop")
    with open_embeddings(path) as embeddings:
        assert embeddings.dropped == set()
        assert len(embeddings.ids) == len(SEQUENCES)


def test_when_every_sequence_is_dropped_the_job_stops(tmp_path):
    sequences = {"a": "MKVLA", "b": "MKVLAW"}
    with pytest.raises(
        InputError, match="every sequence is above the model's max_length of 4 residues"
    ):
        embed(tmp_path, "esm2", sequences, network={"max_length": 4}, long_sequences="drop")
    assert nothing_left(tmp_path)


def test_windows_keep_every_residue_of_every_sequence(family, tmp_path):
    whole = residues_of(embed(tmp_path, family, **ONLY))
    path = embed(tmp_path, family, network={"max_length": 40}, long_sequences="windows", **ONLY)
    found = residues_of(path)
    for name, text in SEQUENCES.items():
        assert found[name].shape == (4, len(text), 32)
        same = np.allclose(found[name][3], whole[name][3], atol=1e-4)
        assert same == (name not in LONG)
    attributes = attributes_of(path)
    assert (attributes["max_length"], attributes["above_max_length"]) == (40, len(LONG))


@pytest.mark.parametrize("tokens_per_batch", [1, 4096])
def test_windows_are_the_same_whatever_the_batch(tokens_per_batch, tmp_path):
    settings = {"network": {"max_length": 17}, "long_sequences": "windows", **ONLY}
    expected = residues_of(embed(tmp_path, "esm1b", **settings))
    compute = {"tokens_per_batch": tokens_per_batch}
    for name, states in residues_of(embed(tmp_path, "esm1b", compute=compute, **settings)).items():
        assert np.allclose(states, expected[name], atol=1e-4)


VARIANTS = {f"v{i}": "MKVLAWTRHE" * 3 + letter for i, letter in enumerate("ACDEF")}


@pytest.mark.parametrize("pooling", ["mutated", "sites"])
@pytest.mark.parametrize("policy", ["truncate", "keep_ends"])
def test_poolings_at_sites_are_refused_where_sequences_were_cut(pooling, policy, tmp_path):
    settings = {"network": {"max_length": 20}, "sites": [30], "poolings": [pooling]}
    with pytest.raises(InputError, match=r"need whole sequences.*long_sequences to windows"):
        embed(tmp_path, "esm2", VARIANTS, long_sequences=policy, **settings)
    assert nothing_left(tmp_path)


def test_poolings_at_sites_find_them_in_windows(tmp_path):
    settings = {"network": {"max_length": 20}, "long_sequences": "windows", "sites": [0, 30]}
    path = embed(tmp_path, "esm2", VARIANTS, poolings=["sites", RESIDUES], **settings)
    residues = residues_of(path)
    for name, found in vectors(path, "sites").items():
        assert np.array_equal(found, residues[name][:, [0, 30]].reshape(4, -1))


def test_within_the_limit_a_policy_that_cuts_is_no_hindrance(tmp_path):
    settings = {"network": {"max_length": 31}, "sites": [30], "poolings": ["mutated"]}
    embed(tmp_path, "esm2", VARIANTS, long_sequences="truncate", **settings)


def test_masked_letters_are_counted_for_the_record(tmp_path):
    assert "#" in LETTERS
    found = attributes_of(embed(tmp_path, "onehot", weights="none"))["masked_residues"]
    assert found == sum(text.count("#") for text in SEQUENCES.values()) > 0
