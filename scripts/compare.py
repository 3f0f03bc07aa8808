"""Compare the arms of one task: intervals, differences, rank correlations."""

import json

import pandas as pd

from plmbench.compare.comparison import compare_arms
from plmbench.core.logs import run
from plmbench.probe.scores import collect_scores


def main(job):
    comparison = json.loads(job.params.comparison)
    files = job.input.predictions, comparison, job.input.refits
    tables = compare_arms(collect_scores(job.input.scores), *files)
    names = pd.DataFrame([dict(job.wildcards.items())])
    for name, table in tables.items():
        table = names.merge(table, how="cross")
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
