"""Draw one task: the metric against the layer."""

from plmbench.core.logs import run
from plmbench.probe.scores import read_scores
from plmbench.report.curves import write_curves
from plmbench.report.subjects import of_task, subject_of


def main(job):
    subject = subject_of(job.params.metric, job.params.about, job.params.task)
    scores = of_task(read_scores(job.input.scores), job.wildcards.dataset, job.wildcards.split)
    write_curves(job.output.figure, scores, subject)


if "snakemake" in globals():
    run(main, snakemake)
