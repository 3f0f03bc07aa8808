"""Networks of torch on the residues of sequences: trained until validation stops gaining.

It is loaded where a network is fit, and by nothing else of the probes.
"""

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from plmbench.core.errors import InputError
from plmbench.core.logs import log
from plmbench.core.metrics import Target
from plmbench.core.task_types import RESIDUE_CLASSIFICATION
from plmbench.probe.mlp_heads import Head, head_of
from plmbench.probe.places import places_of
from plmbench.probe.selection import (
    Examples,
    Fitted,
    Folds,
    first_best,
    mean_over_pairs,
    value_of,
)
from plmbench.probe.training_settings import TrainingSettings

MOST_RESIDUES = 1 << 14  # that are in memory at once, padding included; one sequence may have more
LOG_EVERY = 10.0  # seconds
Loss = Callable[[Tensor, Tensor], Tensor]  # of outputs and targets [example, output]: [example]


class ResidueSource(Protocol):
    """Where the residues of sequences are read."""

    device: Any  # of torch
    width: int  # features of a residue
    offsets: np.ndarray  # int64 [sequence + 1], where the residues of each start among all
    lengths: np.ndarray  # int64 [sequence]

    def of(self, row: int) -> np.ndarray:
        """Return the residues of one sequence, float32 [residue, width]."""


class Group(NamedTuple):
    """A sequence with its examples: itself, or those of its residues that have a label."""

    row: int
    examples: np.ndarray  # int64 [example], positions in what was asked for
    places: np.ndarray  # int64 [example], residues of the sequence; 0 where it is the example


def groups_of(X: np.ndarray, source: ResidueSource, target: Target) -> list[Group]:
    """Return the Groups of examples, which are given as positions [example, 2] in the source."""
    places = places_of(X)
    if target.task_type != RESIDUE_CLASSIFICATION:
        first = np.zeros(1, np.int64)
        return [Group(row, np.array([i]), first) for i, row in enumerate(places.tolist())]
    rows = np.searchsorted(source.offsets, places, side="right") - 1
    order = np.argsort(rows, kind="stable")
    cuts = np.flatnonzero(np.diff(rows[order])) + 1
    return [
        Group(int(rows[part[0]]), part, places[part] - source.offsets[rows[part[0]]])
        for part in np.split(order, cuts)
    ]


def chunks_of(groups: Sequence[Group], source: ResidueSource) -> Iterator[list[Group]]:
    """Yield the groups in parts of at most MOST_RESIDUES each, padding included."""
    chunk: list[Group] = []
    longest = 0
    for group in groups:
        longest = max(longest, int(source.lengths[group.row]))
        if chunk and longest * (len(chunk) + 1) > MOST_RESIDUES:
            yield chunk
            chunk, longest = [], int(source.lengths[group.row])
        chunk.append(group)
    if chunk:
        yield chunk


def padded(groups: Sequence[Group], source: ResidueSource) -> tuple[Tensor, Tensor]:
    """Return float32 [sequence, residue, width] and bool [sequence, residue], true at residues."""
    residues = [source.of(group.row) for group in groups]
    longest = max(map(len, residues))
    features = np.zeros((len(groups), longest, source.width), np.float32)
    there = np.zeros((len(groups), longest), bool)
    for i, own in enumerate(residues):
        features[i, : len(own)], there[i, : len(own)] = own, True
    return torch.from_numpy(features).to(source.device), torch.from_numpy(there).to(source.device)


def loss_of(head: Head) -> Loss:
    """Return the loss of a network's outputs: squared error, or cross-entropy in nats."""
    if not head.classes:
        return lambda outputs, y: (outputs - y).square().mean(1)
    if head.outputs == 1:
        losses = functional.binary_cross_entropy_with_logits
        return lambda outputs, y: losses(outputs, y, reduction="none").mean(1)
    return partial(functional.cross_entropy, reduction="none")


