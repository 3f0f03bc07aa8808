"""What jobs ask a scheduler for: the functions that rules ask. No rules here.

The numbers are in scripts/plmbench/study/resources.py. They stand in the rules and not in a profile: they
are computed, and a user's own `default-resources` would replace all of a profile's. What
`set-resources` says goes before them. A run on one machine ignores them.
"""

import math
import os

from snakemake.exceptions import IncompleteCheckpointException

from plmbench.core.layers import chosen_layers
from plmbench.study.resources import (
    AVERAGED,
    BASE_MB,
    FLOAT,
    TRAIN_MB,
    TRAIN_MINUTES,
    at_attempt,
    attributes_minutes,
    embed_mb,
    embed_minutes,
    network_size,
    probe_mb,
    probe_minutes,
    table_mb,
    table_minutes,
)


def size_of(files):
    """Return the bytes of files; where one is not there yet, Snakemake asks again later."""
    return sum(map(os.path.getsize, files))


def size_of_network(wildcards):
    return network_size(STUDY.models[wildcards.model])


def device_of_study():
    """Return what the resources of `embed` are for: a job that may choose will have a GPU."""
    return "cpu" if config["compute"]["device"] == "cpu" else "cuda"


def layers_kept(wildcards):
    """Return how many layers an embedding file holds."""
    stored = STUDY.storage(wildcards.dataset, wildcards.model)
    return len(
        chosen_layers(stored["layers"], size_of_network(wildcards).num_layers + 1)
    )


def embed_gpus(wildcards, input):
    """One network in memory at a time, unless a profile or --resources grants more GPUs; files are
    joined without one."""
    return 0 if input.get("shards") else 1


def residues_of(wildcards):
    """Return the residues that a job embeds: those of its shard, or of the only one; joining several
    takes less. 0 as long as they are not known; Snakemake asks again then."""
    try:
        shards = shards_of(wildcards.dataset)
    except IncompleteCheckpointException:
        return 0
    name = wildcards.get("shard") or next(iter(shards))
    return shards[name].residues


def embed_memory(wildcards, input, attempt):
    if input.get("shards"):
        return at_attempt(BASE_MB, attempt)
    poolings = STUDY.storage(wildcards.dataset, wildcards.model)["poolings"]
    kept = 0 if set(poolings) <= AVERAGED else layers_kept(wildcards)
    tokens = config["compute"]["tokens_per_batch"]
    megabytes = embed_mb(size_of_network(wildcards), device_of_study(), kept, tokens)
    return at_attempt(megabytes, attempt)


def embed_runtime(wildcards, threads, attempt):
    network, residues = size_of_network(wildcards), residues_of(wildcards)
    minutes = embed_minutes(network, device_of_study(), threads, residues)
    return at_attempt(minutes, attempt)


def embedded(wildcards, input):
    """Return the files that hold what a probe reads: a joined file is little more than a list of
    its shards."""
    try:
        shards = shards_of(wildcards.dataset)
    except IncompleteCheckpointException:
        return [input.embeddings]
    if len(shards) == 1:
        return [input.embeddings]
    names = {key: wildcards[key] for key in ("dataset", "model", "weights")}
    files = expand(EMBEDDED_SHARD, shard=shards, **names)
    # As long as the joined file is missing Snakemake asks again; of its shards it knows nothing here.
    return [input.embeddings, *filter(os.path.exists, files)]


def probe_memory(wildcards, input, attempt):
    entry, most = STUDY.probe(wildcards.probe, wildcards.dataset), math.inf
    if entry["task_type"] == "residue_classification":
        # As many residues to choose on as to learn from.
        most = (
            2 * entry["max_residues"] * size_of_network(wildcards).hidden_size * FLOAT
        )
    size = size_of(embedded(wildcards, input))
    return at_attempt(probe_mb(size, layers_kept(wildcards), most), attempt)


def probe_runtime(wildcards, input, attempt):
    size = size_of(embedded(wildcards, input))
    return at_attempt(probe_minutes(size), attempt)


def attributes_memory(wildcards, attempt):
    return at_attempt(BASE_MB, attempt)


def attributes_runtime(wildcards, input, attempt):
    return at_attempt(attributes_minutes(len(input)), attempt)


def table_memory(wildcards, input, attempt):
    return at_attempt(table_mb(size_of(input)), attempt)


def table_runtime(wildcards, input, attempt):
    return at_attempt(table_minutes(size_of(input)), attempt)


def training_memory(wildcards, attempt):
    return at_attempt(TRAIN_MB, attempt)


def training_runtime(wildcards, attempt):
    return at_attempt(TRAIN_MINUTES, attempt)
