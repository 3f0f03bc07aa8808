"""Predictions to differences, correlations and verdicts.

needs:  results/scores and results/predictions of every arm, results/refits of those that are refit,
        results/labels/{dataset}/{split}.pretraining.tsv, results/families/{dataset}.tsv
makes:  results/comparisons/{dataset}/{split}.{arms,differences,gains,correlations,architectures}.tsv,
        results/tables/{arms,differences,gains,correlations,architectures}.tsv,
        results/tables/{networks,verdicts,task_verdicts}.tsv
"""

COMPARED = "results/comparisons/{dataset}/{split}"
LONG = ["arms", "differences", "gains", "correlations"]
TABLES = [*LONG, "architectures"]


rule compare:
    input:
        scores=INPUTS.task_scores,
        predictions=INPUTS.task_predictions,
        refits=INPUTS.task_refits,
        labels="results/labels/{dataset}/{split}.tsv",
        families="results/families/{dataset}.tsv",
    output:
        arms=f"{COMPARED}.arms.tsv",
        differences=f"{COMPARED}.differences.tsv",
        gains=f"{COMPARED}.gains.tsv",
        correlations=f"{COMPARED}.correlations.tsv",
        architectures=f"{COMPARED}.architectures.tsv",
    log:
        "results/logs/compare/{dataset}/{split}.log",
    benchmark:
        "results/benchmarks/compare/{dataset}/{split}.tsv"
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
        **{name: targets.of_tasks(STUDY, f"{COMPARED}.{name}.tsv") for name in TABLES},
        overlap=targets.of_tasks(
            STUDY, "results/labels/{dataset}/{split}.pretraining.tsv"
        ),
        curves=targets.learning_curves(STUDY),
    output:
        **{name: f"results/tables/{name}.tsv" for name in LONG},
        architectures=shown("results/tables/architectures.tsv", "Tables"),
        networks=shown("results/tables/networks.tsv", "Tables"),
        verdicts=shown("results/tables/verdicts.tsv", "Tables"),
        task_verdicts=shown("results/tables/task_verdicts.tsv", "Tables"),
    log:
        "results/logs/verdicts.log",
    benchmark:
        "results/benchmarks/verdicts.tsv"
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
