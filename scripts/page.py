"""Write the page of the whole study."""

import json
from pathlib import Path

import pandas as pd

from plmbench.compare.tables import read_table
from plmbench.core.logs import run
from plmbench.report.figure_files import FigureFiles
from plmbench.report.page import write_page


def main(job):
    tasks, models = json.loads(job.params.tasks), json.loads(job.params.about)
    tables = {Path(path).stem: read_table(path) for path in job.input.tables}
    # digests stay text, whatever they look like
    tables["runs"] = pd.read_csv(job.input.runs, sep="\t", dtype=str, keep_default_na=False)
    figures = FigureFiles.read(dict(json.loads(job.params.words)), job.input.figures)
    write_page(job.output.page, tables, figures, models, tasks)


if "snakemake" in globals():
    run(main, snakemake)
