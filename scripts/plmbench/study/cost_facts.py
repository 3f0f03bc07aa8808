"""What a job of a study has to do with: examples, features, layers, residues, bytes."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from plmbench.core.layers import chosen_layers
from plmbench.core.poolings import RESIDUES
from plmbench.core.task_types import RESIDUE_CLASSIFICATION
from plmbench.probe.probe_type import CommonSettings
from plmbench.study.catalogues import Study
from plmbench.study.cost_jobs import Job
from plmbench.study.cost_machine import Machine
from plmbench.study.cost_rates import Rates
from plmbench.study.cost_sizes import SetSize, Sizes, SplitSize
from plmbench.study.parts import num_points
from plmbench.study.resources import Network, network_size, tells_size, tokens_seen

BYTES = {"float32": 4, "float16": 2}


class UnknownSizeError(Exception):
    """The size of a job's data is not known."""


class Examples(NamedTuple):
    """What a probe learns from, chooses on and is tested on; what it predicts."""

    train: int
    held: int  # that settings are chosen on
    scored: int  # predicted with the chosen settings: train, validation and test
    test: int
    classes: int  # columns of predictions; 1 for numbers
    parts: int  # that settings are chosen on: folds, or one validation subset


class Facts:
    """What is known of a study's jobs, and of the machine that they run on."""

    def __init__(self, study: Study, sizes: Sizes, rates: Rates, machine: Machine) -> None:
        """rates: of each kind of work; machine: the one to estimate for."""
        self.study, self.sizes, self.rates, self.machine = study, sizes, rates, machine

    def seconds(self, operations: float) -> float:
        """Return the seconds of a core that take as long as operations of a plain product."""
        return operations / self.machine.product

    def set_size(self, job: Job) -> SetSize:
        """Return what of a job's data set is embedded."""
        if (size := self.sizes.sets.get(job.dataset)) is None:
            raise UnknownSizeError(job.dataset)
        return size

    def split_size(self, job: Job) -> SplitSize:
        """Return the examples of a job's task."""
        if (size := self.sizes.splits.get(job.task)) is None:
            raise UnknownSizeError(f"{job.dataset}/{job.split}")
        return size

    def network(self, job: Job) -> Network:
        """Return the size of a job's network."""
        if job.model in self.unsized:
            raise UnknownSizeError(job.model)
        return network_size(self.study.models[job.model])

    @cached_property
    def unsized(self) -> list[str]:
        """Return the networks whose entries do not tell how large they are."""
        study = self.study
        models = dict.fromkeys(model for model, _ in study.runs() if study.has_weights(model))
        return [model for model in models if not tells_size(study.models[model])]

    def share(self, parameters: int) -> float:
        """Return the share of a plain product that a network holds, by its size."""
        return float(
            np.interp(np.log(max(parameters, 1)), np.log(self.rates.parameters), self.rates.shares)
        )

    def per_residue(self, job: Job) -> bool:
        """Tell whether a job's data set labels residues."""
        return self.study.entries.datasets[job.dataset].task_type == RESIDUE_CLASSIFICATION

    def tokens(self, job: Job) -> int:
        """Return how many tokens a job's network makes of its data set."""
        size = self.set_size(job)
        return tokens_seen(self.study, job.dataset, job.model, size.sequences, size.residues)

    def states(self, job: Job) -> dict[str, int]:
        """Return {pooling: how many states of the network's width an embedding file keeps of each
        layer}."""
        size = self.set_size(job)
        length = self.tokens(job) // max(size.sequences, 1)
        if (side := self.study.models[job.model].get("side")) is not None:
            length = side**2  # of a representation that scales images
        kept = {RESIDUES: size.residues, "flat": size.sequences * length}
        kept["sites"] = size.sequences * max(size.sites, 1)
        poolings = self.study.poolings(job.dataset, job.model)
        return {pooling: kept.get(pooling, size.sequences) for pooling in poolings}

    def layers_stored(self, job: Job) -> list[int]:
        """Return the layers that an embedding file has."""
        points = num_points(self.study, job.model, job.weights)
        if self.study.is_part(job.weights):
            return list(range(points))
        return chosen_layers(self.study.storage(job.dataset, job.model)["layers"], points)

    def embedded_bytes(self, job: Job) -> float:
        """Return the bytes of a job's embedding file."""
        each = BYTES[self.study.run.dtype] * self.network(job).hidden_size
        return float(len(self.layers_stored(job)) * sum(self.states(job).values()) * each)

    def layers_fit(self, job: Job) -> list[int]:
        """Return the layers that a probe is fit on."""
        choice = self.study.probe(job.probe, job.dataset, job.weights).get("layers", "all")
        wanted = chosen_layers(choice, num_points(self.study, job.model, job.weights))
        return sorted(set(wanted) & set(self.layers_stored(job))) or wanted

    def widths(self, job: Job) -> list[int]:
        """Return how many features an example has, of each pooling."""
        examples = self.set_size(job).sequences
        if self.per_residue(job):
            examples = self.set_size(job).residues
        size = self.network(job).hidden_size
        return [round(kept / examples * size) for kept in self.states(job).values()]

    def examples(self, job: Job) -> Examples:
        """Return what a probe learns from; of residues no more than its entry says."""
        size, entry = self.split_size(job), self.study.probe(job.probe, job.dataset)
        most = entry.get("max_residues", MOST) if self.per_residue(job) else np.inf
        train = int(min(size.train, most))
        held = int(min(size.validation or size.train, most))
        scored = train + size.validation + size.test
        return Examples(train, held, scored, size.test, size.classes, max(size.folds, 1))


MOST = CommonSettings().max_residues
