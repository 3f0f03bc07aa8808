"""Write the overview that `make run` prints."""

import json
from pathlib import Path

from plmbench.logs import run
from plmbench.overviews import overview
from plmbench.tables import read_table


def main(job):
    transfer, arms = read_table(job.input.transfer), read_table(job.input.arms)
    text = overview(transfer, arms, job.params.baselines, json.loads(job.params.titles))
    Path(job.output.overview).write_text(text, encoding="utf-8")


if "snakemake" in globals():
    run(main, snakemake)
