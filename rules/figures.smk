"""Tables to figures, and to the page that shows all of them.

needs:  results/tables/{scores,arms,differences,correlations,verdicts,task_verdicts,datasets,runs}.tsv
makes:  results/figures/{dataset}/{split}.{curves,bars,scaling}.svg, results/figures/heat_map.svg,
        results/study.html
"""


rule figure_curves:
    input:
        scores="results/tables/scores.tsv",
    output:
        figure=report(
            "results/figures/{dataset}/{split}.curves.svg",
            caption="../resources/report/curves.rst",
            category="Layers",
            labels={"task": "{dataset}/{split}"},
        ),
    log:
        "results/logs/figure_curves/{dataset}/{split}.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        task=task_of,
        metric=metric_of,
        about=canonical(abouts()),
        code=code_of("figure_curves.py"),
    script:
        "../scripts/figure_curves.py"


rule figure_bars:
    input:
        arms="results/tables/arms.tsv",
    output:
        figure=report(
            "results/figures/{dataset}/{split}.bars.svg",
            caption="../resources/report/bars.rst",
            category="Arms",
            labels={"task": "{dataset}/{split}"},
        ),
    log:
        "results/logs/figure_bars/{dataset}/{split}.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        task=task_of,
        metric=metric_of,
        about=canonical(abouts()),
        code=code_of("figure_bars.py"),
    script:
        "../scripts/figure_bars.py"


rule figure_scaling:
    input:
        arms="results/tables/arms.tsv",
        scores="results/tables/scores.tsv",
        correlations="results/tables/correlations.tsv",
    output:
        figure=report(
            "results/figures/{dataset}/{split}.scaling.svg",
            caption="../resources/report/scaling.rst",
            category="Scaling",
            labels={"task": "{dataset}/{split}"},
        ),
    log:
        "results/logs/figure_scaling/{dataset}/{split}.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        task=task_of,
        metric=metric_of,
        about=canonical(abouts()),
        code=code_of("figure_scaling.py"),
    script:
        "../scripts/figure_scaling.py"


rule figure_heat_map:
    input:
        differences="results/tables/differences.tsv",
        verdicts="results/tables/verdicts.tsv",
    output:
        figure=report(
            "results/figures/heat_map.svg",
            caption="../resources/report/heat_map.rst",
            category="Study",
        ),
    log:
        "results/logs/figure_heat_map.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        tasks=canonical(tasks()),
        about=canonical(abouts()),
        code=code_of("figure_heat_map.py"),
    script:
        "../scripts/figure_heat_map.py"


rule page:
    input:
        task_verdicts="results/tables/task_verdicts.tsv",
        verdicts="results/tables/verdicts.tsv",
        differences="results/tables/differences.tsv",
        datasets="results/tables/datasets.tsv",
        runs="results/tables/runs.tsv",
        heat_map="results/figures/heat_map.svg",
        curves=figures("curves"),
        bars=figures("bars"),
        scaling=figures("scaling"),
        template=located("resources/report/page.html.jinja"),
    output:
        page=report(
            "results/study.html",
            caption="../resources/report/page.rst",
            category="Study",
        ),
    log:
        "results/logs/page.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        tasks=canonical(tasks()),
        about=canonical(abouts()),
        code=code_of("page.py"),
    script:
        "../scripts/page.py"
