"""Compare the arms of one task: intervals, differences, rank correlations."""

import json

import pandas as pd

from plmbench.compare.arms import TaskPredictions
from plmbench.compare.correlations import correlation_table
from plmbench.compare.differences import comparison_tables
from plmbench.core.logs import run
from plmbench.probe.scores import collect_scores


def main(job):
    params = json.loads(job.params.comparison)
    about, label_controls = params["about"], params["label_controls"]
    files = dict(zip(map(tuple, params["arms"]), job.input.predictions, strict=True))
    scores = collect_scores(job.input.scores)
    task = TaskPredictions(scores, files, params["metric"], params["n_bootstrap"], params["seed"])
    roles = {model: facts["role"] for model, facts in about.items()}
    probes = [probe for probe in scores["probe"].unique() if probe not in label_controls.values()]
    arms, differences = comparison_tables(task, roles, label_controls)
    correlations = correlation_table(task, about, probes)
    names = pd.DataFrame([dict(job.wildcards.items())])
    tables = {"arms": arms, "differences": differences, "correlations": correlations}
    for name, table in tables.items():
        table = names.merge(table, how="cross")
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
