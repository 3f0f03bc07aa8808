"""Write the labels and subsets of one split, by sequence id."""

import json

from plmbench.datasets import counts_of, read_split
from plmbench.logs import log, run


def main(job):
    table = read_split(job.input.split, **json.loads(job.params.settings))
    log.info("%s", counts_of(table))
    columns = ["name", "id", "target", "subset"]
    table[columns].to_csv(job.output.labels, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
