"""Write the page of the whole study."""

import json
from pathlib import Path

import pandas as pd

from plmbench.compare.tables import read_table, read_tables
from plmbench.core.logs import run
from plmbench.report.nudges import nudge_section
from plmbench.report.page import FigureFiles, write_page
from plmbench.report.subjects import task_key

TABLES = (
    "task_verdicts",
    "verdicts",
    "differences",
    "networks",
    "architectures",
    "datasets",
    "identity_bins",
    "pretraining_overlap",
)


def main(job):
    tasks, models = json.loads(job.params.tasks), json.loads(job.params.about)
    tables = {name: read_table(job.input[name]) for name in TABLES}
    # digests stay text, whatever they look like
    tables["runs"] = pd.read_csv(job.input.runs, sep="\t", dtype=str, keep_default_na=False)
    words, keys = dict(json.loads(job.params.figures)), [task_key(task) for task in tasks]
    files = iter(job.input.figures)  # figure after figure, each in the order of tasks
    drawn = {name: dict(zip(keys, files, strict=False)) for name in words}
    of_tasks = {key: {name: drawn[name][key] for name in words} for key in keys}
    curves = dict(zip(json.loads(job.params.curve_tasks), job.input.curve_figures, strict=True))
    if curves:
        tables["learning_curves"] = read_tables(job.input.learning_curves)
    for path in job.input.selectivity:  # none without control tasks
        tables["selectivity"] = read_table(path)
    of_controls = json.loads(job.params.control_tasks), job.input.selectivity_figures
    selectivity = dict(zip(*of_controls, strict=True))
    parts = [Path(path) for path in job.input.parts]
    tables |= {path.stem: read_table(path) for path in parts if path.suffix == ".tsv"}
    of_parts = dict(zip(keys, (p for p in parts if p.suffix == ".svg"), strict=False))
    across = job.input.heat_map, job.input.networks_figure, job.input.distances
    figures = FigureFiles(words, of_tasks, *across, curves, selectivity, of_parts)
    nudges = [Path(path) for path in job.input.nudges]
    of_nudges = {path.stem: read_table(path) for path in nudges if path.suffix == ".tsv"}
    drawn_nudges = {path.stem: path for path in nudges if path.suffix == ".svg"}
    more = {"nudges": nudge_section(of_nudges, drawn_nudges, models)}
    write_page(job.output.page, tables, figures, models, tasks, more)


if "snakemake" in globals():
    run(main, snakemake)
