"""Compare the arms of one task: intervals, differences, rank correlations."""

import json

import pandas as pd

from plmbench.compare.correlations import scaled
from plmbench.compare.differences import Task, compared
from plmbench.core.logs import run
from plmbench.probe.scores import collect_scores


def main(job):
    params = json.loads(job.params.comparison)
    about, label_controls = params["about"], params["label_controls"]
    arms = [tuple(arm) for arm in params["arms"]]
    files = dict(zip(arms, job.input.predictions, strict=True))
    scores = collect_scores(job.input.scores)
    task = Task(scores, files, params["metric"], params["n_bootstrap"], params["seed"])
    roles = {model: facts["role"] for model, facts in about.items()}
    probes = [probe for probe in scores["probe"].unique() if probe not in label_controls.values()]
    names = ("arms", "differences", "correlations")
    tables = (*compared(task, roles, label_controls), scaled(task, about, probes))
    where = pd.DataFrame([dict(job.wildcards.items())])
    for name, table in zip(names, tables, strict=True):
        table = where.merge(table, how="cross")
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
