"""The shards of data sets: the functions that rules ask. No rules here."""

from plmbench.core.poolings import AT_SITES
from plmbench.data.shards import read_list

EMBEDDED_SHARD = "results/embeddings/{dataset}/{model}/{weights}/{shard}.h5"
SHARDS = {}  # {dataset: {name: Shard}}, once its sequences are there


def shards_of(dataset):
    """Return {name: Shard} of a data set; before its sequences are there, Snakemake is told so and
    asks again later."""
    if dataset not in SHARDS:
        path = checkpoints.sequences.get(dataset=dataset).output.shards
        SHARDS[dataset] = {shard.shard: shard for shard in read_list(path)}
    return SHARDS[dataset]


def tables_of(wildcards, shard):
    """Return what a job embeds: a table's name says its content, its age says nothing."""
    folder = f"results/sequences/{wildcards.dataset}"
    tables = {"sequences": ancient(f"{folder}/{shard.shard}.tsv")}
    poolings = STUDY.storage(wildcards.dataset, wildcards.model)["poolings"]
    if set(poolings) & set(AT_SITES):
        tables["sites"] = ancient(f"{folder}/{shard.sites}.sites.tsv")
    return tables


def parts_of_shard(wildcards):
    return tables_of(wildcards, shards_of(wildcards.dataset)[wildcards.shard])


def parts_of_embedding(wildcards):
    """Return what an embedding file is made of: sequences where one shard holds all, else the files
    of the shards."""
    shards = shards_of(wildcards.dataset)
    if len(shards) == 1:
        return tables_of(wildcards, *shards.values())
    return {"shards": expand(EMBEDDED_SHARD, shard=shards, **dict(wildcards.items()))}
