"""Catalogue to checkpoints.

needs:  the network, on the machine that runs Snakemake
makes:  results/weights/{model}.pt, a file, or a link into $PLMBENCH_WEIGHTS
"""


rule fetch_weights:
    output:
        weights="results/weights/{model}.pt",
    log:
        "results/logs/fetch_weights/{model}.log",
    localrule: True
    conda:
        "../envs/inputs.yaml"
    params:
        model=source_of,
        lock=LOCK,
        code=code_of("fetch_weights.py"),
    script:
        "../scripts/fetch_weights.py"
