"""Sequences and a checkpoint to embeddings of every layer: shard by shard, then joined.

needs:  results/sequences/{dataset}/{shard}.tsv, {sites}.sites.tsv, the model's checkpoint
makes:  results/embeddings/{dataset}/{model}/{weights}/{shard}.h5
        results/embeddings/{dataset}/{model}/{weights}.h5, virtual datasets over the shards

`snakemake embeddings` makes all of them and nothing else.
"""


rule embeddings:
    input:
        targets.embeddings(STUDY),
        targets.part_embeddings(STUDY),
    localrule: True


rule embed:
    input:
        unpack(INPUTS.checkpoint),
        unpack(INPUTS.shard_tables),
    output:
        embeddings="results/embeddings/{dataset}/{model}/{weights}/{shard}.h5",
    log:
        "results/logs/embed/{dataset}/{model}/{weights}/{shard}.log",
    benchmark:
        "results/benchmarks/embed/{dataset}/{model}/{weights}/{shard}.tsv"
    conda:
        f"../envs/{config['compute']['environment']}.yaml"
    resources:
        mem_mb=RESOURCES.embed_memory,
        runtime=RESOURCES.embed_runtime,
        gpu=1,  # one network in memory at a time, unless a profile or --resources grants more
    params:
        network=job_param(parameters.network, "model"),
        ablation=job_param(parameters.ablation, "model", "weights"),
        storage=job_param(parameters.storage, "dataset", "model"),
        contents=INPUTS.contents(INPUTS.checkpoint),
        downloaded=lambda wildcards: downloaded.is_downloaded(STUDY, wildcards.model),
        code=job_param(parameters.embed_code, "model"),
    script:
        "../scripts/embed.py"


rule join:
    input:
        unpack(INPUTS.checkpoint),  # a plan made before the shards are known has the downloads
        shards=INPUTS.shard_files,
    output:
        embeddings="results/embeddings/{dataset}/{model}/{weights}.h5",
    log:
        "results/logs/join/{dataset}/{model}/{weights}.log",
    benchmark:
        "results/benchmarks/join/{dataset}/{model}/{weights}.tsv"
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=RESOURCES.attributes_memory,
        runtime=RESOURCES.attributes_runtime,
    params:
        contents=INPUTS.contents(INPUTS.shard_files),
        code=code_of("join.py"),
    script:
        "../scripts/join.py"
