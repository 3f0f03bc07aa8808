"""Embeddings and labels to scores.

needs:  results/embeddings/{dataset}/{model}/{weights}.h5, results/labels/{dataset}/{split}.tsv
makes:  results/scores/{dataset}/{split}/{model}/{weights}/{probe}.tsv
        results/predictions/{dataset}/{split}/{model}/{weights}/{probe}.h5, of the test subset
"""


rule probe:
    input:
        embeddings="results/embeddings/{dataset}/{model}/{weights}.h5",
        labels="results/labels/{dataset}/{split}.tsv",
    output:
        scores="results/scores/{dataset}/{split}/{model}/{weights}/{probe}.tsv",
        predictions="results/predictions/{dataset}/{split}/{model}/{weights}/{probe}.h5",
    log:
        "results/logs/probe/{dataset}/{split}/{model}/{weights}/{probe}.log",
    benchmark:
        "results/benchmarks/probe/{dataset}/{split}/{model}/{weights}/{probe}.tsv"
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=probe_memory,
        runtime=probe_runtime,
    params:
        probe=probe_of,
        code=code_of("probe.py"),
    script:
        "../scripts/probe.py"
