"""Join the counts of every data set into one table."""

import json

import pandas as pd

from plmbench.compare.tables import read_tables
from plmbench.core.logs import run


def main(job):
    tasks = pd.DataFrame(json.loads(job.params.tasks))
    counts = read_tables(job.input.counts)
    table = tasks.merge(counts, on=["dataset", "split"], how="left", validate="one_to_one")
    relatives, families = read_tables(job.input.relatives), read_tables(job.input.families)
    table = table.merge(relatives, on=["dataset", "split"], how="left", validate="one_to_one")
    families = families.rename(columns={"program": "families_by", "settings": "family_settings"})
    table = table.merge(families.drop(columns="sequences"), on="dataset", how="left")
    lengths = {
        dataset: pd.read_csv(path, sep="\t", keep_default_na=False)["sequence"].str.len()
        for dataset, path in zip(json.loads(job.params.datasets), job.input.sequences, strict=True)
    }
    max_lengths = zip(table["dataset"], table["max_length"], strict=True)
    table["above_max_length"] = [
        int((lengths[d] > max_length).sum()) if max_length else 0 for d, max_length in max_lengths
    ]
    table = table.set_index(["dataset", "split"]).reset_index()
    table.to_csv(job.output.table, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
