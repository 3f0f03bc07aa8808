"""Draw every figure of a study, each by the module of plmbench.report that it is named for."""

import json
from pathlib import Path

from plmbench.compare.tables import read_table
from plmbench.core.logs import run
from plmbench.report.drawing import draw_all


def main(job):
    tasks, about = json.loads(job.params.tasks), json.loads(job.params.about)
    tables = {Path(path).stem: read_table(path) for path in job.input.tables}
    draw_all(job.output.figures, json.loads(job.params.figures), tables, tasks, about)


if "snakemake" in globals():
    run(main, snakemake)
