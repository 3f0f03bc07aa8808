"""Write the labels and subsets of one split, by sequence id, and count what it holds."""

import json

import pandas as pd

from plmbench.core.logs import log, run
from plmbench.core.modalities import MODALITIES, PROTEIN
from plmbench.core.notices import notices_of
from plmbench.data.counts import counts_of
from plmbench.data.splits import read_split, with_files

COLUMNS = ["name", "id", "target", "subset", "fold", "mask"]


def main(job):
    names, settings = json.loads(job.params.settings)
    paths = dict(zip(names, job.input.split, strict=True))
    table = read_split(**with_files(settings, paths))
    counts = dict(job.wildcards.items()) | counts_of(table)
    log.info("%s", counts)
    example = MODALITIES[settings.get("modality", PROTEIN)].example
    for words in notices_of(counts, example):
        log.warning("%s/%s: %s", counts["dataset"], counts["split"], words)
    columns = [name for name in COLUMNS if name in table]
    table[columns].to_csv(job.output.labels, sep="\t", index=False)
    pd.DataFrame([counts]).to_csv(job.output.counts, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
