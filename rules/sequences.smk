"""Labelled files to sequences and labels.

needs:  the files of a data set's entry in config/datasets.yaml
makes:  results/sequences/{dataset}.tsv, {dataset}.sites.tsv, {dataset}.shards.tsv, and of each
        shard results/sequences/{dataset}/{shard}.tsv, whose name says its content
        results/labels/{dataset}/{split}.tsv, {split}.counts.tsv
"""

from plmbench.data.shards import read_list

SHARDS = {}  # {dataset: {name: Shard}}, once its sequences are there


def files_of_split(wildcards):
    return FILES.of_split(wildcards.dataset, wildcards.split)


def files_of_dataset(wildcards):
    return FILES.of_dataset(wildcards.dataset)


def wild_type_of(wildcards):
    return FILES.wild_type(wildcards.dataset)


def slice_of(wildcards):
    return STUDY.datasets[wildcards.dataset].get("slice")


def shards_of(dataset):
    """Return {name: Shard} of a data set; before its sequences are there, Snakemake is told so and
    asks again later."""
    if dataset not in SHARDS:
        path = checkpoints.sequences.get(dataset=dataset).output.shards
        SHARDS[dataset] = {shard.shard: shard for shard in read_list(path)}
    return SHARDS[dataset]


checkpoint sequences:
    input:
        unpack(wild_type_of),
        splits=files_of_dataset,
    output:
        shards="results/sequences/{dataset}.shards.tsv",  # what Snakemake asks a checkpoint for
        sequences="results/sequences/{dataset}.tsv",
        sites="results/sequences/{dataset}.sites.tsv",
        tables=directory("results/sequences/{dataset}"),
    log:
        "results/logs/sequences/{dataset}.log",
    conda:
        "../envs/inputs.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        splits=job_param(parameters.readings, "dataset"),
        cut=slice_of,
        shard_residues=config["shard_residues"],
        code=code_of("sequences.py"),
    script:
        "../scripts/sequences.py"


rule labels:
    input:
        split=files_of_split,
    output:
        labels="results/labels/{dataset}/{split}.tsv",
        counts="results/labels/{dataset}/{split}.counts.tsv",
    log:
        "results/logs/labels/{dataset}/{split}.log",
    conda:
        "../envs/inputs.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        settings=job_param(parameters.reading, "dataset", "split"),
        code=code_of("labels.py"),
    script:
        "../scripts/labels.py"
