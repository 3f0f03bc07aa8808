"""Predictions to differences, correlations and verdicts.

needs:  results/scores and results/predictions of every arm, results/refits of those that are refit,
        results/labels/{dataset}/{split}.pretraining.tsv
makes:  results/comparisons/{dataset}/{split}.{arms,differences,correlations}.tsv,
        results/tables/{arms,differences,correlations,verdicts,task_verdicts}.tsv
"""

COMPARED = "results/comparisons/{dataset}/{split}"


rule compare:
    input:
        scores=INPUTS.task_scores,
        predictions=INPUTS.task_predictions,
        refits=INPUTS.task_refits,
    output:
        arms=f"{COMPARED}.arms.tsv",
        differences=f"{COMPARED}.differences.tsv",
        correlations=f"{COMPARED}.correlations.tsv",
    log:
        "results/logs/compare/{dataset}/{split}.log",
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        comparison=job_param(parameters.comparison, "dataset"),
        contents=INPUTS.contents(
            INPUTS.task_scores, INPUTS.task_predictions, INPUTS.task_refits
        ),
        code=code_of("compare.py"),
    script:
        "../scripts/compare.py"


rule verdicts:
    input:
        arms=targets.of_tasks(STUDY, f"{COMPARED}.arms.tsv"),
        differences=targets.of_tasks(STUDY, f"{COMPARED}.differences.tsv"),
        correlations=targets.of_tasks(STUDY, f"{COMPARED}.correlations.tsv"),
        overlap=targets.of_tasks(
            STUDY, "results/labels/{dataset}/{split}.pretraining.tsv"
        ),
    output:
        arms="results/tables/arms.tsv",
        differences="results/tables/differences.tsv",
        correlations="results/tables/correlations.tsv",
        verdicts=shown("results/tables/verdicts.tsv", "Tables"),
        task_verdicts=shown("results/tables/task_verdicts.tsv", "Tables"),
    log:
        "results/logs/verdicts.log",
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        study=job_param(parameters.judgement),
        contents=INPUTS.contents_of(targets.of_tasks(STUDY, COMPARED)),
        code=code_of("verdicts.py"),
    script:
        "../scripts/verdicts.py"
