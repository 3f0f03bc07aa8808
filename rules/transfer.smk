"""Predictions to differences, correlations and verdicts.

needs:  results/scores and results/predictions of every arm
makes:  results/comparisons/{dataset}/{split}.{arms,differences,scaling}.tsv,
        results/tables/{arms,differences,scaling,transfer,verdicts}.tsv, overview.md
"""


rule compare:
    input:
        scores=scores_of_task,
        predictions=predictions_of_task,
    output:
        arms="results/comparisons/{dataset}/{split}.arms.tsv",
        differences="results/comparisons/{dataset}/{split}.differences.tsv",
        scaling="results/comparisons/{dataset}/{split}.scaling.tsv",
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


rule transfer:
    input:
        arms=all_of("results/comparisons/{dataset}/{split}.arms.tsv"),
        differences=all_of("results/comparisons/{dataset}/{split}.differences.tsv"),
        scaling=all_of("results/comparisons/{dataset}/{split}.scaling.tsv"),
    output:
        arms="results/tables/arms.tsv",
        differences="results/tables/differences.tsv",
        scaling="results/tables/scaling.tsv",
        transfer=report(
            "results/tables/transfer.tsv",
            caption="../resources/report/transfer.rst",
            category="Tables",
        ),
        verdicts=report(
            "results/tables/verdicts.tsv",
            caption="../resources/report/verdicts.rst",
            category="Tables",
        ),
    log:
        "results/logs/transfer.log",
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        study=canonical(judgement()),
        code=code_of("transfer.py"),
    script:
        "../scripts/transfer.py"


rule overview:
    input:
        transfer="results/tables/transfer.tsv",
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
