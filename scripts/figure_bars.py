"""Draw one task: every arm as a bar with its interval."""

import json

from plmbench.figures import of_task
from plmbench.figures.bars import write_bars
from plmbench.logs import run
from plmbench.tables import read_table


def main(job):
    task, about = json.loads(job.params.task), json.loads(job.params.about)
    arms = of_task(read_table(job.input.arms), job.wildcards.dataset, job.wildcards.split)
    write_bars(job.output.figure, arms, job.params.metric, about, task)


if "snakemake" in globals():
    run(main, snakemake)
