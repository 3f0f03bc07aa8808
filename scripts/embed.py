"""Embed sequences with one model under one set of weights, every layer in one pass; or join the
shards of a data set that were embedded so."""

import json

from plmbench.core.logs import run
from plmbench.data.checksums import read_lock
from plmbench.store.join import join_embeddings


def main(job):
    if shards := job.input.get("shards"):
        return join_embeddings(shards, job.output.embeddings)
    # Most of a short job is what this imports, and a join needs none of it.
    from plmbench.embed.dataset import embed_dataset

    network = json.loads(job.params.network)
    if job.params.downloaded:  # the file is the one that was verified, or it is refused
        network.setdefault("sha256", read_lock(job.config["lock"]).get(f"{job.wildcards.model}.pt"))
    return embed_dataset(
        job.input.sequences,
        job.input.get("sites"),
        job.output.embeddings,
        checkpoint=job.input.get("weights"),
        names=dict(job.wildcards.items()),
        network=network,
        table=json.loads(job.params.ablation),
        storage=json.loads(job.params.storage),
        code=job.params.code,
        compute=job.config["compute"] | {"threads": job.threads},
    )


if "snakemake" in globals():
    run(main, snakemake)
