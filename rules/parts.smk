"""Networks that are ablated in part: where in a network lies what pretraining gave.

needs:  results/embeddings/{dataset}/{model}/{weights}.h5 of ablations with a scope, whose layers
        are the last ones at each point of a sweep, and their scores and predictions
makes:  results/comparisons/{dataset}/{split}.{critical_depth,parts}.tsv,
        results/tables/{critical_depth,parts}.tsv

A study whose `weights` has none of these makes none of this.
"""

OF_PARTS = "results/comparisons/{dataset}/{split}"


rule compare_parts:
    input:
        unpack(INPUTS.of_parts),
    output:
        critical_depth=f"{OF_PARTS}.critical_depth.tsv",
        parts=f"{OF_PARTS}.parts.tsv",
    log:
        "results/logs/compare_parts/{dataset}/{split}.log",
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        comparison=job_param(parameters.parts_comparison, "dataset"),
        contents=INPUTS.contents(INPUTS.of_parts),
        code=code_of("compare_parts.py"),
    script:
        "../scripts/compare_parts.py"


rule parts:
    input:
        critical_depth=targets.of_tasks(STUDY, f"{OF_PARTS}.critical_depth.tsv"),
        parts=targets.of_tasks(STUDY, f"{OF_PARTS}.parts.tsv"),
    output:
        critical_depth=shown("results/tables/critical_depth.tsv", "Tables"),
        parts=shown("results/tables/parts.tsv", "Tables"),
    log:
        "results/logs/parts.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        contents=INPUTS.contents_of(targets.of_tasks(STUDY, OF_PARTS)),
        code=code_of("parts.py"),
    script:
        "../scripts/parts.py"
