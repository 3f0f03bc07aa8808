"""Embeddings and fewer and fewer labels to what pretraining is worth in labels.

needs:  results/embeddings/{dataset}/{model}/{weights}.h5, results/labels/{dataset}/{split}.tsv,
        results/families/{dataset}.tsv
makes:  results/learning_curves/{dataset}/{split}/{model}/{weights}/{probe}.tsv and .h5, the
        predictions of the test subset,
        results/comparisons/{dataset}/{split}.learning_curves.tsv,
        results/tables/learning_curves.tsv

Nothing of it is run unless the configuration has `learning_curve`.
"""

COMPARED_CURVES = "results/comparisons/{dataset}/{split}.learning_curves.tsv"


rule learning_curve:
    input:
        embeddings=targets.EMBEDDINGS,
        labels=targets.labels_of(STUDY),
        families="results/families/{dataset}.tsv",
    output:
        scores=f"{targets.CURVES}.tsv",
        predictions=f"{targets.CURVES}.h5",
    log:
        "results/logs/learning_curve/{dataset}/{split}/{model}/{weights}/{probe}.log",
    benchmark:
        "results/benchmarks/learning_curve/{dataset}/{split}/{model}/{weights}/{probe}.tsv"
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=RESOURCES.curve_memory,
        runtime=RESOURCES.curve_runtime,
    params:
        probe=job_param(parameters.probe, "probe", "dataset", "weights"),
        tests=job_param(parameters.tests, "dataset", "split"),
        contents=INPUTS.contents(targets.labels_of(STUDY)),
        curve=job_param(parameters.learning_curve, "probe", "dataset"),
        code=job_param(parameters.learning_curve_code, "probe", "dataset"),
    script:
        "../scripts/learning_curve.py"


rule worth:
    input:
        scores=INPUTS.curve_scores,
        predictions=INPUTS.curve_predictions,
        labels="results/labels/{dataset}/{split}.tsv",
        families="results/families/{dataset}.tsv",
    output:
        table=COMPARED_CURVES,
    log:
        "results/logs/worth/{dataset}/{split}.log",
    benchmark:
        "results/benchmarks/worth/{dataset}/{split}.tsv"
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        comparison=job_param(parameters.worth, "dataset"),
        contents=INPUTS.contents(INPUTS.curve_scores, INPUTS.curve_predictions),
        code=code_of("worth.py"),
    script:
        "../scripts/worth.py"


rule learning_curves:
    input:
        tables=targets.of_curve_tasks(STUDY, COMPARED_CURVES),
    output:
        table=shown("results/tables/learning_curves.tsv", "Tables", caption="worth"),
    log:
        "results/logs/learning_curves.log",
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        contents=INPUTS.contents_of(targets.of_curve_tasks(STUDY, COMPARED_CURVES)),
        code=code_of("learning_curves.py"),
    script:
        "../scripts/learning_curves.py"
