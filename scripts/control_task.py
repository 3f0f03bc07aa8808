"""Write the labels of a task's control task: one class for each type, drawn at random."""

from functools import partial

import pandas as pd

from plmbench.core.errors import about
from plmbench.core.logs import run
from plmbench.data.control_tasks import control_task


def main(job):
    read = partial(pd.read_csv, sep="\t", dtype=str, keep_default_na=False)
    with about(f"{job.wildcards.dataset}/{job.wildcards.split}"):
        tables = read(job.input.labels), read(job.input.sequences)
        table = control_task(*tables, job.params.task_type)
    table.to_csv(job.output.labels, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
