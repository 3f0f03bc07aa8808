"""Join every score file into one table."""

import json

from plmbench.core.logs import run
from plmbench.probe.scores import collect_scores, of_tasks


def main(job):
    table = of_tasks(collect_scores(job.input.scores), json.loads(job.params.tasks))
    table.to_csv(job.output.table, sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
