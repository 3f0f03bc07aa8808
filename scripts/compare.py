"""Compare the arms of one task: intervals, differences, rank correlations."""

import json

import pandas as pd

from plmbench.compare.comparison import compare_arms
from plmbench.core.logs import run
from plmbench.core.test_sets import of_task
from plmbench.data.families import families_of_tests
from plmbench.probe.scores import collect_scores


def main(job):
    comparison = json.loads(job.params.comparison)
    families = families_of_tests(job.input.labels, job.input.families)
    files = job.input.scores, job.input.predictions, job.input.refits
    scores, predictions, refits = (of_task(paths, job.wildcards.split) for paths in files)
    tables = compare_arms(collect_scores(scores), predictions, comparison, families, refits)
    names = pd.DataFrame([dict(job.wildcards.items())])
    for name, table in tables.items():
        table = names.merge(table, how="cross")
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
