"""FLIP's CNN (Dallago et al. 2021): a convolution over one-hot residues, a linear layer at each of
them, the largest values over residues, and a linear output."""

import math

from torch import Tensor, nn

from plmbench.core.metrics import Target
from plmbench.core.task_types import RESIDUE_CLASSIFICATION
from plmbench.probe.selection import Fitted, Folds
from plmbench.probe.training import fit_network
from plmbench.supervised.sequences import Sequences
from plmbench.supervised.settings import CnnSettings


class Cnn(nn.Module):
    """Residues [sequence, residue, width] to outputs [sequence, output]; without `pooled`, to those
    of each residue [sequence, residue, output]."""

    def __init__(
        self,
        width: int,
        outputs: int,
        *,
        channels: int,
        kernel_size: int,
        dropout: float,
        pooled: bool,
    ) -> None:
        super().__init__()
        self.pooled = pooled
        self.convolution = nn.Conv1d(width, channels, kernel_size, padding="same")
        self.linear, self.dropout = nn.Linear(channels, 2 * channels), nn.Dropout(dropout)
        self.output = nn.Linear(2 * channels, outputs)

    def forward(self, features: Tensor, there: Tensor) -> Tensor:
        """features [sequence, residue, width], zeros in padding; there: bool, true at residues."""
        states = self.convolution(features.transpose(1, 2)).relu().transpose(1, 2)
        states = self.linear(states).relu()  # [sequence, residue, 2 * channel]
        if self.pooled:
            states = states.masked_fill(~there.unsqueeze(2), -math.inf).amax(1)
        return self.output(self.dropout(states))


def fit_cnn(
    folds: Folds,
    target: Target,
    settings: CnnSettings,
    *,
    select: str,
    seed: int,
    source: Sequences,
) -> Fitted:
    """Train the CNN on one-hot sequences; keep the best epoch on held-out parts."""

    def build(outputs: int) -> Cnn:
        return Cnn(
            source.width,
            outputs,
            channels=settings.channels,
            kernel_size=settings.kernel_size,
            dropout=settings.dropout,
            pooled=target.task_type != RESIDUE_CLASSIFICATION,
        )

    return fit_network(build, folds, target, settings, source, select=select, seed=seed)
