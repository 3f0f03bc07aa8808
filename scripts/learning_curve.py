"""Fit one probe on nested subsets of the labels, on every layer of one embedding file."""

import json

from plmbench.core.errors import about
from plmbench.core.logs import run
from plmbench.core.threads import limited_threads
from plmbench.data.families import families_of
from plmbench.probe.examples import read_tests
from plmbench.probe.layerwise import probe_of
from plmbench.probe.learning_curve import fit_curves, write_curves
from plmbench.store.embeddings import open_embeddings


def main(job):
    labels = read_tests(job.input.labels, json.loads(job.params.tests))
    task = f"{job.wildcards.dataset}/{job.wildcards.split}"
    with (
        about(task),
        limited_threads(job.threads),
        open_embeddings(job.input.embeddings) as embeddings,
    ):
        probe, curve = probe_of(**json.loads(job.params.probe)), json.loads(job.params.curve)
        curve |= {"task": task, "families": families_of(job.input.families)}
        rows = fit_curves(embeddings, labels, job.output.predictions, probe, **curve)
    write_curves(job.output.scores, rows, **dict(job.wildcards.items()))


if "snakemake" in globals():
    run(main, snakemake)
