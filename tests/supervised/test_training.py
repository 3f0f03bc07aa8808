"""Training on the residues of sequences: groups, chunks, padding, and what is kept."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from helpers.motifs import motif_texts
from plmbench.core.metrics import Target
from plmbench.core.task_types import CLASSIFICATION, REGRESSION, RESIDUE_CLASSIFICATION
from plmbench.probe import training
from plmbench.probe.light_attention_network import LightAttention
from plmbench.probe.places import placed
from plmbench.probe.selection import Examples
from plmbench.probe.training import Trainee, chunks_of, groups_of, padded, seeded
from plmbench.probe.training_settings import TrainingSettings
from plmbench.supervised.cnn_network import Cnn
from plmbench.supervised.sequences import Sequences

TEXTS = ["MKV", "A", "CDEFGHIKLM", "ACACACA"]
SOURCE = Sequences(pd.DataFrame({"id": range(4), "sequence": TEXTS}))
NUMBER = Target(REGRESSION, (), 0.0)
CLASSES = Target(CLASSIFICATION, ("a", "b", "c"))
RESIDUES = Target(RESIDUE_CLASSIFICATION, ("a", "b"))
LIGHT = {"channels": 8, "kernel_size": 5, "hidden": 6, "dropout": 0.5}


def test_residues_are_grouped_by_their_sequence():
    rows = np.array([12, 0, 3, 2, 13])  # of MKV A CDEFGHIKLM ACACACA, one after the other
    groups = groups_of(placed(rows), SOURCE, RESIDUES)
    found = {group.row: dict(zip(group.examples, group.places, strict=True)) for group in groups}
    assert found == {0: {1: 0, 3: 2}, 1: {2: 0}, 2: {0: 8, 4: 9}}


@pytest.mark.parametrize("most", [1, 7, 14, 100])
def test_chunks_hold_every_group_once_and_no_more_residues_than_allowed(most, monkeypatch):
    monkeypatch.setattr(training, "MOST_RESIDUES", most)
    groups = groups_of(placed(np.arange(4)), SOURCE, NUMBER)
    chunks = list(chunks_of(groups, SOURCE))
    assert [group.row for chunk in chunks for group in chunk] == [0, 1, 2, 3]
    for chunk in chunks:
        longest = max(len(TEXTS[group.row]) for group in chunk)
        assert len(chunk) == 1 or longest * len(chunk) <= most


NETWORKS = {
    "light attention": lambda: LightAttention(20, 2, **LIGHT),
    "cnn": lambda: Cnn(20, 2, channels=8, kernel_size=5, dropout=0.5, pooled=True),
}


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_padding_and_company_change_no_output(make):
    network = make().eval()
    groups = groups_of(placed(np.arange(4)), SOURCE, NUMBER)
    together = network(*padded(groups, SOURCE))
    for i, group in enumerate(groups):
        assert torch.allclose(network(*padded([group], SOURCE))[0], together[i], atol=1e-6)


def test_light_attention_has_the_parameters_that_were_measured_with():
    network = LightAttention(20, 1, channels=64, kernel_size=9, hidden=32, dropout=0.25)
    assert sum(value.numel() for value in network.parameters()) == 27_393


def test_a_training_batch_of_one_sequence_can_be_learned_from():
    network = LightAttention(20, 1, **LIGHT).train()
    outputs = network(*padded(groups_of(placed(np.array([2])), SOURCE, NUMBER), SOURCE))
    assert torch.isfinite(outputs).all()


@pytest.mark.parametrize("target", [NUMBER, CLASSES])
def test_the_loss_falls(target):
    texts, has_motif = motif_texts(60)
    source = Sequences(pd.DataFrame({"id": range(60), "sequence": texts}))
    y = np.array(has_motif, int) if target.classes else np.array(has_motif, float)
    settings = TrainingSettings(batch_size=10, learning_rate=0.01)
    with seeded(0, "cpu"):
        network = Cnn(
            20,
            len(target.classes) or 1,
            channels=16,
            kernel_size=5,
            dropout=0.0,
            pooled=True,
        )
        trainee = Trainee(network, Examples(placed(np.arange(60)), y), target, settings, source, 0)
        losses = [trainee.train_epoch() for _ in range(10)]
    assert losses[-1] < 0.3 * losses[0]


def test_chunks_of_a_batch_give_the_step_of_the_whole_batch(monkeypatch):
    def weights_after(most):
        monkeypatch.setattr(training, "MOST_RESIDUES", most)
        with seeded(0, "cpu"):
            network = Cnn(20, 1, channels=4, kernel_size=3, dropout=0.0, pooled=True)
            examples = Examples(placed(np.arange(4)), np.array([0.0, 1.0, 2.0, 3.0]))
            trainee = Trainee(network, examples, NUMBER, TrainingSettings(), SOURCE, 0)
            trainee.train_epoch()
        return nn.utils.parameters_to_vector(network.parameters())

    assert torch.allclose(weights_after(1), weights_after(1000), atol=1e-6)


def test_a_seed_leaves_the_random_numbers_of_others_as_they_were():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    with seeded(1, "cpu"):
        torch.rand(7)
    assert torch.equal(torch.rand(1), expected)
