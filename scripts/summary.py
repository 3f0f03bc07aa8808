"""Summarise the scores, and write the overview that `make run` prints."""

import json
from pathlib import Path

from plmbench.logs import run
from plmbench.scores import read_scores
from plmbench.summaries import overview, summarise


def main(job):
    metrics, titles = json.loads(job.params.metrics), json.loads(job.params.titles)
    summary = summarise(read_scores(job.input.scores), metrics)
    summary.to_csv(job.output.summary, sep="\t", index=False, na_rep="NaN")
    text = overview(summary, metrics, job.params.baselines, titles)
    Path(job.output.overview).write_text(text, encoding="utf-8")


if "snakemake" in globals():
    run(main, snakemake)
