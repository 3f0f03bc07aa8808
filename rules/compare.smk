"""Predictions to differences, correlations and verdicts.

needs:  results/scores and results/predictions of every arm
makes:  results/comparisons/{dataset}/{split}.{arms,differences,correlations}.tsv,
        results/tables/{arms,differences,correlations,verdicts,task_verdicts}.tsv, overview.md
"""


rule compare:
    input:
        scores=scores_of_task,
        predictions=predictions_of_task,
    output:
        arms="results/comparisons/{dataset}/{split}.arms.tsv",
        differences="results/comparisons/{dataset}/{split}.differences.tsv",
        correlations="results/comparisons/{dataset}/{split}.correlations.tsv",
    log:
        "results/logs/compare/{dataset}/{split}.log",
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        comparison=comparison_of,
        code=code_of("compare.py"),
    script:
        "../scripts/compare.py"


rule verdicts:
    input:
        arms=all_of("results/comparisons/{dataset}/{split}.arms.tsv"),
        differences=all_of("results/comparisons/{dataset}/{split}.differences.tsv"),
        correlations=all_of("results/comparisons/{dataset}/{split}.correlations.tsv"),
    output:
        arms="results/tables/arms.tsv",
        differences="results/tables/differences.tsv",
        correlations="results/tables/correlations.tsv",
        verdicts=report(
            "results/tables/verdicts.tsv",
            caption="../resources/report/verdicts.rst",
            category="Tables",
        ),
        task_verdicts=report(
            "results/tables/task_verdicts.tsv",
            caption="../resources/report/task_verdicts.rst",
            category="Tables",
        ),
    log:
        "results/logs/verdicts.log",
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        study=canonical(judgement()),
        code=code_of("verdicts.py"),
    script:
        "../scripts/verdicts.py"


rule overview:
    input:
        verdicts="results/tables/verdicts.tsv",
        arms="results/tables/arms.tsv",
    output:
        overview="results/tables/overview.md",
    log:
        "results/logs/overview.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        titles=canonical(titles()),
        baselines=baselines(),
        code=code_of("overview.py"),
    script:
        "../scripts/overview.py"
