"""Find the nearest training sequence of each test sequence of a split, and count families."""

import json

import pandas as pd

from plmbench.core.logs import log, run
from plmbench.core.notices import notices_of
from plmbench.data.families import read_families
from plmbench.data.relatives import counts_of_relatives, relatives_of


def main(job):
    labels = pd.read_csv(job.input.labels, sep="\t", dtype=str, keep_default_na=False)
    sequences = pd.read_csv(job.input.sequences, sep="\t", dtype=str, keep_default_na=False)
    of_id = dict(zip(sequences["id"], sequences["sequence"], strict=True))
    settings = json.loads(job.params.families)["settings"]
    relatives = relatives_of(labels, of_id, read_families(job.input.families), settings)
    counts = dict(job.wildcards.items()) | counts_of_relatives(relatives)
    log.info("%s", counts)
    for words in notices_of(counts):
        log.warning("%s/%s: %s", counts["dataset"], counts["split"], words)
    relatives.to_csv(job.output.relatives, sep="\t", index=False)
    pd.DataFrame([counts]).to_csv(job.output.counts, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
