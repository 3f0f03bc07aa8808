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
    from plmbench.embed.settings import Compute, Files, Job

    network = json.loads(job.params.network)
    if job.params.downloaded:  # the file is the one that was verified, or it is refused
        network.setdefault("sha256", read_lock(job.config["lock"]).get(f"{job.wildcards.model}.pt"))
    return embed_dataset(
        Files(
            job.input.sequences,
            job.output.embeddings,
            job.input.get("sites"),
            job.input.get("weights"),
        ),
        Job.read(
            dict(job.wildcards.items()),
            network,
            json.loads(job.params.storage),
            json.loads(job.params.ablation),
            job.params.code,
        ),
        Compute.read(job.config["compute"], job.threads),
    )


if "snakemake" in globals():
    run(main, snakemake)
