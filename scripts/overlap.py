"""Count how many test sequences of a split stand in the pretraining sequences of each network."""

import json

import pandas as pd

from plmbench.core.columns import SEEN, TASK
from plmbench.core.logs import log, run
from plmbench.data.overlap import seen_in_fasta


def main(job):
    labels = pd.read_csv(job.input.labels, sep="\t", dtype=str, keep_default_na=False)
    sequences = pd.read_csv(job.input.sequences, sep="\t", dtype=str, keep_default_na=False)
    in_test = sequences["id"].isin(labels["id"][labels["subset"] == "test"])
    test, rows = set(sequences["sequence"][in_test]), []
    task = job.wildcards.dataset, job.wildcards.split
    for path, models in zip(
        job.input.get("proteins", []), json.loads(job.params.models), strict=True
    ):
        seen = len(seen_in_fasta(test, path))
        log.info("%d of %d test sequences stand in %s", seen, len(test), path)
        rows += [(*task, model, len(test), seen) for model in models]
    columns = [*TASK, "model", "test_sequences", SEEN]
    pd.DataFrame(rows, columns=columns).to_csv(job.output.overlap, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