class Trainee:
    """A network that learns from training examples, and predicts others."""

    def __init__(
        self,
        network: nn.Module,
        train: Examples,
        target: Target,
        settings: TrainingSettings,
        source: ResidueSource,
        seed: int,
        loss: Loss | None = None,
    ) -> None:
        """network: features, there -> [sequence, output], or of residues [sequence, residue,
        output]; loss: of a number, squared error if absent."""
        self.target, self.source, self.head = target, source, head_of(train.y, target)
        self.network = network.to(source.device)
        self.loss = loss if loss and not target.classes else loss_of(self.head)
        self.groups, self.batch_size = groups_of(train.X, source, target), settings.batch_size
        encoded = self.head.encoded(train.y).astype(np.float32)  # [example, output]
        self.Y = torch.from_numpy(encoded).to(source.device)
        self.random = np.random.Generator(np.random.PCG64(seed))
        self.optimiser = torch.optim.AdamW(
            network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )

    def outputs(self, groups: Sequence[Group]) -> Tensor:
        """Return the outputs [example, output] of groups, one group's examples after the other."""
        outputs = self.network(*padded(groups, self.source))
        if self.target.task_type != RESIDUE_CLASSIFICATION:
            return outputs
        owner = np.repeat(np.arange(len(groups)), [len(group.places) for group in groups])
        return outputs[owner, np.concatenate([group.places for group in groups])]

    def train_epoch(self) -> float:
        """See every training example once; return the mean loss."""
        self.network.train()
        order, total = self.random.permutation(len(self.groups)), 0.0
        # Batches of equal size: a last one of a single example would be all noise.
        for part in np.array_split(order, -(-len(order) // self.batch_size)):
            groups = [self.groups[i] for i in part]
            count = sum(len(group.examples) for group in groups)
            self.optimiser.zero_grad(set_to_none=True)
            for chunk in chunks_of(groups, self.source):
                y = self.Y[np.concatenate([group.examples for group in chunk])]
                loss = self.loss(self.outputs(chunk), y).sum() / count
                loss.backward()
                total += loss.item() * count
            self.optimiser.step()
        mean = total / len(self.Y)
        if not np.isfinite(mean):
            rate = self.optimiser.param_groups[0]["lr"]
            raise InputError(
                "training: the loss grew beyond all numbers; take a smaller learning_rate than "
                f"{rate:g}"
            )
        return mean

    @torch.no_grad()
    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return predictions [example] or [example, class] for positions [example, 2]."""
        self.network.eval()
        groups = groups_of(X, self.source, self.target)
        groups.sort(key=lambda group: self.source.lengths[group.row])  # little padding
        values = np.empty((len(X), self.head.outputs))
        for chunk in chunks_of(groups, self.source):
            own = np.concatenate([group.examples for group in chunk])
            values[own] = self.outputs(chunk).double().cpu().numpy()
        self.head.activate(values)
        return self.head.decoded(values)


class Best(NamedTuple):
    """The epoch, counted from 1, at which networks, one per pair, were best on held-out parts."""

    epoch: int
    held_out: list[np.ndarray]
    states: list[dict[str, Tensor]]


class Pace:
    """Logs how a training goes, every LOG_EVERY seconds."""

    def __init__(self, epochs: int, select: str) -> None:
        self.epochs, self.select, self.last = epochs, select, time.monotonic()

    def log(self, epoch: int, loss: float, value: float = np.nan) -> None:
        """Log the mean loss of an epoch, and the metric on held-out examples."""
        now = time.monotonic()
        if now - self.last >= LOG_EVERY:
            self.last = now
            log.info(
                "epoch %d of at most %d: loss %.4f, held-out %s %.4f",
                *(epoch, self.epochs, loss, self.select, value),
            )


def best_epoch(
    trainees: Sequence[Trainee], folds: Folds, settings: TrainingSettings, select: str
) -> Best:
    """Train one network per pair side by side; return the Best by the mean over pairs of the metric
    `select`. Training stops after `patience` epochs without gain."""
    target, pace = trainees[0].target, Pace(settings.epochs, select)
    values: list[list[float]] = []  # [epoch][pair]
    best = Best(0, [], [])
    for epoch in range(1, settings.epochs + 1):
        loss = float(np.mean([trainee.train_epoch() for trainee in trainees]))
        pairs = list(zip(trainees, folds.pairs, strict=True))
        held_out = [trainee.predict(part.X) for trainee, (_, part) in pairs]
        scored = zip(folds.pairs, held_out, strict=True)
        values.append([value_of(select, part, guess, target) for (_, part), guess in scored])
        means = mean_over_pairs(np.transpose(values))
        pace.log(epoch, loss, means[-1])
        if (first_best(means, select) or 0) == epoch - 1:
            states = [copy.deepcopy(trainee.network.state_dict()) for trainee in trainees]
            best = Best(epoch, held_out, states)
        elif epoch - best.epoch >= settings.patience:
            break
    return best


def trained(trainee: Trainee, epochs: int) -> Trainee:
    """Train a network for a number of epochs, and return it."""
    pace = Pace(epochs, "metric")
    for epoch in range(1, epochs + 1):
        pace.log(epoch, trainee.train_epoch())
    return trainee


@contextmanager
def seeded(seed: int, device: Any) -> Iterator[None]:
    """Draw torch's random numbers by a seed while the context lasts, and leave its own as they
    were."""
    device = torch.device(device)
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def fit_network(
    build: Callable[[int], nn.Module],
    folds: Folds,
    target: Target,
    settings: TrainingSettings,
    source: ResidueSource,
    *,
    select: str,
    seed: int,
    loss: Loss | None = None,
) -> Fitted:
    """Train the network that `build(outputs)` returns; keep it as it was at its best epoch.

    With a validation subset the weights of that epoch are kept. Without one a network is trained
    anew on all training examples for as many epochs; with nothing to choose on, for all `epochs`.
    """

    def new(train: Examples) -> Trainee:
        network = build(head_of(train.y, target).outputs)
        return Trainee(network, train, target, settings, source, seed, loss)

    with seeded(seed, source.device):
        trainees = [new(train) for train, _ in folds.pairs]
        best = Best(settings.epochs, [], [])
        if trainees:
            best = best_epoch(trainees, folds, settings, select)
        if folds.validation is not None:
            (final,) = trainees
            final.network.load_state_dict(best.states[0])
        else:
            final = trained(new(folds.train), best.epoch)
    log.info("seed %d: epoch %d is kept", seed, best.epoch)
    return Fitted(final.predict, {"epoch": float(best.epoch)}, best.held_out)
