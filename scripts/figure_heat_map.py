"""Draw the study: what pretraining adds, tasks against networks."""

import json

from plmbench.figures.heat_map import write_heat_map
from plmbench.logs import run
from plmbench.tables import read_table


def main(job):
    tasks, about = json.loads(job.params.tasks), json.loads(job.params.about)
    differences, transfer = read_table(job.input.differences), read_table(job.input.transfer)
    write_heat_map(job.output.figure, differences, transfer, about, tasks)


if "snakemake" in globals():
    run(main, snakemake)
