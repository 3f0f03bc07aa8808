"""Draw one task: the metric against size, depth and pretraining."""

import json

from plmbench.compare.tables import read_table
from plmbench.core.logs import run
from plmbench.probe.scores import read_scores
from plmbench.report.scaling import write_scaling
from plmbench.report.style import of_task


def main(job):
    task, about = json.loads(job.params.task), json.loads(job.params.about)
    tables = (
        read_table(job.input.arms),
        read_scores(job.input.scores),
        read_table(job.input.correlations),
    )
    mine = [of_task(table, job.wildcards.dataset, job.wildcards.split) for table in tables]
    write_scaling(job.output.figure, *mine, job.params.metric, about, task)


if "snakemake" in globals():
    run(main, snakemake)
