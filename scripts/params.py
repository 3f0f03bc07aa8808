"""Count the parameters of every model, and the bytes of its embeddings of every data set."""

import json

import pandas as pd

from plmbench.core.logs import run
from plmbench.embed.sizes import SIZE_COLUMNS, size_rows
from plmbench.models.parameter_table import COLUMNS, counted


def main(job):
    weights, models = iter(job.input.weights), json.loads(job.params.models)
    found = {m: counted(m, entry, next(weights) if entry["here"] else None) for m, entry in models}
    rows = [row for each in found.values() for row in each.rows]
    table = pd.DataFrame(rows, columns=COLUMNS).convert_dtypes()  # counts stay whole beside blanks
    table.to_csv(job.output.parameters, sep="\t", index=False)
    shapes, rows = {model: each.embedded for model, each in found.items()}, []
    tables = zip(job.input.sequences, job.input.sites, strict=True)
    for (dataset, stored), files in zip(json.loads(job.params.stored), tables, strict=True):
        rows += size_rows(dataset, files, stored, shapes)
    sizes = pd.DataFrame(rows, columns=SIZE_COLUMNS).convert_dtypes()
    sizes.to_csv(job.output.sizes, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
