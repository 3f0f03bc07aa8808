"""Catalogue to checkpoints and files of data sets.

needs:  the network, on the machine that runs Snakemake
makes:  results/weights/{model}/{source}.pt, a file, or a link into $PLMBENCH_WEIGHTS
        results/weights/{model}/{source}.folder, the same of a network of transformers
        results/downloads/{download}, results/downloads/{dataset}/{split}.{file}

What was downloaded and verified stays as it is, whatever becomes of the code that did it: Snakemake
deletes an output before it makes it anew, and the network may be gone.
"""

# Not a param of rules: a path bears on no result, and a study that is moved reruns nothing.
config["lock"] = FILES.located("config/weights.lock")

if missing := FILES.missing():
    raise WorkflowError(missing[0])


rule fetch_weights:
    output:
        weights="results/weights/{model}/{source}.pt",
    log:
        "results/logs/fetch_weights/{model}/{source}.log",
    localrule: True
    conda:
        "../envs/inputs.yaml"
    params:
        model=job_param(downloaded.source, "model"),
    script:
        "../scripts/fetch_weights.py"


rule fetch_folder:
    output:
        folder=directory("results/weights/{model}/{source}.folder"),
    log:
        "results/logs/fetch_folder/{model}/{source}.log",
    localrule: True
    conda:
        "../envs/inputs.yaml"
    params:
        model=job_param(downloaded.source, "model"),
    script:
        "../scripts/fetch_folder.py"


rule fetch_dataset:
    output:
        file="results/downloads/{download}.download",
    log:
        "results/logs/fetch_dataset/{download}.log",
    localrule: True
    conda:
        "../envs/inputs.yaml"
    params:
        download=job_param(downloaded.download, "download"),
    script:
        "../scripts/fetch_dataset.py"


rule unpack:
    input:
        archive=INPUTS.archive,
    output:
        file="results/downloads/{dataset}/{split}.{file}",
    log:
        "results/logs/unpack/{dataset}/{split}.{file}.log",
    localrule: True
    conda:
        "../envs/inputs.yaml"
    params:
        member=INPUTS.member,
        images=INPUTS.image_column,
        contents=INPUTS.contents(INPUTS.archive),
        code=code_of("unpack.py"),
    script:
        "../scripts/unpack.py"
