"""Draw one task: the metric against the layer."""

import json

from plmbench.figures import write_figure
from plmbench.logs import run
from plmbench.scores import read_scores


def main(job):
    task, about = json.loads(job.params.task), json.loads(job.params.about)
    scores = read_scores(job.input.scores)
    mine = (scores["dataset"] == job.wildcards.dataset) & (scores["split"] == job.wildcards.split)
    write_figure(job.output.figure, scores[mine], job.params.metric, about, task)


if "snakemake" in globals():
    run(main, snakemake)
