"""Fit one probe again on redrawn training rows, on every layer of one embedding file."""

import json

from plmbench.core.errors import about
from plmbench.core.logs import run
from plmbench.core.threads import limited_threads
from plmbench.data.families import families_of
from plmbench.probe.examples import read_tests
from plmbench.probe.layerwise import probe_of
from plmbench.probe.redraws import in_groups
from plmbench.probe.refits import refit_layers, write_refits
from plmbench.store.embeddings import open_embeddings


def main(job):
    labels = read_tests(job.input.labels, json.loads(job.params.tests))
    labels = in_groups(labels, families_of(job.input.families))
    task = f"{job.wildcards.dataset}/{job.wildcards.split}"
    with (
        about(task),
        limited_threads(job.threads),
        open_embeddings(job.input.embeddings) as embeddings,
    ):
        probe = probe_of(**json.loads(job.params.probe))
        rows = list(refit_layers(embeddings, labels, probe, job.params.redraws, task))
    write_refits(job.output.refits, rows, **dict(job.wildcards.items()))


if "snakemake" in globals():
    run(main, snakemake)
