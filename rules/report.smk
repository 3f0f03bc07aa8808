"""Tables to figures, and to the page that shows all of them.

needs:  results/tables/{scores,arms,differences,gains,correlations,networks,architectures,verdicts,
        task_verdicts,datasets,runs,learning_curves,selectivity,
        identity_bins,pretraining_overlap}.tsv
makes:  results/figures/{dataset}/{split}.{curves,bars,scaling,learning_curves,selectivity}.svg,
        results/figures/{heat_map,networks,distances}.svg, results/study.html,
        results/figures/nudges.{spread,profile,response_map,contact_map}.svg

A figure is a module of scripts/plmbench/report, which scripts/figure.py calls by its name.
"""

TEMPLATE = FILES.located("resources/report/page.html.jinja")
PARTS_OF_PAGE = [FILES.located("resources/report/parameters.html.jinja")]

# The figures of each task, in the order of the page, and what the page says of them.
FIGURES = {
    "curves": "the metric on test against the layer, one panel per network",
    "bars": "every arm, at the layer chosen on validation and at the last, with 95 % intervals",
    "scaling": "what pretraining gives against size, depth and share of the pretraining",
}


rule figure_curves:
    input:
        scores="results/tables/scores.tsv",
    output:
        figure=shown("results/figures/{dataset}/{split}.curves.svg", "Layers"),
    log:
        "results/logs/figure_curves/{dataset}/{split}.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        figure="curves",
        tasks=job_param(parameters.described_task, "dataset", "split"),
        about=job_param(parameters.described_models),
        code=code_of("figure.py", ["plmbench.report.curves"]),
    script:
        "../scripts/figure.py"


use rule figure_curves as figure_bars with:
    input:
        arms="results/tables/arms.tsv",
    output:
        figure=shown("results/figures/{dataset}/{split}.bars.svg", "Arms"),
    log:
        "results/logs/figure_bars/{dataset}/{split}.log",
    params:
        figure="bars",
        tasks=job_param(parameters.described_task, "dataset", "split"),
        about=job_param(parameters.described_models),
        code=code_of("figure.py", ["plmbench.report.bars"]),


use rule figure_curves as figure_scaling with:
    input:
        gains="results/tables/gains.tsv",
        correlations="results/tables/correlations.tsv",
    output:
        figure=shown("results/figures/{dataset}/{split}.scaling.svg", "Scaling"),
    log:
        "results/logs/figure_scaling/{dataset}/{split}.log",
    params:
        figure="scaling",
        tasks=job_param(parameters.described_task, "dataset", "split"),
        about=job_param(parameters.described_models),
        code=code_of("figure.py", ["plmbench.report.scaling"]),


use rule figure_curves as figure_heat_map with:
    input:
        differences="results/tables/differences.tsv",
        verdicts="results/tables/verdicts.tsv",
    output:
        figure=shown("results/figures/heat_map.svg", "Study"),
    log:
        "results/logs/figure_heat_map.log",
    params:
        figure="heat_map",
        tasks=job_param(parameters.described_tasks),
        about=job_param(parameters.described_models),
        code=code_of("figure.py", ["plmbench.report.heat_map"]),


use rule figure_curves as figure_learning_curves with:
    input:
        learning_curves="results/tables/learning_curves.tsv",
    output:
        figure=shown("results/figures/{dataset}/{split}.learning_curves.svg", "Labels"),
    log:
        "results/logs/figure_learning_curves/{dataset}/{split}.log",
    params:
        figure="learning_curves",
        tasks=job_param(parameters.described_task, "dataset", "split"),
        about=job_param(parameters.described_models),
        code=code_of("figure.py", ["plmbench.report.learning_curves"]),


use rule figure_curves as figure_selectivity with:
    input:
        selectivity=targets.SELECTIVITY,
    output:
        figure=shown("results/figures/{dataset}/{split}.selectivity.svg", "Layers"),
    log:
        "results/logs/figure_selectivity/{dataset}/{split}.log",
    params:
        figure="selectivity",
        tasks=job_param(parameters.described_task, "dataset", "split"),
        about=job_param(parameters.described_models),
        code=code_of("figure.py", ["plmbench.report.selectivity"]),


use rule figure_curves as figure_spread with:
    input:
        spread="results/tables/spread.tsv",
    output:
        figure=shown("results/figures/nudges.spread.svg", "Nudges"),
    log:
        "results/logs/figure_spread.log",
    params:
        figure="spread",
        tasks=job_param(parameters.described_tasks),
        about=job_param(parameters.described_models),
        code=code_of("figure.py", ["plmbench.report.spread"]),


use rule figure_curves as figure_profile with:
    input:
        profile="results/tables/profile.tsv",
    output:
        figure=shown("results/figures/nudges.profile.svg", "Nudges"),
    log:
        "results/logs/figure_profile.log",
    params:
        figure="profile",
        tasks=job_param(parameters.described_tasks),
        about=job_param(parameters.described_models),
        code=code_of("figure.py", ["plmbench.report.profile"]),


use rule figure_curves as figure_response_map with:
    input:
        response_map="results/tables/response_map.tsv",
    output:
        figure=shown("results/figures/nudges.response_map.svg", "Nudges"),
    log:
        "results/logs/figure_response_map.log",
    params:
        figure="response_map",
        tasks=job_param(parameters.described_tasks),
        about=job_param(parameters.described_models),
        code=code_of("figure.py", ["plmbench.report.response_map"]),


use rule figure_curves as figure_contact_map with:
    input:
        contact_map="results/tables/contact_map.tsv",
    output:
        figure=shown("results/figures/nudges.contact_map.svg", "Nudges"),
    log:
        "results/logs/figure_contact_map.log",
    params:
        figure="contact_map",
        tasks=job_param(parameters.described_tasks),
        about=job_param(parameters.described_models),
        code=code_of("figure.py", ["plmbench.report.contact_map"]),


use rule figure_heat_map as figure_networks with:
    input:
        networks="results/tables/networks.tsv",
    output:
        figure=shown("results/figures/networks.svg", "Study"),
    log:
        "results/logs/figure_networks.log",
    params:
        figure="networks",
        tasks=job_param(parameters.described_tasks),
        about=job_param(parameters.described_models),
        code=code_of("figure.py", ["plmbench.report.networks"]),


use rule figure_curves as figure_distances with:
    input:
        bins="results/tables/identity_bins.tsv",
    output:
        figure=shown("results/figures/distances.svg", "Study"),
    log:
        "results/logs/figure_distances.log",
    params:
        figure="distances",
        tasks=job_param(parameters.described_tasks),
        about=job_param(parameters.described_models),
        code=code_of("figure.py", ["plmbench.report.distances"]),


rule page:
    input:
        tables=targets.page_tables(STUDY),
        runs="results/tables/runs.tsv",
        figures=targets.page_figures(STUDY, FIGURES),
        template=ancient(TEMPLATE),
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
        words=canonical(list(FIGURES.items())),
        contents=INPUTS.contents_of(
            [
                TEMPLATE,
                *PARTS_OF_PAGE,
                targets.page_tables(STUDY),
                targets.page_figures(STUDY, FIGURES),
            ]
        ),
        code=code_of("page.py"),
    script:
        "../scripts/page.py"
