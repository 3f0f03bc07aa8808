"""Summarise the scores over seeds, at the chosen and the last layer."""

import json

from plmbench.compare.summary import summarise
from plmbench.core.logs import run
from plmbench.probe.scores import read_scores


def main(job):
    summary = summarise(read_scores(job.input.scores), json.loads(job.params.metrics))
    summary.to_csv(job.output.summary, sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
