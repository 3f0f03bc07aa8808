"""Fit one supervised baseline on the sequences of one task: no embedding, no probe."""

import json

from plmbench.core.direct import ARM
from plmbench.core.errors import about
from plmbench.core.logs import run
from plmbench.core.threads import limited_threads
from plmbench.hardware.devices import reserved_device
from plmbench.probe.examples import read_tests
from plmbench.probe.scores import write_scores
from plmbench.supervised.arm import method_of, score_sequences
from plmbench.supervised.sequences import Sequences


def main(job):
    labels = read_tests(job.input.labels, json.loads(job.params.tests))
    task = f"{job.wildcards.dataset}/{job.wildcards.split}"
    with (
        about(task),
        limited_threads(job.threads),
        reserved_device(job.config["compute"]["device"]) as device,
    ):
        sequences = Sequences.read(job.input.sequences, device)
        method = method_of(**json.loads(job.params.method))
        rows = list(score_sequences(sequences, labels, job.output.predictions, method, task))
    write_scores(job.output.scores, rows, **dict(job.wildcards.items()), **ARM)


if "snakemake" in globals():
    run(main, snakemake)
