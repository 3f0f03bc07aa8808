"""Draw one task: every arm as a bar with its interval."""

import json

from plmbench.compare.tables import read_table
from plmbench.core.logs import run
from plmbench.report.bars import write_bars
from plmbench.report.style import of_task


def main(job):
    task, about = json.loads(job.params.task), json.loads(job.params.about)
    arms = of_task(read_table(job.input.arms), job.wildcards.dataset, job.wildcards.split)
    write_bars(job.output.figure, arms, job.params.metric, about, task)


if "snakemake" in globals():
    run(main, snakemake)
