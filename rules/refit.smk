"""Embeddings and labels to the scores of probes that are fit again on redrawn training rows.

needs:  results/embeddings/{dataset}/{model}/{weights}.h5, results/labels/{dataset}/{split}.tsv,
        results/families/{dataset}.tsv
makes:  results/refits/{dataset}/{split}/{model}/{weights}/{probe}.tsv, where the configuration asks
        for refits
"""


rule refit:
    input:
        embeddings=targets.EMBEDDINGS,
        labels=targets.labels_of(STUDY),
        families="results/families/{dataset}.tsv",
    output:
        refits=refits.REFITS,
    log:
        "results/logs/refit/{dataset}/{split}/{model}/{weights}/{probe}.log",
    benchmark:
        "results/benchmarks/refit/{dataset}/{split}/{model}/{weights}/{probe}.tsv"
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=RESOURCES.refit_memory,
        runtime=RESOURCES.refit_runtime,
    params:
        probe=job_param(parameters.probe, "probe", "dataset", "weights"),
        tests=job_param(parameters.tests, "dataset", "split"),
        contents=INPUTS.contents(targets.labels_of(STUDY)),
        redraws=lambda wildcards: refits.count_of(
            STUDY, wildcards.dataset, wildcards.split
        ),
        code=job_param(parameters.refit_code, "probe", "dataset"),
    script:
        "../scripts/refit.py"
