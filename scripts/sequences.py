"""Collect the distinct sequences of a data set's splits, and their sites of mutation."""

import json

import pandas as pd

from plmbench.core.logs import run
from plmbench.core.modalities import PROTEIN
from plmbench.data.kinds import KINDS
from plmbench.data.mutations import read_sites
from plmbench.data.shards import write_list, write_shards
from plmbench.data.splits import read_rows, unique_sequences, with_files


def main(job):
    files, tables, readings = iter(job.input.splits), [], json.loads(job.params.splits)
    for names, settings in readings:
        paths = {name: next(files) for name in names}
        tables.append(read_rows(**with_files(settings, paths)))
    unique = unique_sequences(tables)
    unique.to_csv(job.output.sequences, sep="\t", index=False)
    policy = readings[0][1].get("nonstandard_residues", "error")  # one for all splits of a data set
    rows = pd.concat(tables, ignore_index=True)
    sites = read_sites(job.input.get("wild_type"), rows, job.params.cut, policy)
    sites.to_csv(job.output.sites, sep="\t", index=False)
    kind = KINDS[readings[0][1].get("modality", PROTEIN)]
    most = job.params.shard_residues
    shards = write_shards(job.output.tables, unique, sites, most, kind.measure)
    write_list(job.output.shards, shards)


if "snakemake" in globals():
    run(main, snakemake)
