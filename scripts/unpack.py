"""Take one file out of a downloaded archive."""

from plmbench.archives import extract_member
from plmbench.logs import run


def main(job):
    extract_member(job.input.archive, job.params.member, job.output.file)


if "snakemake" in globals():
    run(main, snakemake)
