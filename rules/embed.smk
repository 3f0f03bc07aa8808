"""Sequences and a checkpoint to embeddings of every layer.

needs:  results/sequences/{dataset}.tsv, {dataset}.sites.tsv, the model's checkpoint
makes:  results/embeddings/{dataset}/{model}/{weights}.h5
"""


rule embed:
    input:
        unpack(weights_of),
        sequences="results/sequences/{dataset}.tsv",
        sites="results/sequences/{dataset}.sites.tsv",
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
        gpu=1,  # one network in memory at a time, unless a profile or --resources grants more
    params:
        network=network_of,
        ablation=ablation_of,
        storage=storage_of,
        lock=lock_of,
        code=code_of("embed.py"),
    script:
        "../scripts/embed.py"
