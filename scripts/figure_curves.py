"""Draw one task: the metric against the layer."""

import json

from plmbench.figures import of_task
from plmbench.figures.curves import write_curves
from plmbench.logs import run
from plmbench.scores import read_scores


def main(job):
    task, about = json.loads(job.params.task), json.loads(job.params.about)
    scores = of_task(read_scores(job.input.scores), job.wildcards.dataset, job.wildcards.split)
    write_curves(job.output.figure, scores, job.params.metric, about, task)


if "snakemake" in globals():
    run(main, snakemake)
