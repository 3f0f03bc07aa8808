"""Scores, counts and verdicts to tables that people read.

needs:  results/scores of every arm, results/labels/{dataset}/{split}.counts.tsv,
        results/families/{dataset}/{split}.counts.tsv, {dataset}.facts.tsv,
        results/embeddings/{dataset}/{model}/{weights}.h5, results/tables/{verdicts,arms}.tsv
makes:  results/tables/{scores,summary,datasets,runs}.tsv, overview.md

`snakemake scores` fits every probe and writes the first of these, and nothing else.
"""

COUNTS = "results/labels/{dataset}/{split}.counts.tsv"
RELATIVES = "results/families/{dataset}/{split}.counts.tsv"


rule scores:
    input:
        scores=targets.scores(STUDY),
    output:
        table=shown("results/tables/scores.tsv", "Tables"),
    log:
        "results/logs/scores.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        tasks=job_param(parameters.tasks),
        contents=INPUTS.contents_of(targets.scores(STUDY)),
        code=code_of("scores.py"),
    script:
        "../scripts/scores.py"


rule summary:
    input:
        scores="results/tables/scores.tsv",
    output:
        summary=shown("results/tables/summary.tsv", "Tables"),
    log:
        "results/logs/summary.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        metrics=job_param(parameters.metrics),
        code=code_of("summary.py"),
    script:
        "../scripts/summary.py"


rule selectivity:
    input:
        scores="results/tables/scores.tsv",
        control_tasks=targets.control_task_scores(STUDY),
    output:
        table=shown(targets.SELECTIVITY, "Tables"),
    log:
        "results/logs/selectivity.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        selectivity=job_param(parameters.selectivity),
        contents=INPUTS.contents_of(targets.control_task_scores(STUDY)),
        code=code_of("selectivity.py"),
    script:
        "../scripts/selectivity.py"


rule datasets:
    input:
        counts=targets.of_tasks(STUDY, COUNTS),
        sequences=targets.of_datasets(STUDY, "results/sequences/{dataset}.tsv"),
        relatives=targets.of_tasks(STUDY, RELATIVES),
        families=targets.of_datasets(STUDY, "results/families/{dataset}.facts.tsv"),
    output:
        table=shown("results/tables/datasets.tsv", "Tables"),
    log:
        "results/logs/datasets.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        tasks=job_param(parameters.policies),
        datasets=job_param(targets.used_datasets),
        contents=INPUTS.contents_of(targets.of_tasks(STUDY, COUNTS)),
        code=code_of("datasets.py"),
    script:
        "../scripts/datasets.py"


rule runs:
    input:
        embeddings=targets.embeddings(STUDY),
    output:
        table=shown("results/tables/runs.tsv", "Tables"),
    log:
        "results/logs/runs.log",
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=RESOURCES.attributes_memory,
        runtime=RESOURCES.attributes_runtime,
    params:
        contents=INPUTS.contents_of(targets.embeddings(STUDY)),
        code=code_of("runs.py"),
    script:
        "../scripts/runs.py"


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
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        titles=job_param(parameters.titles),
        licences=parameters.licences(STUDY),
        baselines=parameters.baselines(STUDY),
        code=code_of("overview.py"),
    script:
        "../scripts/overview.py"
