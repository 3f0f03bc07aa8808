"""The parts of graphnet, under the names and with the shapes that its seed printed."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

PADDING_SCORE = -1e4  # of what is no node, before the softmax


class MLP(nn.Module):
    """A linear layer, normalised and rectified."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.linear, self.layer_norm = nn.Linear(width, outputs), nn.LayerNorm(outputs)

    def forward(self, states: Tensor) -> Tensor:
        """Map [..., width] to [..., output]."""
        return self.layer_norm(self.linear(states)).relu()


class GlobalGraph(nn.Module):
    """Attention of nodes to nodes. The print does not tell the number of heads."""

    def __init__(self, width: int, outputs: int | None = None, heads: int = 1) -> None:
        super().__init__()
        outputs, self.heads = outputs or width, heads
        self.query = nn.Linear(width, outputs)
        self.key = nn.Linear(width, outputs)
        self.value = nn.Linear(width, outputs)

    def split(self, states: Tensor) -> Tensor:
        """Return [graph, node, output] as [graph, head, node, output of a head]."""
        return states.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, nodes: Tensor, others: Tensor, there: Tensor) -> Tensor:
        """Attend from nodes to others, both [graph, node, width]; there [graph, other]."""
        query, key = self.split(self.query(nodes)), self.split(self.key(others))
        scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        scores = scores.masked_fill(~there[:, None, None, :], PADDING_SCORE)
        mixed = scores.softmax(-1) @ self.split(self.value(others))
        return mixed.transpose(1, 2).flatten(2)  # [graph, node, output]


class CrossAttention(GlobalGraph):
    """Attention from the nodes of one side to those of the other."""


class GlobalGraphRes(nn.Module):
    """Two attentions of half the width, side by side."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.global_graph = GlobalGraph(width, width // 2)
        self.global_graph2 = GlobalGraph(width, width // 2)

    def forward(self, nodes: Tensor, there: Tensor) -> Tensor:
        """Return [graph, node, width] from nodes of that shape."""
        parts = [part(nodes, nodes, there) for part in (self.global_graph, self.global_graph2)]
        return torch.cat(parts, -1)


class SubGraph(nn.Module):
    """The atoms of a residue to one vector, the largest values over them."""

    def __init__(self, atoms: int, width: int, depth: int = 3) -> None:
        super().__init__()
        self.padding = atoms
        self.layer_0 = MLP(atoms, width)
        self.layers = nn.ModuleList([GlobalGraph(width, heads=2) for _ in range(depth)])
        self.layers_2 = nn.ModuleList([nn.LayerNorm(width) for _ in range(depth)])
        self.layer_0_again = MLP(width, width)
        self.atom_emb_layer = nn.Embedding(atoms + 1, atoms)

    def forward(self, atoms: Tensor) -> Tensor:
        """Map names of atoms int64 [residue, atom] to [residue, width]."""
        there = atoms != self.padding
        states = self.layer_0_again(self.layer_0(self.atom_emb_layer(atoms)))
        for layer, norm in zip(self.layers, self.layers_2, strict=True):
            states = norm(layer(states, states, there).relu() + states)
        return states.masked_fill(~there.unsqueeze(-1), -math.inf).amax(1)


class Conv2d(nn.Module):
    """A convolution, normalised over the batch and rectified."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, outputs, (3, 5), padding=(1, 2))
        self.bn, self.relu = nn.BatchNorm2d(outputs), nn.ReLU()

    def forward(self, planes: Tensor) -> Tensor:
        """Map [sequence, channel, row, column] to [sequence, output, row, column]."""
        return self.relu(self.bn(self.conv(planes)))


class ResidualBlock2D(nn.Module):
    """Three convolutions beside one of a single letter, with four times as many channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(channels, channels, 1, bias=False)
        self.b1 = nn.BatchNorm2d(channels)
        self.c2 = nn.Conv2d(channels, 2 * channels, (3, 5), padding=(1, 2), bias=False)
        self.b2 = nn.BatchNorm2d(2 * channels)
        self.c3 = nn.Conv2d(2 * channels, 4 * channels, 1, bias=False)
        self.b3 = nn.BatchNorm2d(4 * channels)
        shortcut = nn.Conv2d(channels, 4 * channels, 1, bias=False)
        self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(4 * channels))
        self.relu = nn.ReLU()

    def forward(self, planes: Tensor, there: Tensor) -> Tensor:
        """Map [sequence, channel, row, column] to four times the channels; there: 0 in rows of
        padding, which a convolution over several rows must not see."""
        states = self.relu(self.b1(self.c1(planes))) * there
        states = self.relu(self.b2(self.c2(states)))
        return self.relu(self.b3(self.c3(states)) + self.downsample(planes))


class KMersNet(nn.Module):
    """A picture of the sequence, a row for each residue, to one vector per residue."""

    def __init__(self, columns: int, width: int, dropout: float) -> None:
        super().__init__()
        self.conv, self.res2d = Conv2d(1, 8), ResidualBlock2D(8)
        self.fc, self.relu = nn.Linear(32 * columns, width), nn.ReLU()
        self.rate = dropout

    def forward(self, rows: Tensor, there: Tensor) -> Tensor:
        """Map [sequence, residue, column] to [sequence, residue, width]; there: 0 in padding."""
        there = there[:, None, :, None].to(rows.dtype)
        planes = self.conv(rows.unsqueeze(1) * there)
        planes = functional.dropout(planes, self.rate / 5, self.training)
        planes = functional.dropout(self.res2d(planes, there), self.rate, self.training)
        return self.relu(self.fc(planes.transpose(1, 2).flatten(2)))


class TimeDistributed(nn.Module):
    """A module that is applied at each residue."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, states: Tensor) -> Tensor:
        """Apply it to [sequence, residue, width]."""
        return self.module(states)


class PredLoss(nn.Module):
    """The smooth L1 loss of each example."""

    def __init__(self) -> None:
        super().__init__()
        self.reg_loss = nn.SmoothL1Loss(reduction="none")

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the loss [example] of outputs and targets [example, output]."""
        return self.reg_loss(outputs, targets).mean(1)
