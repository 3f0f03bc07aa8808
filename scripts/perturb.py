"""Nudge the residues of a set of chains, with one model under one set of weights."""

import json

from plmbench.core.logs import run
from plmbench.data.checksums import read_lock
from plmbench.embed.settings import Compute, Files, Job
from plmbench.perturb.chains import perturb_chains


def main(job):
    network = json.loads(job.params.network)
    if job.params.downloaded:  # the file is the one that was verified, or it is refused
        network.setdefault("sha256", read_lock(job.config["lock"]).get(f"{job.wildcards.model}.pt"))
    storage, ablation = json.loads(job.params.storage), json.loads(job.params.ablation)
    perturb_chains(
        Files(job.input.chains, job.output.responses, None, job.input.get("weights")),
        Job.read(dict(job.wildcards.items()), network, storage, ablation, job.params.code),
        Compute.read(job.config["compute"], job.threads),
        json.loads(job.params.nudging),
    )


if "snakemake" in globals():
    run(main, snakemake)
