"""Draw the study: what pretraining adds, tasks against networks."""

import json

from plmbench.compare.tables import read_table
from plmbench.core.logs import run
from plmbench.report.heat_map import write_heat_map


def main(job):
    tasks, about = json.loads(job.params.tasks), json.loads(job.params.about)
    differences, verdicts = read_table(job.input.differences), read_table(job.input.verdicts)
    write_heat_map(job.output.figure, differences, verdicts, about, tasks)


if "snakemake" in globals():
    run(main, snakemake)
