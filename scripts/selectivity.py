"""Compare each probe's score with that on the control task, layer by layer."""

import json

from plmbench.compare.selectivity import selectivity_table
from plmbench.core.logs import run
from plmbench.probe.scores import collect_scores, of_tasks, read_scores


def main(job):
    settings = json.loads(job.params.selectivity)
    scores, control_tasks = read_scores(job.input.scores), collect_scores(job.input.control_tasks)
    control_tasks = of_tasks(control_tasks, settings["tasks"])
    table = selectivity_table(scores, control_tasks, settings["controls"], settings["metrics"])
    table.to_csv(job.output.table, sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
