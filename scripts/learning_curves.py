"""Join the learning curves of all tasks."""

from plmbench.compare.tables import read_tables
from plmbench.core.logs import run


def main(job):
    table = read_tables(job.input.tables)
    table.to_csv(job.output.table, sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
