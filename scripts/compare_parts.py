"""Compare the networks of one task that are ablated in part, at the last layer."""

import json

import pandas as pd

from plmbench.compare.critical_depth import COLUMNS, Sweep, compare_parts
from plmbench.core.logs import run
from plmbench.core.test_sets import of_task
from plmbench.probe.scores import collect_scores
from plmbench.store.embeddings import open_embeddings


def main(job):
    sweeps = {}
    for path in job.input.embeddings:
        with open_embeddings(path) as embeddings:
            facts = embeddings.attributes
        points = json.loads(facts["points"]), int(facts["blocks"])
        sweeps[facts["model"], facts["weights"]] = Sweep(*points)
    files = job.input.scores, job.input.predictions
    scores, predictions = (of_task(paths, job.wildcards.split) for paths in files)
    comparison = json.loads(job.params.comparison)
    tables = compare_parts(collect_scores(scores), predictions, sweeps, comparison)
    names = pd.DataFrame([dict(job.wildcards.items())])
    for name, table in tables.items():
        table = names.merge(table, how="cross")[COLUMNS[name]]
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
