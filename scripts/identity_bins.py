"""Score every arm of one task by the distance of test sequences from the training set."""

import json

import pandas as pd

from plmbench.compare.comparison import task_of
from plmbench.compare.identity_bins import bin_table
from plmbench.core.logs import run
from plmbench.core.test_sets import of_task
from plmbench.probe.scores import collect_scores


def main(job):
    comparison = json.loads(job.params.comparison)
    relatives = pd.read_csv(job.input.relatives, sep="\t", dtype=str, keep_default_na=False)
    families = dict(zip(relatives["name"], relatives["family"], strict=True))
    files = job.input.scores, job.input.predictions
    scores, predictions = (of_task(paths, job.wildcards.split) for paths in files)
    task = task_of(collect_scores(scores), predictions, comparison, families)
    roles = {model: facts["role"] for model, facts in comparison["about"].items()}
    table = bin_table(task, relatives, roles, comparison["label_controls"])
    table = pd.DataFrame([dict(job.wildcards.items())]).merge(table, how="cross")
    table.to_csv(job.output.bins, sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
