"""Scores to tables.

needs:  results/scores/{dataset}/{split}/{model}/{weights}/{probe}.tsv of every arm
makes:  results/tables/scores.tsv, summary.tsv, overview.md, datasets.tsv
"""


rule scores:
    input:
        scores=score_files,
    output:
        table=report(
            "results/tables/scores.tsv",
            caption="../resources/report/scores.rst",
            category="Tables",
        ),
    log:
        "results/logs/scores.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code_of("scores.py"),
    script:
        "../scripts/scores.py"


rule summary:
    input:
        scores="results/tables/scores.tsv",
    output:
        summary=report(
            "results/tables/summary.tsv",
            caption="../resources/report/summary.rst",
            category="Tables",
        ),
        overview="results/tables/overview.md",
    log:
        "results/logs/summary.log",
    conda:
        "../envs/report.yaml"
    params:
        metrics=canonical(metrics()),
        titles=canonical(titles()),
        baselines=baselines(),
        code=code_of("summary.py"),
    script:
        "../scripts/summary.py"


rule datasets:
    input:
        counts=count_files(),
    output:
        table=report(
            "results/tables/datasets.tsv",
            caption="../resources/report/datasets.rst",
            category="Tables",
        ),
    log:
        "results/logs/datasets.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code_of("datasets.py"),
    script:
        "../scripts/datasets.py"
