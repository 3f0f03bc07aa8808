"""Write the page of the whole study."""

import json

import pandas as pd

from plmbench.compare.tables import read_table
from plmbench.core.logs import run
from plmbench.report.page import key_of, write_page

TABLES = ("task_verdicts", "verdicts", "differences", "datasets")
FIGURES = ("curves", "bars", "scaling")


def main(job):
    tasks, models = json.loads(job.params.tasks), json.loads(job.params.about)
    tables = {name: read_table(job.input[name]) for name in TABLES}
    # digests stay text, whatever they look like
    tables["runs"] = pd.read_csv(job.input.runs, sep="\t", dtype=str, keep_default_na=False)
    files = zip(*(job.input[kind] for kind in FIGURES), strict=True)  # each in the order of tasks
    paths = [dict(zip(FIGURES, mine, strict=True)) for mine in files]
    mine = {key_of(task): drawn for task, drawn in zip(tasks, paths, strict=True)}
    figures = {"heat_map": job.input.heat_map, "tasks": mine}
    write_page(job.output.page, tables, figures, {"models": models, "tasks": tasks})


if "snakemake" in globals():
    run(main, snakemake)
