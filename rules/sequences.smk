"""Labelled tables to sequences and labels.

needs:  the files of a data set's entry in config/datasets.yaml
makes:  results/sequences/{dataset}.tsv, results/sequences/{dataset}.counts.tsv,
        results/labels/{dataset}/{split}.tsv
"""


rule sequences:
    input:
        splits=split_files,
    output:
        sequences="results/sequences/{dataset}.tsv",
        counts="results/sequences/{dataset}.counts.tsv",
    log:
        "results/logs/sequences/{dataset}.log",
    conda:
        "../envs/inputs.yaml"
    params:
        splits=readings_of,
        code=code_of("sequences.py"),
    script:
        "../scripts/sequences.py"


rule labels:
    input:
        split=split_file,
    output:
        labels="results/labels/{dataset}/{split}.tsv",
    log:
        "results/logs/labels/{dataset}/{split}.log",
    conda:
        "../envs/inputs.yaml"
    params:
        settings=reading_of,
        code=code_of("labels.py"),
    script:
        "../scripts/labels.py"
