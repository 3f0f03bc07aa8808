"""Write the checkpoints of a training as folders that transformers reads."""

import json

from plmbench.core.logs import run
from plmbench.pretrain.folders import write_folder


def main(job):
    family = json.loads(job.params.family)
    for checkpoint, folder in zip(job.input.checkpoints, job.output.folders, strict=True):
        write_folder(family, checkpoint, folder)


if "snakemake" in globals():
    run(main, snakemake)
