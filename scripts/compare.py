"""Compare the arms of one task: intervals, differences, rank correlations."""

import json

import pandas as pd

from plmbench.compare.comparison import compare_arms
from plmbench.core.logs import run
from plmbench.data.families import families_of_tests
from plmbench.probe.scores import collect_scores


def main(job):
    comparison = json.loads(job.params.comparison)
    families = families_of_tests(job.input.labels, job.input.families)
    scores = collect_scores(job.input.scores)
    files = job.input.predictions, comparison, families, job.input.refits
    tables = compare_arms(scores, *files)
    names = pd.DataFrame([dict(job.wildcards.items())])
    for name, table in tables.items():
        table = names.merge(table, how="cross")
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
