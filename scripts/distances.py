"""Join what every task's scores are by distance from training, and how near tests are to what
networks were pretrained on."""

from plmbench.compare.tables import read_tables
from plmbench.core.logs import run


def main(job):
    for name in ("bins", "overlap"):
        table = read_tables(job.input[name])
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
