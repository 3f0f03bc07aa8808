"""Collect the distinct sequences of a data set's splits, and count what each split holds."""

import json

import pandas as pd

from plmbench.datasets import counts_of, read_split, unique_sequences
from plmbench.logs import run


def main(job):
    splits = json.loads(job.params.splits)
    tables = {
        split: read_split(path, **settings)
        for path, (split, settings) in zip(job.input.splits, splits, strict=True)
    }
    unique_sequences(tables.values()).to_csv(job.output.sequences, sep="\t", index=False)
    counts = [
        {"dataset": job.wildcards.dataset, "split": split} | counts_of(table)
        for split, table in tables.items()
    ]
    pd.DataFrame(counts).to_csv(job.output.counts, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
