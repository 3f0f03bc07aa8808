"""Join the comparisons of every task, correct for their number, and say what they come to."""

import json

from plmbench.compare.study_tables import COMPARED, study_tables
from plmbench.compare.tables import read_tables
from plmbench.core.logs import run


def main(job):
    compared = {name: read_tables(job.input[name]) for name in COMPARED}
    curves = read_tables(job.input.curves) if job.input.curves else None
    overlap = read_tables(job.input.overlap)
    tables = study_tables(compared, json.loads(job.params.study), overlap, curves)
    for name, table in tables.items():
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
