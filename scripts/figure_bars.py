"""Draw one task: every arm as a bar with its interval."""

from plmbench.compare.tables import read_table
from plmbench.core.logs import run
from plmbench.report.bars import write_bars
from plmbench.report.subjects import of_task, subject_of


def main(job):
    subject = subject_of(job.params.metric, job.params.about, job.params.task)
    arms = of_task(read_table(job.input.arms), job.wildcards.dataset, job.wildcards.split)
    write_bars(job.output.figure, arms, subject)


if "snakemake" in globals():
    run(main, snakemake)
