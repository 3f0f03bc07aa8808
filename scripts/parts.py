"""Gather what all tasks say of networks that are ablated in part."""

from plmbench.compare.tables import read_tables
from plmbench.core.logs import run


def main(job):
    for name, output in job.output.items():
        table = read_tables(job.input[name])
        table.to_csv(output, sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
