"""Sequences and a checkpoint to embeddings of every layer: shard by shard, then joined.

needs:  results/sequences/{dataset}/{shard}.tsv, {sites}.sites.tsv, the model's checkpoint
makes:  results/embeddings/{dataset}/{model}/{weights}/{shard}.h5
        results/embeddings/{dataset}/{model}/{weights}.h5, virtual datasets over the shards
"""

from plmbench.core.poolings import AT_SITES
from plmbench.study.files import SHARD, checkpoint_of
from plmbench.study.resources import (
    BASE_MB,
    attributes_minutes,
    embed_job_mb,
    embed_job_minutes,
)


def checkpoint_input(wildcards):
    """Return the checkpoint: the user's own file, a downloaded one, or none."""
    entry = STUDY.models[wildcards.model]
    if "path" in entry:
        return {"weights": FILES.located(entry["path"])}
    if "url" not in entry:
        return {}
    # A download's name says what it is, so a newer copy of it is no reason to embed again.
    return {"weights": ancient(checkpoint_of(STUDY, wildcards.model))}


def shard_input(wildcards):
    """Return what a job embeds: a table's name says its content, its age says nothing."""
    folder = f"results/sequences/{wildcards.dataset}"
    shard = shards_of(wildcards.dataset)[wildcards.shard]
    tables = {"sequences": ancient(f"{folder}/{shard.shard}.tsv")}
    poolings = STUDY.storage(wildcards.dataset, wildcards.model)["poolings"]
    if set(poolings) & set(AT_SITES):
        tables["sites"] = ancient(f"{folder}/{shard.sites}.sites.tsv")
    return tables


def shard_files(wildcards):
    return expand(SHARD, shard=shards_of(wildcards.dataset), **dict(wildcards.items()))


def embed_memory(wildcards, attempt):
    megabytes = embed_job_mb(STUDY, wildcards.dataset, wildcards.model)
    return at_attempt(megabytes, attempt)


def embed_runtime(wildcards, threads, attempt):
    residues = shards_of(wildcards.dataset)[wildcards.shard].residues
    minutes = embed_job_minutes(STUDY, wildcards.model, threads, residues)
    return at_attempt(minutes, attempt)


def attributes_memory(wildcards, attempt):
    return at_attempt(BASE_MB, attempt)


def attributes_runtime(wildcards, input, attempt):
    return at_attempt(attributes_minutes(len(input)), attempt)


rule embed:
    input:
        unpack(checkpoint_input),
        unpack(shard_input),
    output:
        embeddings="results/embeddings/{dataset}/{model}/{weights}/{shard}.h5",
    log:
        "results/logs/embed/{dataset}/{model}/{weights}/{shard}.log",
    benchmark:
        "results/benchmarks/embed/{dataset}/{model}/{weights}/{shard}.tsv"
    conda:
        f"../envs/{config['compute']['environment']}.yaml"
    resources:
        mem_mb=embed_memory,
        runtime=embed_runtime,
        gpu=1,  # one network in memory at a time, unless a profile or --resources grants more
    params:
        network=job_param(parameters.network, "model"),
        ablation=job_param(parameters.ablation, "model", "weights"),
        storage=job_param(parameters.storage, "dataset", "model"),
        downloaded=lambda wildcards: parameters.is_downloaded(STUDY, wildcards.model),
        code=code_of("embed.py"),
    script:
        "../scripts/embed.py"


rule join:
    input:
        unpack(checkpoint_input),  # a plan made before the shards are known has the downloads
        shards=shard_files,
    output:
        embeddings="results/embeddings/{dataset}/{model}/{weights}.h5",
    log:
        "results/logs/join/{dataset}/{model}/{weights}.log",
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=attributes_memory,
        runtime=attributes_runtime,
    params:
        code=code_of("join.py"),
    script:
        "../scripts/join.py"
