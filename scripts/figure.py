"""Draw one figure: a module of plmbench.report, by its name."""

import json
from importlib import import_module

from plmbench.compare.tables import read_table
from plmbench.core.logs import run


def main(job):
    figure = import_module(f"plmbench.report.{job.params.figure}")
    tasks, about = json.loads(job.params.tasks), json.loads(job.params.about)
    tables = {name: read_table(path) for name, path in job.input.items()}
    figure.write_figure(job.output.figure, tables, tasks, about)


if "snakemake" in globals():
    run(main, snakemake)
