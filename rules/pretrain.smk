"""Recipes to networks with checkpoints. Nothing of `rule all` asks for it: `snakemake pretrain`.

needs:  FASTA files of proteins, by an entry of config/recipes.yaml
makes:  results/pretraining/{recipe}/{recipe}_12.pt, _25, _50, {recipe}.pt, training.json
        results/pretraining/{recipe}/provenance.yaml, models.yaml
"""

TRAINED = expand(
    "results/pretraining/{{recipe}}/{{recipe}}{mark}.pt", mark=["_12", "_25", "_50", ""]
)


rule pretrain:
    input:
        expand("results/pretraining/{recipe}/models.yaml", recipe=config["recipes"]),
    localrule: True


rule train:
    input:
        unpack(INPUTS.proteins),
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
        mem_mb=RESOURCES.training_memory,
        runtime=RESOURCES.training_runtime,
        gpu=1,
    params:
        recipe=job_param(parameters.recipe, "recipe"),
        contents=INPUTS.contents(INPUTS.proteins),
        folder="results/pretraining/{recipe}.unfinished",
        code=code_of("train.py"),
    script:
        "../scripts/train.py"


rule record:
    input:
        unpack(INPUTS.proteins),
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
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        recipe=job_param(parameters.recipe, "recipe"),
        about=job_param(parameters.about_recipe, "recipe"),
        contents=INPUTS.contents(INPUTS.proteins),
        code=code_of("record.py"),
    script:
        "../scripts/record.py"
