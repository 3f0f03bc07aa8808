"""Write how nudges spread in every network, and what the letter of a residue has to do with it."""

import json

from plmbench.compare.shown_chain import response_map
from plmbench.compare.spread_tables import clusters_of, spread_tables
from plmbench.core.logs import run


def main(job):
    clusters = clusters_of(job.input.chains)
    tables = spread_tables(job.input.responses, clusters, **json.loads(job.params.statistics))
    tables["response_map"] = response_map(job.input.responses, json.loads(job.params.shown))
    for name, table in tables.items():
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
