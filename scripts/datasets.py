"""Join the counts of every data set into one table."""

import pandas as pd

from plmbench.logs import run


def main(job):
    table = pd.concat([pd.read_csv(path, sep="\t") for path in job.input.counts])
    table.to_csv(job.output.table, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
