"""Embed one shard of a data set: every layer of one model, under one set of weights."""

import json

from plmbench.core.logs import run
from plmbench.data.checksums import read_lock
from plmbench.embed.dataset import embed_dataset


def main(job):
    network = json.loads(job.params.network)
    if job.params.downloaded:  # the file is the one that was verified, or it is refused
        network.setdefault("sha256", read_lock(job.config["lock"]).get(f"{job.wildcards.model}.pt"))
    embed_dataset(
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
