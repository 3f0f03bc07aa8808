"""Draw one task: the metric against the layer."""

import json

from plmbench.core.logs import run
from plmbench.probe.scores import read_scores
from plmbench.report.curves import write_curves
from plmbench.report.style import of_task


def main(job):
    task, about = json.loads(job.params.task), json.loads(job.params.about)
    scores = of_task(read_scores(job.input.scores), job.wildcards.dataset, job.wildcards.split)
    write_curves(job.output.figure, scores, job.params.metric, about, task)


if "snakemake" in globals():
    run(main, snakemake)
