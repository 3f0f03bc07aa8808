"""Scores to figures.

needs:  results/tables/scores.tsv
makes:  results/figures/{dataset}/{split}.svg
"""


rule figure:
    input:
        scores="results/tables/scores.tsv",
    output:
        figure=report(
            "results/figures/{dataset}/{split}.svg",
            caption="../resources/report/figure.rst",
            category="Layers",
            labels={"task": "{dataset}/{split}"},
        ),
    log:
        "results/logs/figure/{dataset}/{split}.log",
    conda:
        "../envs/report.yaml"
    params:
        task=task_of,
        metric=metric_of,
        about=canonical(abouts()),
        code=code_of("figure.py"),
    script:
        "../scripts/figure.py"
