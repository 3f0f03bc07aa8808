"""Tables to figures, and to the page that shows all of them.

needs:  the tables that figures are drawn from (scripts/plmbench/study/figures.py) and those that
        the page shows, results/tables/runs.tsv
makes:  results/figures/{dataset}/{split}.<figure>.svg, results/figures/<figure>.svg,
        results/study.html

One job draws all figures, each by the module of scripts/plmbench/report that it is named for.
"""

TEMPLATE = [  # of the page
    FILES.located(f"resources/report/{name}")
    for name in (
        *("page.html.jinja", "parameters.html.jinja", "page.css", "page.js"),
        *("tablesort.min.js", "tablesort.LICENSE"),
    )
]
DRAWN = figures.drawn(STUDY)


rule figures:
    input:
        tables=figures.tables(STUDY),
    output:
        figures=[
            shown(file.path, file.figure.section, file.figure.caption, file.task)
            for file in DRAWN
        ],
    log:
        "results/logs/figures.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        figures=canonical(figures.described(STUDY)),
        tasks=job_param(parameters.described_tasks),
        about=job_param(parameters.described_models),
        contents=INPUTS.contents_of(figures.tables(STUDY)),
        code=code_of("figures.py", figures.modules_of(STUDY)),
    script:
        "../scripts/figures.py"


rule page:
    input:
        tables=targets.page_tables(STUDY),
        runs="results/tables/runs.tsv",
        figures=figures.paths(STUDY),
        template=INPUTS.marked(TEMPLATE),
    output:
        page=shown("results/study.html", "Study", caption="page"),
    log:
        "results/logs/page.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        tasks=job_param(parameters.described_tasks),
        about=job_param(parameters.described_models),
        words=canonical(figures.words()),
        contents=INPUTS.contents_of(
            [
                TEMPLATE,
                targets.page_tables(STUDY),
                figures.paths(STUDY),
            ]
        ),
        code=code_of("page.py"),
    script:
        "../scripts/page.py"
