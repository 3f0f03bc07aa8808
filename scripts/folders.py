"""Write the checkpoints of a training as folders that transformers reads."""

from plmbench.core.logs import run
from plmbench.pretrain.folders import write_folder


def main(job):
    for checkpoint, folder in zip(job.input.checkpoints, job.output.folders, strict=True):
        write_folder(job.params.family, checkpoint, folder)


if "snakemake" in globals():
    run(main, snakemake)
