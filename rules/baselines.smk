"""Sequences and labels to scores, by baselines that have no embedding.

needs:  results/sequences/{dataset}.tsv, results/labels/{dataset}/{split}.tsv
makes:  results/scores/{dataset}/{split}/{model}/none/direct.tsv
        results/predictions/{dataset}/{split}/{model}/none/direct.h5, of the test subset
"""


rule fit_sequences:
    input:
        sequences="results/sequences/{dataset}.tsv",
        labels=targets.labels_of(STUDY),
    output:
        scores="results/scores/{dataset}/{split}/{model}/none/direct.tsv",
        predictions="results/predictions/{dataset}/{split}/{model}/none/direct.h5",
    log:
        "results/logs/fit_sequences/{dataset}/{split}/{model}.log",
    benchmark:
        "results/benchmarks/fit_sequences/{dataset}/{split}/{model}.tsv"
    conda:
        f"../envs/{config['compute']['environment']}.yaml"
    # The number of threads decides the order of sums, and so the last digits of a network.
    threads: 1
    resources:
        mem_mb=RESOURCES.training_memory,
        runtime=RESOURCES.training_runtime,
        gpu=1,
    params:
        tests=job_param(parameters.tests, "dataset", "split"),
        contents=INPUTS.contents(targets.labels_of(STUDY)),
        method=job_param(parameters.method, "model", "dataset"),
        code=job_param(parameters.method_code, "model"),
    script:
        "../scripts/fit_sequences.py"
