"""Embed one shard of a data set: every layer of one model, under one set of weights."""

import json

from plmbench.core.logs import run
from plmbench.data.checksums import read_lock
from plmbench.embed.dataset import embed_dataset
from plmbench.embed.settings import Compute, Files, Job


def main(job):
    network = json.loads(job.params.network)
    if job.params.downloaded:  # the file is the one that was verified, or it is refused
        network.setdefault("sha256", read_lock(job.config["lock"]).get(f"{job.wildcards.model}.pt"))
    tables = job.input.sequences, job.output.embeddings, job.input.get("sites")
    storage, ablation = json.loads(job.params.storage), json.loads(job.params.ablation)
    embed_dataset(
        Files(*tables, job.input.get("weights")),
        Job.read(dict(job.wildcards.items()), network, storage, ablation, job.params.code),
        Compute.read(job.config["compute"], job.threads),
    )


if "snakemake" in globals():
    run(main, snakemake)
