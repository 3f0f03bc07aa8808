"""Compare the learning curves of one task: scores by size, and what pretraining is worth."""

import json

import pandas as pd

from plmbench.compare.learning_curves import compare_curves
from plmbench.core.errors import about
from plmbench.core.logs import run
from plmbench.core.test_sets import of_task
from plmbench.data.families import families_of_tests


def main(job):
    comparison = json.loads(job.params.comparison)
    with about(f"{job.wildcards.dataset}/{job.wildcards.split}"):
        families = families_of_tests(job.input.labels, job.input.families)
        files = job.input.scores, job.input.predictions
        scores, predictions = (of_task(paths, job.wildcards.split) for paths in files)
        table = compare_curves(scores, predictions, comparison, families)
    names = pd.DataFrame([dict(job.wildcards.items())])
    names.merge(table, how="cross").to_csv(job.output.table, sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
