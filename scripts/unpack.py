"""Take one file out of a downloaded archive."""

from plmbench.core.logs import run
from plmbench.data.archives import extract_member


def main(job):
    extract_member(job.input.archive, job.params.member, job.output.file)


if "snakemake" in globals():
    run(main, snakemake)
