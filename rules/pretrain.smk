"""Recipes to networks with checkpoints. Nothing of `rule all` asks for it: `snakemake pretrain`.

needs:  FASTA files of proteins, by an entry of config/recipes.yaml
makes:  results/pretraining/{recipe}/{recipe}_12.pt, _25, _50, {recipe}.pt, training.json
        results/pretraining/{recipe}/provenance.yaml, models.yaml
"""


rule pretrain:
    input:
        expand("results/pretraining/{recipe}/models.yaml", recipe=config["recipes"]),
    localrule: True


rule train:
    input:
        unpack(proteins_of),
    output:
        checkpoints=TRAINED,
        training="results/pretraining/{recipe}/training.json",
    log:
        "results/logs/train/{recipe}.log",
    benchmark:
        "results/benchmarks/train/{recipe}.tsv"
    conda:
        "../envs/embed.yaml"
    # The number of threads decides the order of sums, and so the last digits of a network.
    threads: 1
    resources:
        mem_mb=training_memory,
        runtime=training_runtime,
        gpu=1,
    params:
        recipe=recipe_of,
        folder="results/pretraining/{recipe}.unfinished",
        code=code_of("train.py"),
    script:
        "../scripts/train.py"


rule record:
    input:
        unpack(proteins_of),
        checkpoints=TRAINED,
        training="results/pretraining/{recipe}/training.json",
    output:
        provenance="results/pretraining/{recipe}/provenance.yaml",
        entries="results/pretraining/{recipe}/models.yaml",
    log:
        "results/logs/record/{recipe}.log",
    conda:
        "../envs/embed.yaml"
    resources:
        mem_mb=table_memory,
        runtime=table_runtime,
    params:
        recipe=recipe_of,
        about=about_recipe,
        code=code_of("record.py"),
    script:
        "../scripts/record.py"
