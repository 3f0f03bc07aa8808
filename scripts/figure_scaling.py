"""Draw one task: the metric against size, depth and pretraining."""

from plmbench.compare.tables import read_table
from plmbench.core.logs import run
from plmbench.probe.scores import read_scores
from plmbench.report.scaling import write_scaling
from plmbench.report.subjects import of_task, subject_of


def main(job):
    subject = subject_of(job.params.metric, job.params.about, job.params.task)
    arms, correlations = read_table(job.input.arms), read_table(job.input.correlations)
    tables = (arms, read_scores(job.input.scores), correlations)
    own_rows = [of_task(table, job.wildcards.dataset, job.wildcards.split) for table in tables]
    write_scaling(job.output.figure, *own_rows, subject)


if "snakemake" in globals():
    run(main, snakemake)
