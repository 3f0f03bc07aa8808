"""Summarise the scores over seeds, at the chosen and the last layer."""

import json

from plmbench.logs import run
from plmbench.scores import read_scores
from plmbench.summaries import summarise


def main(job):
    summary = summarise(read_scores(job.input.scores), json.loads(job.params.metrics))
    summary.to_csv(job.output.summary, sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
