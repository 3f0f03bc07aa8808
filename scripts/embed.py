"""Embed one data set with one model under one set of weights, every layer in one pass."""

import json

import torch

from plmbench.embedding import embed_dataset
from plmbench.locks import read_lock
from plmbench.logs import run


def main(job):
    torch.set_num_threads(job.threads)
    network = json.loads(job.params.network)
    if job.params.lock:  # a downloaded file is the one that was verified, or it is refused
        recorded = read_lock(job.params.lock).get(f"{job.wildcards.model}.pt")
        network.setdefault("sha256", recorded)
    embed_dataset(
        job.input.sequences,
        job.input.sites,
        job.output.embeddings,
        checkpoint=job.input.get("weights"),
        names=dict(job.wildcards.items()),
        network=network,
        table=json.loads(job.params.ablation),
        storage=json.loads(job.params.storage),
        code=job.params.code,
        compute=job.config["compute"],
    )


if "snakemake" in globals():
    run(main, snakemake)
