"""Download the file or archive of a data set."""

import json

from plmbench.core.logs import run
from plmbench.data.checksums import read_lock, record
from plmbench.data.downloads import fetch


def main(job):
    source, name = json.loads(job.params.download), f"{job.wildcards.download}.download"
    published = source.get("sha256") or source.get("git_sha1")
    sha256 = source.get("sha256") if published else read_lock(job.config["lock"]).get(name)
    mirrors, git_sha1 = source.get("mirrors") or (), source.get("git_sha1")
    digest = fetch(source["url"], job.output.file, sha256, mirrors, git_sha1)
    if not published:
        record(job.config["lock"], name, digest)


if "snakemake" in globals():
    run(main, snakemake)
