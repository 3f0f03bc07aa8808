"""Fit one probe on every layer of one embedding file."""

import json

import pandas as pd

from plmbench.logs import run
from plmbench.probes import score_layers
from plmbench.scores import write_scores
from plmbench.store import open_embeddings


def main(job):
    labels = pd.read_csv(job.input.labels, sep="\t", dtype={"name": str, "id": str})
    with open_embeddings(job.input.embeddings) as embeddings:
        rows = list(score_layers(embeddings, labels, **json.loads(job.params.probe)))
    write_scores(job.output.scores, rows, **dict(job.wildcards.items()))


if "snakemake" in globals():
    run(main, snakemake)
