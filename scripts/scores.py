"""Join every score file into one table."""

from plmbench.core.logs import run
from plmbench.probe.scores import collect_scores


def main(job):
    table = collect_scores(job.input.scores)
    table.to_csv(job.output.table, sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
