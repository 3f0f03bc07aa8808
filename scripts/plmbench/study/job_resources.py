"""What a rule's jobs ask a scheduler for, as Snakemake asks it: functions of wildcards, inputs,
threads and attempt.

They stand in the rules and not in a profile: they are computed, and a user's own
`default-resources` would replace all of a profile's. What `set-resources` says goes before them. A
run on one machine ignores them.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from plmbench.core.modalities import MODALITIES
from plmbench.data.shards import Shard
from plmbench.study import resources
from plmbench.study.catalogues import Study
from plmbench.study.files import SHARD
from plmbench.study.refits import count_of
from plmbench.study.resources import at_attempt


def bytes_of(files: Iterable[str]) -> int:
    """Return the bytes of files; where one is not there yet, Snakemake asks again later."""
    return sum(os.path.getsize(file) for file in files)  # noqa: PTH202 - Snakemake knows its error


class JobResources:
    """The memory in megabytes and the time in minutes that the jobs of a study ask for."""

    def __init__(self, study: Study, known_shards: Callable[[str], Mapping[str, Shard]]):
        """known_shards: a data set's shards; none as long as its sequences are not there."""
        self.study, self.known_shards = study, known_shards

    def table_memory(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return the memory of a job that reads tables."""
        return at_attempt(resources.table_mb(bytes_of(input)), attempt)

    def table_runtime(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return the time of a job that reads tables."""
        return at_attempt(resources.table_minutes(bytes_of(input)), attempt)

    def search_memory(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return the memory of a job that runs MMseqs2."""
        return at_attempt(resources.search_mb(bytes_of(input)), attempt)

    def search_runtime(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return the time of a job that runs MMseqs2."""
        return at_attempt(resources.search_minutes(bytes_of(input)), attempt)

    def embed_memory(self, wildcards: Any, attempt: int) -> int:
        """Return the memory of a job that embeds a shard."""
        names = wildcards.dataset, wildcards.model, wildcards.weights
        megabytes = resources.embed_job_mb(self.study, *names)
        return at_attempt(megabytes, attempt)

    def embed_runtime(self, wildcards: Any, threads: int, attempt: int) -> int:
        """Return the time of a job that embeds a shard."""
        shard = self.known_shards(wildcards.dataset).get(wildcards.shard)
        tokens, names = 0, (wildcards.dataset, wildcards.model)  # as long as it is not known
        if shard:
            own = shard.residues // MODALITIES[self.study.modality(wildcards.dataset)].per_token
            tokens = resources.tokens_seen(self.study, *names, shard.sequences, own)
        asked = wildcards.model, threads, tokens, wildcards.weights
        minutes = resources.embed_job_minutes(self.study, *asked)
        return at_attempt(minutes, attempt)

    def perturb_memory(self, wildcards: Any, attempt: int) -> int:
        """Return the memory of a job that nudges residues: that of one that embeds."""
        tokens = self.study.config["compute"]["tokens_per_batch"]
        size = resources.network_size(self.study.models[wildcards.model])
        megabytes = resources.embed_mb(size, resources.device_of(self.study), 1, tokens)
        return at_attempt(megabytes, attempt)

    def perturb_runtime(self, wildcards: Any, threads: int, attempt: int) -> int:
        """Return the time of a job that nudges residues: each of them is a pass of its chain."""
        names = wildcards.dataset, wildcards.model, threads
        return at_attempt(resources.perturb_minutes(self.study, *names), attempt)

    def attributes_memory(self, wildcards: Any, attempt: int) -> int:
        """Return the memory of a job that reads the attributes of embedding files."""
        return at_attempt(resources.BASE_MB, attempt)

    def attributes_runtime(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return the time of a job that reads the attributes of embedding files."""
        return at_attempt(resources.attributes_minutes(len(input)), attempt)

    def count_memory(self, wildcards: Any, attempt: int) -> int:
        """Return the memory of a job that counts parameters: that of the largest checkpoint."""
        return at_attempt(resources.count_mb(self.study), attempt)

    def bytes_probed(self, wildcards: Any, input: Any) -> int:
        """Return the bytes that a probe reads: a joined file is little more than a list of its
        shards. As long as the joined file is missing Snakemake asks again."""
        names = {key: wildcards[key] for key in ("dataset", "model", "weights")}
        shards = [SHARD.format(shard=s, **names) for s in self.known_shards(wildcards.dataset)]
        return bytes_of([input.embeddings, *(file for file in shards if Path(file).exists())])

    def probe_memory(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return the memory of a job that probes every layer."""
        names = wildcards.probe, wildcards.dataset, wildcards.model
        size = self.bytes_probed(wildcards, input)
        megabytes = resources.probe_job_mb(self.study, *names, size, wildcards.weights)
        return at_attempt(megabytes, attempt)

    def probe_gpus(self, wildcards: Any, input: Any) -> int:
        """Return how many GPUs a job that probes every layer asks for."""

        def layer_bytes() -> float:
            names = wildcards.dataset, wildcards.model, wildcards.weights
            return self.bytes_probed(wildcards, input) / resources.layers_kept(self.study, *names)

        return resources.probe_gpus(self.study, layer_bytes)

    def probe_runtime(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return the time of a job that probes every layer."""
        size = self.bytes_probed(wildcards, input)
        return at_attempt(resources.probe_minutes(size), attempt)

    def refit_memory(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return the memory of a job that fits a probe again on every layer: each fit may keep
        half of a layer, in float64."""
        names = wildcards.probe, wildcards.dataset, wildcards.model
        count = count_of(self.study, wildcards.dataset, wildcards.split)
        size = self.bytes_probed(wildcards, input)
        megabytes = resources.probe_job_mb(self.study, *names, size, fits=count)
        return at_attempt(megabytes, attempt)

    def refit_runtime(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return the time of a job that fits a probe again on every layer."""
        count = count_of(self.study, wildcards.dataset, wildcards.split)
        size = self.bytes_probed(wildcards, input)
        return at_attempt(resources.probe_minutes(size, count), attempt)

    def curve_memory(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return the memory of a job that fits the learning curves of every layer."""
        names = wildcards.probe, wildcards.dataset, wildcards.model
        size = self.bytes_probed(wildcards, input)
        return at_attempt(resources.curve_job_mb(self.study, *names, size), attempt)

    def curve_runtime(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return the time of a job that fits the learning curves of every layer."""
        size = self.bytes_probed(wildcards, input)
        return at_attempt(resources.curve_minutes(self.study, size), attempt)

    def training_memory(self, wildcards: Any, attempt: int) -> int:
        """Return the memory of a job that trains a network."""
        return at_attempt(resources.TRAIN_MB, attempt)

    def training_runtime(self, wildcards: Any, attempt: int) -> int:
        """Return the time of a job that trains a network."""
        return at_attempt(resources.TRAIN_MINUTES, attempt)
