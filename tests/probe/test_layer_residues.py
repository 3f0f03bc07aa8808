"""The residues of a layer, as a probe that reads all of them sees them."""

import numpy as np
import pytest

from helpers.embeddings import write_embeddings
from plmbench.probe import layer_residues
from plmbench.probe.layer_residues import LayerResidues
from plmbench.probe.layerwise import poolings_to_fit, probe_of
from plmbench.probe.places import placed
from plmbench.store.embeddings import open_embeddings

LENGTHS, LAYERS, WIDTH = [3, 1, 5, 4], 2, 6
IDS = ["a", "b", "c", "d"]
VALUES = np.random.default_rng(0).normal(5, 3, (LAYERS, sum(LENGTHS), WIDTH)).astype(np.float32)
MEANS = VALUES[:, :4]


@pytest.fixture
def embeddings(tmp_path):
    path = tmp_path / "file.h5"
    write_embeddings(path, IDS, {"mean": MEANS, "residues": VALUES}, LENGTHS)
    with open_embeddings(path) as opened:
        yield opened


@pytest.mark.parametrize("most", [0, 1 << 30])
@pytest.mark.parametrize("layer", range(LAYERS))
def test_a_sequence_has_its_residues_whether_a_layer_is_kept_or_read_again(
    embeddings, layer, most, monkeypatch
):
    monkeypatch.setattr(layer_residues, "MOST_KEPT", most)
    source = LayerResidues(embeddings, layer)
    assert (source.width, source.lengths.tolist()) == (WIDTH, LENGTHS)
    for row, (start, stop) in enumerate(zip(source.offsets, source.offsets[1:], strict=False)):
        assert np.array_equal(source.of(row), VALUES[layer, start:stop])


def test_residues_are_standardised_by_those_asked_for_alone(embeddings):
    source = LayerResidues(embeddings, 1)
    source.standardise(placed(np.array([0, 2, 2])))
    shown = np.concatenate([source.of(0), source.of(2)])
    assert shown.mean(0) == pytest.approx(np.zeros(WIDTH), abs=1e-5)
    assert shown.std(0) == pytest.approx(np.ones(WIDTH), abs=1e-5)
    assert abs(source.of(3).mean(0)).max() > 0.05


def test_a_feature_that_never_differs_stays_finite(tmp_path):
    values = VALUES.copy()
    values[:, :, 0] = 7
    write_embeddings(tmp_path / "file.h5", IDS, {"residues": values}, LENGTHS)
    with open_embeddings(tmp_path / "file.h5") as opened:
        source = LayerResidues(opened, 0)
        source.standardise(placed(np.arange(4)))
        assert np.array_equal(source.of(2)[:, 0], np.zeros(5))


@pytest.mark.parametrize(
    ("task_type", "probe_type", "poolings"),
    [
        ("regression", "ridge", ["mean"]),
        ("classification", "light_attention", ["residues"]),
        ("residue_classification", "ridge", ["residues"]),
    ],
)
def test_a_probe_takes_the_poolings_that_it_is_for(embeddings, task_type, probe_type, poolings):
    settings = {"alphas": [1]} if probe_type == "ridge" else {}
    probe = probe_of(task_type=task_type, probe_type=probe_type, **settings)
    assert poolings_to_fit(embeddings, probe) == poolings
