"""Fit one probe on every layer of one embedding file."""

import json
from dataclasses import replace

from plmbench.core.errors import about
from plmbench.core.logs import run
from plmbench.core.threads import limited_threads
from plmbench.probe.devices import device_of
from plmbench.probe.examples import read_tests
from plmbench.probe.layerwise import probe_of, score_layers
from plmbench.probe.scores import write_scores
from plmbench.store.embeddings import open_embeddings


def main(job):
    labels = read_tests(job.input.labels, json.loads(job.params.tests))
    task = f"{job.wildcards.dataset}/{job.wildcards.split}"
    with (
        about(task),
        limited_threads(job.threads),
        device_of(job.config["compute"], job.resources) as device,
        open_embeddings(job.input.embeddings) as embeddings,
    ):
        probe = replace(probe_of(**json.loads(job.params.probe)), device=device)
        rows = list(score_layers(embeddings, labels, job.output.predictions, probe, task))
    write_scores(job.output.scores, rows, **dict(job.wildcards.items()))


if "snakemake" in globals():
    run(main, snakemake)
