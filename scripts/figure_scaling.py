"""Draw one task: the metric against size, depth and pretraining."""

import json

from plmbench.figures import of_task
from plmbench.figures.scaling import write_scaling
from plmbench.logs import run
from plmbench.scores import read_scores
from plmbench.tables import read_table


def main(job):
    task, about = json.loads(job.params.task), json.loads(job.params.about)
    tables = (
        read_table(job.input.arms),
        read_scores(job.input.scores),
        read_table(job.input.scaling),
    )
    mine = [of_task(table, job.wildcards.dataset, job.wildcards.split) for table in tables]
    write_scaling(job.output.figure, *mine, job.params.metric, about, task)


if "snakemake" in globals():
    run(main, snakemake)
