"""Embeddings and labels to scores.

needs:  results/embeddings/{dataset}/{model}/{weights}.h5, results/labels/{dataset}/{split}.tsv
makes:  results/scores/{dataset}/{split}/{model}/{weights}/{probe}.tsv
        results/predictions/{dataset}/{split}/{model}/{weights}/{probe}.h5, of the test subset
"""


rule probe:
    input:
        embeddings=targets.EMBEDDINGS,
        labels="results/labels/{dataset}/{split}.tsv",
    output:
        scores=targets.SCORES,
        predictions=targets.PREDICTIONS,
    log:
        "results/logs/probe/{dataset}/{split}/{model}/{weights}/{probe}.log",
    benchmark:
        "results/benchmarks/probe/{dataset}/{split}/{model}/{weights}/{probe}.tsv"
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=RESOURCES.probe_memory,
        runtime=RESOURCES.probe_runtime,
    params:
        probe=job_param(parameters.probe, "probe", "dataset", "weights"),
        code=job_param(parameters.probe_code, "probe", "dataset"),
    script:
        "../scripts/probe.py"
