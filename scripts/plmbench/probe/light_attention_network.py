"""Light attention (Stärk et al. 2021, Bioinformatics Advances 1:vbab035): two convolutions over the
residues, one of values and one of attention, whose weighted sum joins the largest values."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from plmbench.core.metrics import Target
from plmbench.probe.selection import Fitted, Folds
from plmbench.probe.training import ResidueSource, fit_network
from plmbench.probe.training_settings import LightAttentionSettings


class LightAttention(nn.Module):
    """Residues [sequence, residue, width] to outputs [sequence, output], however many there are."""

    def __init__(
        self,
        width: int,
        outputs: int,
        *,
        channels: int,
        kernel_size: int,
        hidden: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.values = nn.Conv1d(width, channels, kernel_size, padding="same")
        self.attention = nn.Conv1d(width, channels, kernel_size, padding="same")
        self.dropout = nn.Dropout(dropout)
        self.linear, self.norm = nn.Linear(2 * channels, hidden), nn.BatchNorm1d(hidden)
        self.output = nn.Linear(hidden, outputs)

    def forward(self, features: Tensor, there: Tensor) -> Tensor:
        """features [sequence, residue, width], zeros in padding; there: bool, true at residues."""
        features, padding = features.transpose(1, 2), ~there.unsqueeze(1)
        values = self.dropout(self.values(features))  # [sequence, channel, residue]
        scores = self.attention(features).masked_fill(padding, -math.inf)
        weighted = (values * scores.softmax(-1)).sum(-1)
        largest = values.masked_fill(padding, -math.inf).amax(-1)
        pooled = torch.cat([weighted, largest], 1)  # [sequence, 2 * channel]
        hidden = self.dropout(self.linear(pooled)).relu()
        return self.output(self.normalised(hidden))

    def normalised(self, hidden: Tensor) -> Tensor:
        """Return a batch normalised; a batch of one by what others have shown."""
        if len(hidden) > 1 or not self.training:
            return self.norm(hidden)
        norm = self.norm
        return functional.batch_norm(
            hidden, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps
        )


def fit_light_attention(
    folds: Folds,
    target: Target,
    settings: LightAttentionSettings,
    *,
    select: str,
    seed: int,
    source: ResidueSource,
) -> Fitted:
    """Train light attention on the residues of a source; keep the best epoch on held-out parts."""

    def build(outputs: int) -> LightAttention:
        return LightAttention(
            source.width,
            outputs,
            channels=settings.channels or source.width,
            kernel_size=settings.kernel_size,
            hidden=settings.hidden,
            dropout=settings.dropout,
        )

    return fit_network(build, folds, target, settings, source, select=select, seed=seed)
