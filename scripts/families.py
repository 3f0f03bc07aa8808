"""Group the sequences of a data set into families, or count the mutations of variants."""

import json

import pandas as pd

from plmbench.core.logs import log, run
from plmbench.core.notices import notices_of
from plmbench.data.clustering import family_table


def main(job):
    sequences = pd.read_csv(job.input.sequences, sep="\t", dtype=str, keep_default_na=False)
    sites = pd.read_csv(job.input.sites, sep="\t", dtype={"wild_type": str}, keep_default_na=False)
    table, clusters = family_table(sequences, sites, **json.loads(job.params.families))
    for words in notices_of(clusters._asdict()):
        log.warning("%s: %s", job.wildcards.dataset, words)
    table.to_csv(job.output.families, sep="\t", index=False)
    facts = {"dataset": job.wildcards.dataset, **clusters._asdict()}
    pd.DataFrame([facts]).to_csv(job.output.facts, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
