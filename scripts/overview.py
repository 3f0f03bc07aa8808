"""Write the overview that `make run` prints."""

import json
from pathlib import Path

from plmbench.compare.tables import read_table
from plmbench.core.logs import run
from plmbench.report.overview import overview


def main(job):
    verdicts, arms = read_table(job.input.verdicts), read_table(job.input.arms)
    text = overview(verdicts, arms, job.params.baselines, json.loads(job.params.titles))
    notes = "".join(f"\n{sentence}\n" for sentence in job.params.licences)
    Path(job.output.overview).write_text(text + notes, encoding="utf-8")


if "snakemake" in globals():
    run(main, snakemake)
