"""Take one file out of a downloaded archive, a table of images with its images."""

from plmbench.core.logs import run
from plmbench.data.archives import extract_member
from plmbench.data.image_tables import extract_table


def main(job):
    archive, member = job.input.archive, job.params.member
    if job.params.images:
        extract_table(archive, member, job.params.images, job.output.file)
    else:
        extract_member(archive, member, job.output.file)


if "snakemake" in globals():
    run(main, snakemake)
