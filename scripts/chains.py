"""List the chains of a set that are nudged, and which of their residues touch."""

import json

from plmbench.core.logs import run
from plmbench.data.contacts import chains_of


def main(job):
    files, choice = dict(job.input.items()), json.loads(job.params.choice)
    chains, contacts = chains_of(files, choice, job.wildcards.dataset)
    chains.to_csv(job.output.chains, sep="\t", index=False)
    contacts.to_csv(job.output.contacts, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
