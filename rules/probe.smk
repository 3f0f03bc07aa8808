"""Embeddings and labels to scores.

needs:  results/embeddings/{dataset}/{model}/{weights}.h5, results/labels/{dataset}/{split}.tsv,
        or .control_task.tsv
makes:  results/scores/{dataset}/{split}/{model}/{weights}/{probe}.tsv
        results/predictions/{dataset}/{split}/{model}/{weights}/{probe}.h5, of the test subset
"""


rule probe:
    input:
        embeddings=targets.EMBEDDINGS,
        labels=INPUTS.labels,
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
        probe=job_param(parameters.probe, "probe", "dataset"),
        code=job_param(parameters.probe_code, "probe", "dataset"),
    script:
        "../scripts/probe.py"
