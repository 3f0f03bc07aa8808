"""Join every score file into one table."""

from plmbench.logs import run
from plmbench.scores import collect_scores


def main(job):
    table = collect_scores(job.input.scores)
    table.to_csv(job.output.table, sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
