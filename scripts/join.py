"""Join the shards of a data set, each embedded on its own, under one file."""

from plmbench.core.logs import run
from plmbench.store.join import join_embeddings


def main(job):
    join_embeddings(job.input.shards, job.output.embeddings)


if "snakemake" in globals():
    run(main, snakemake)
