"""Say how near the test sequences of a split are to the pretraining sequences of each network."""

import json

import pandas as pd

from plmbench.core.columns import TASK
from plmbench.core.logs import log, run
from plmbench.data.overlap_table import OVERLAP, near_to


def main(job):
    labels = pd.read_csv(job.input.labels, sep="\t", dtype=str, keep_default_na=False)
    sequences = pd.read_csv(job.input.sequences, sep="\t", dtype=str, keep_default_na=False)
    in_test = sequences["id"].isin(labels["id"][labels["subset"] == "test"])
    test, rows = sequences["sequence"][in_test].tolist(), []
    task = job.wildcards.dataset, job.wildcards.split
    settings = json.loads(job.params.families)["settings"]
    for path, models in zip(
        job.input.get("proteins", []), json.loads(job.params.models), strict=True
    ):
        found = near_to(test, path, settings)
        log.info("of %d test sequences in %s: %s", len(test), path, found)
        rows += [(*task, model, *found) for model in models]
    columns = [*TASK, "model", *OVERLAP]
    pd.DataFrame(rows, columns=columns).to_csv(job.output.overlap, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
