"""Catalogue to checkpoints and files of data sets.

needs:  the network, on the machine that runs Snakemake
makes:  results/weights/{model}.pt, a file, or a link into $PLMBENCH_WEIGHTS
        results/downloads/{download}, results/downloads/{dataset}/{split}.{file}
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


rule fetch_dataset:
    output:
        file="results/downloads/{download}.download",
    log:
        "results/logs/fetch_dataset/{download}.log",
    localrule: True
    conda:
        "../envs/inputs.yaml"
    params:
        download=download_of,
        lock=LOCK,
        code=code_of("fetch_dataset.py"),
    script:
        "../scripts/fetch_dataset.py"


rule unpack:
    input:
        archive=archive_of,
    output:
        file="results/downloads/{dataset}/{split}.{file}",
    log:
        "results/logs/unpack/{dataset}/{split}.{file}.log",
    localrule: True
    conda:
        "../envs/inputs.yaml"
    params:
        member=member_of,
        code=code_of("unpack.py"),
    script:
        "../scripts/unpack.py"
