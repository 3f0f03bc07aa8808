"""Light attention on stored residues: what a mean cannot see, it finds."""

import numpy as np
import pandas as pd
import pytest

from helpers.embeddings import write_embeddings
from helpers.motifs import motif_task
from plmbench.probe.layerwise import probe_of, score_layers
from plmbench.store.embeddings import open_embeddings
from plmbench.supervised.sequences import Sequences

SETTINGS = {"channels": 16, "learning_rate": 0.01, "batch_size": 16, "epochs": 12}


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    """Return labels of a motif's task, and embeddings: noise, and letters through a matrix."""
    sequences, labels = motif_task(("0.25", "0.75"))
    source, draw = Sequences(sequences), np.random.default_rng(0)
    letters = np.concatenate([source.of(row) for row in range(len(sequences))])
    values = np.stack([draw.normal(size=(len(letters), 12)), letters @ draw.normal(size=(20, 12))])
    path = tmp_path_factory.mktemp("task") / "file.h5"
    write_embeddings(path, sequences["id"], {"residues": 100 * values + 7}, source.lengths)
    return labels, path


def scores(task, folder, **settings):
    labels, path = task
    probe = probe_of(
        task_type="regression", probe_type="light_attention", **{**SETTINGS, **settings}
    )
    with open_embeddings(path) as embeddings:
        rows = pd.DataFrame(score_layers(embeddings, labels, folder / "predictions.h5", probe))
    own = rows[(rows["metric"] == "spearman") & (rows["subset"] == "test")]
    return own.set_index("layer")["value"]


def test_a_motif_is_found_in_the_layer_that_holds_letters_and_not_in_noise(task, tmp_path):
    found = scores(task, tmp_path)
    assert found[1] > 0.8
    assert abs(found[0]) < 0.35


def test_the_same_seed_gives_the_same_scores_and_only_chosen_layers_are_fit(task, tmp_path):
    first = scores(task, tmp_path, epochs=2, layers=[-1])
    assert first.index.tolist() == [1]
    assert scores(task, tmp_path, epochs=2, layers=[-1]).equals(first)
    assert not scores(task, tmp_path, epochs=2, layers=[-1], seeds=[1]).equals(first)
