"""Recipes to networks with checkpoints. Nothing of `rule all` asks for it: `snakemake pretrain`.

needs:  FASTA files of proteins, by an entry of config/recipes.yaml
makes:  results/pretraining/{recipe}/{recipe}_12.pt, _25, _50, {recipe}.pt, training.json
        results/pretraining/{recipe}/{recipe}_12/, _25/, _50/, {recipe}/ of what transformers reads
        results/pretraining/{recipe}/provenance.yaml, models.yaml
"""

FOLDERS = expand(
    "results/pretraining/{{recipe}}/{{recipe}}{mark}", mark=["_12", "_25", "_50", ""]
)
TRAINED = expand("{folder}.pt", folder=FOLDERS)


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


rule folders:
    input:
        checkpoints=TRAINED,
    output:
        folders=[directory(folder) for folder in FOLDERS],
    log:
        "results/logs/folders/{recipe}.log",
    conda:
        "../envs/embed.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        family=job_param(parameters.recipe_family, "recipe"),
        code=code_of("folders.py"),
    script:
        "../scripts/folders.py"


rule record:
    input:
        unpack(INPUTS.proteins),
        checkpoints=INPUTS.trained,
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
