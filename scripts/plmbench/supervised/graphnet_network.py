"""graphnet: the architecture of the seed, its nucleotide side adapted.

The seed was made for proteins that bind nucleic acids: one side (A) are residues, each a graph of
its atoms, the other (L) nucleotides, read as k-mers. Here the k-mers are those of the protein
itself, over four descriptors of its residues, and atoms come from templates, without coordinates,
so that the atoms of a residue say no more than its letter. All but the k-mers is blind to order.
Module names and shapes are those that the seed printed (tests/files/graphnet_modules.tsv).
"""

import math

import torch
from torch import Tensor, nn

from plmbench.core.metrics import Target
from plmbench.probe.selection import Fitted, Folds
from plmbench.probe.training import fit_network
from plmbench.supervised.graphnet_parts import (
    CrossAttention,
    GlobalGraphRes,
    KMersNet,
    PredLoss,
    SubGraph,
    TimeDistributed,
)
from plmbench.supervised.graphnet_residues import ATOMS, descriptors, templates
from plmbench.supervised.sequences import Sequences
from plmbench.supervised.settings import GraphNetSettings

WIDTH, LETTERS = 128, 20


def largest(states: Tensor, there: Tensor) -> Tensor:
    """Return the largest values over nodes [sequence, width]."""
    return states.masked_fill(~there.unsqueeze(2), -math.inf).amax(1)


class GraphNet(nn.Module):
    """One-hot residues to one number per sequence."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        half, self.tables = WIDTH // 2, (torch.tensor(templates()), torch.tensor(descriptors()))
        self.atom_emb_layer = nn.Embedding(len(ATOMS) + 1, WIDTH)  # printed, and read by nothing
        self.atom_level_sub_graph = SubGraph(len(ATOMS), half)
        self.global_graph = GlobalGraphRes(WIDTH)
        self.laneGCN_A2L, self.laneGCN_L2L = CrossAttention(half), GlobalGraphRes(half)
        self.laneGCN_L2A, self.laneGCN_A2A = CrossAttention(half), GlobalGraphRes(half)
        self.aa_embeding_layer = TimeDistributed(nn.Linear(LETTERS, half, bias=False))
        self.kmers_net = KMersNet(descriptors().shape[1], half, dropout)
        self.reg_head = nn.Linear(2 * WIDTH, WIDTH, bias=False)
        self.reg_pred = nn.Linear(WIDTH, 1, bias=False)
        self.loss = PredLoss()

    def forward(self, features: Tensor, there: Tensor) -> Tensor:
        """features: one-hot [sequence, residue, 20]; there: bool, true at residues. Returns
        [sequence, 1]."""
        atoms, numbers = (table.to(features.device) for table in self.tables)
        known = features.sum(-1) > 0
        codes = features.argmax(-1).masked_fill(~known, LETTERS)  # [sequence, residue]
        residues = self.atom_level_sub_graph(atoms)[codes]  # [sequence, residue, half]
        letters = self.aa_embeding_layer(features).relu()
        kmers = self.kmers_net(numbers[codes], there)
        lanes = kmers + self.laneGCN_A2L(kmers, residues, there)
        lanes = lanes + self.laneGCN_L2L(lanes, there)
        residues = residues + self.laneGCN_L2A(residues, lanes, there)
        residues = residues + self.laneGCN_A2A(residues, there)
        nodes = torch.cat([torch.cat([letters, residues], 2), torch.cat([kmers, lanes], 2)], 1)
        nodes = self.global_graph(nodes, there.repeat(1, 2))
        sides = (largest(side, there) for side in nodes.chunk(2, 1))
        return self.reg_pred(self.reg_head(torch.cat(list(sides), 1)))


def fit_graphnet(
    folds: Folds,
    target: Target,
    settings: GraphNetSettings,
    *,
    select: str,
    seed: int,
    source: Sequences,
) -> Fitted:
    """Train graphnet on one-hot sequences; keep the best epoch on held-out parts."""

    def build(outputs: int) -> GraphNet:
        return GraphNet(settings.dropout)

    loss = PredLoss()
    return fit_network(build, folds, target, settings, source, select=select, seed=seed, loss=loss)
