"""Scores to tables.

needs:  results/scores and results/predictions of every arm
makes:  results/tables/{scores,summary,datasets,runs}.tsv
"""


rule scores:
    input:
        scores=score_files(),
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
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
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
    log:
        "results/logs/summary.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        metrics=canonical(metrics()),
        code=code_of("summary.py"),
    script:
        "../scripts/summary.py"


rule datasets:
    input:
        counts=all_of("results/labels/{dataset}/{split}.counts.tsv"),
        sequences=files_of_datasets("results/sequences/{}.tsv"),
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
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        tasks=canonical(policies()),
        datasets=canonical(datasets()),
        code=code_of("datasets.py"),
    script:
        "../scripts/datasets.py"


rule runs:
    input:
        embeddings=embedding_files(),
    output:
        table=report(
            "results/tables/runs.tsv",
            caption="../resources/report/runs.rst",
            category="Tables",
        ),
    log:
        "results/logs/runs.log",
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=attributes_memory,
        runtime=attributes_runtime,
    params:
        code=code_of("runs.py"),
    script:
        "../scripts/runs.py"
