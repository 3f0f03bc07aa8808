"""Labelled files to sequences and labels.

needs:  the files of a data set's entry in config/datasets.yaml
makes:  results/sequences/{dataset}.tsv, {dataset}.sites.tsv,
        results/labels/{dataset}/{split}.tsv, {split}.counts.tsv
"""


rule sequences:
    input:
        unpack(wild_type_of),
        splits=files_of_dataset,
    output:
        sequences="results/sequences/{dataset}.tsv",
        sites="results/sequences/{dataset}.sites.tsv",
    log:
        "results/logs/sequences/{dataset}.log",
    conda:
        "../envs/inputs.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        splits=readings_of,
        cut=slice_of,
        code=code_of("sequences.py"),
    script:
        "../scripts/sequences.py"


rule labels:
    input:
        split=files_of_split,
    output:
        labels="results/labels/{dataset}/{split}.tsv",
        counts="results/labels/{dataset}/{split}.counts.tsv",
    log:
        "results/logs/labels/{dataset}/{split}.log",
    conda:
        "../envs/inputs.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        settings=reading_of,
        code=code_of("labels.py"),
    script:
        "../scripts/labels.py"
