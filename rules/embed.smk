"""Sequences and a checkpoint to embeddings of every layer.

needs:  results/sequences/{dataset}/{shard}.tsv, {sites}.sites.tsv, the model's checkpoint
makes:  results/embeddings/{dataset}/{model}/{weights}.h5, of a data set in several shards a
        virtual dataset over results/embeddings/{dataset}/{model}/{weights}/{shard}.h5
"""


rule embed:
    input:
        unpack(weights_of),
        unpack(parts_of_embedding),
    output:
        embeddings="results/embeddings/{dataset}/{model}/{weights}.h5",
    log:
        "results/logs/embed/{dataset}/{model}/{weights}.log",
    benchmark:
        "results/benchmarks/embed/{dataset}/{model}/{weights}.tsv"
    conda:
        f"../envs/{config['compute']['environment']}.yaml"
    resources:
        mem_mb=embed_memory,
        runtime=embed_runtime,
        gpu=embed_gpus,
    params:
        network=network_of,
        ablation=ablation_of,
        storage=storage_of,
        downloaded=is_downloaded,
        code=code_of("embed.py"),
    script:
        "../scripts/embed.py"


use rule embed as embed_shard with:
    input:
        unpack(weights_of),
        unpack(parts_of_shard),
    output:
        embeddings="results/embeddings/{dataset}/{model}/{weights}/{shard}.h5",
    log:
        "results/logs/embed/{dataset}/{model}/{weights}/{shard}.log",
    benchmark:
        "results/benchmarks/embed/{dataset}/{model}/{weights}/{shard}.tsv"
