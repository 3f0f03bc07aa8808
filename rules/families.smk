"""Sequences to families of homologues.

needs:  results/sequences/{dataset}.tsv, {dataset}.sites.tsv, results/labels/{dataset}/{split}.tsv,
        results/scores and results/predictions of every arm
makes:  results/families/{dataset}.tsv, the family of each sequence; of variants the mutations
        results/families/{dataset}.facts.tsv, by which program, how many
        results/families/{dataset}/{split}.tsv, how near each test sequence is to training
        results/families/{dataset}/{split}.counts.tsv
        results/comparisons/{dataset}/{split}.identity_bins.tsv, every arm by that distance
        results/tables/{identity_bins,pretraining_overlap}.tsv
"""

IDENTITY_BINS = "results/comparisons/{dataset}/{split}.identity_bins.tsv"


rule families:
    input:
        sequences="results/sequences/{dataset}.tsv",
        sites="results/sequences/{dataset}.sites.tsv",
    output:
        families="results/families/{dataset}.tsv",
        facts="results/families/{dataset}.facts.tsv",
    log:
        "results/logs/families/{dataset}.log",
    benchmark:
        "results/benchmarks/families/{dataset}.tsv"
    conda:
        "../envs/inputs.yaml"
    # One thread, so that a run is the same anywhere.
    threads: 1
    resources:
        mem_mb=RESOURCES.search_memory,
        runtime=RESOURCES.search_runtime,
    params:
        families=job_param(parameters.families, "dataset"),
        code=code_of("families.py"),
    script:
        "../scripts/families.py"


rule relatives:
    input:
        labels="results/labels/{dataset}/{split}.tsv",
        sequences="results/sequences/{dataset}.tsv",
        families="results/families/{dataset}.tsv",
    output:
        relatives="results/families/{dataset}/{split}.tsv",
        counts="results/families/{dataset}/{split}.counts.tsv",
    log:
        "results/logs/relatives/{dataset}/{split}.log",
    benchmark:
        "results/benchmarks/relatives/{dataset}/{split}.tsv"
    conda:
        "../envs/inputs.yaml"
    threads: 1
    resources:
        mem_mb=RESOURCES.search_memory,
        runtime=RESOURCES.search_runtime,
    params:
        families=job_param(parameters.families, "dataset"),
        code=code_of("relatives.py"),
    script:
        "../scripts/relatives.py"


rule identity_bins:
    input:
        scores=INPUTS.task_scores,
        predictions=INPUTS.task_predictions,
        relatives="results/families/{dataset}/{split}.tsv",
    output:
        bins=IDENTITY_BINS,
    log:
        "results/logs/identity_bins/{dataset}/{split}.log",
    benchmark:
        "results/benchmarks/identity_bins/{dataset}/{split}.tsv"
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        comparison=job_param(parameters.comparison, "dataset"),
        contents=INPUTS.contents(INPUTS.task_scores, INPUTS.task_predictions),
        code=code_of("identity_bins.py"),
    script:
        "../scripts/identity_bins.py"


rule distances:
    input:
        bins=targets.of_tasks(STUDY, IDENTITY_BINS),
        overlap=targets.of_tasks(
            STUDY, "results/labels/{dataset}/{split}.pretraining.tsv"
        ),
    output:
        bins=shown("results/tables/identity_bins.tsv", "Tables"),
        overlap=shown("results/tables/pretraining_overlap.tsv", "Tables"),
    log:
        "results/logs/distances.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        contents=INPUTS.contents_of(targets.of_tasks(STUDY, IDENTITY_BINS)),
        code=code_of("distances.py"),
    script:
        "../scripts/distances.py"
