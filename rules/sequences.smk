"""Labelled files to sequences and labels.

needs:  the files of a data set's entry in config/datasets.yaml
makes:  results/sequences/{dataset}.tsv, {dataset}.sites.tsv, {dataset}.shards.tsv, and of each
        shard results/sequences/{dataset}/{shard}.tsv, whose name says its content
        results/labels/{dataset}/{split}.tsv, {split}.counts.tsv, {split}.pretraining.tsv,
        {split}.control_task.tsv
"""


checkpoint sequences:
    input:
        unpack(INPUTS.wild_type),
        splits=INPUTS.dataset_files,
    output:
        shards="results/sequences/{dataset}.shards.tsv",  # what Snakemake asks a checkpoint for
        sequences="results/sequences/{dataset}.tsv",
        sites="results/sequences/{dataset}.sites.tsv",
        tables=directory("results/sequences/{dataset}"),
    log:
        "results/logs/sequences/{dataset}.log",
    benchmark:
        "results/benchmarks/sequences/{dataset}.tsv"
    conda:
        "../envs/inputs.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        splits=job_param(parameters.readings, "dataset"),
        contents=INPUTS.contents(INPUTS.wild_type, INPUTS.dataset_files, INPUTS.images),
        cut=lambda wildcards: STUDY.datasets[wildcards.dataset].get("slice"),
        shard_residues=config["shard_residues"],
        code=code_of("sequences.py"),
    script:
        "../scripts/sequences.py"


rule labels:
    input:
        split=INPUTS.split_files,
    output:
        labels="results/labels/{dataset}/{split}.tsv",
        counts="results/labels/{dataset}/{split}.counts.tsv",
    log:
        "results/logs/labels/{dataset}/{split}.log",
    benchmark:
        "results/benchmarks/labels/{dataset}/{split}.tsv"
    conda:
        "../envs/inputs.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        settings=job_param(parameters.reading, "dataset", "split"),
        contents=INPUTS.contents(INPUTS.split_files, INPUTS.images),
        code=code_of("labels.py"),
    script:
        "../scripts/labels.py"


rule control_task:
    input:
        labels="results/labels/{dataset}/{split}.tsv",
        sequences="results/sequences/{dataset}.tsv",
    output:
        labels="results/labels/{dataset}/{split}.control_task.tsv",
    log:
        "results/logs/control_task/{dataset}/{split}.log",
    conda:
        "../envs/inputs.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        task_type=lambda wildcards: STUDY.datasets[wildcards.dataset]["task_type"],
        code=code_of("control_task.py"),
    script:
        "../scripts/control_task.py"


rule overlap:
    input:
        labels="results/labels/{dataset}/{split}.tsv",
        sequences="results/sequences/{dataset}.tsv",
        proteins=INPUTS.pretraining,
    output:
        overlap="results/labels/{dataset}/{split}.pretraining.tsv",
    log:
        "results/logs/overlap/{dataset}/{split}.log",
    benchmark:
        "results/benchmarks/overlap/{dataset}/{split}.tsv"
    conda:
        "../envs/inputs.yaml"
    threads: 1
    resources:
        mem_mb=RESOURCES.search_memory,
        runtime=RESOURCES.search_runtime,
    params:
        models=job_param(parameters.pretrained_models, "dataset"),
        families=job_param(parameters.families, "dataset"),
        contents=INPUTS.contents(INPUTS.pretraining),
        code=code_of("overlap.py"),
    script:
        "../scripts/overlap.py"
