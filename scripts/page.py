"""Write the page of the whole study."""

import json

import pandas as pd

from plmbench.compare.tables import read_table
from plmbench.core.logs import run
from plmbench.report.page import FIGURES, FigureFiles, write_page
from plmbench.report.subjects import task_key

TABLES = ("task_verdicts", "verdicts", "differences", "datasets")


def main(job):
    tasks, models = json.loads(job.params.tasks), json.loads(job.params.about)
    tables = {name: read_table(job.input[name]) for name in TABLES}
    # digests stay text, whatever they look like
    tables["runs"] = pd.read_csv(job.input.runs, sep="\t", dtype=str, keep_default_na=False)
    files = zip(*(job.input[name] for name in FIGURES), strict=True)  # each in the order of tasks
    paths = [dict(zip(FIGURES, row, strict=True)) for row in files]
    of_tasks = {task_key(task): row for task, row in zip(tasks, paths, strict=True)}
    figures = FigureFiles(of_tasks, job.input.heat_map)
    write_page(job.output.page, tables, figures, models, tasks)


if "snakemake" in globals():
    run(main, snakemake)
