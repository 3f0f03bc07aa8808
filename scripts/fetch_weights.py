"""Download the checkpoint of one model, or find it in the shared folder."""

import json
import os
from pathlib import Path

from plmbench.core.logs import run
from plmbench.data.checksums import read_lock, record
from plmbench.data.downloads import fetch


def main(job):
    model, output = json.loads(job.params.model), Path(job.output.weights)
    name, shared = f"{job.wildcards.model}.pt", os.environ.get("PLMBENCH_WEIGHTS")
    path = Path(shared) / name if shared else output
    expected = model.get("sha256") or read_lock(job.config["lock"]).get(name)
    record(job.config["lock"], name, fetch(model["url"], path, expected))
    if path.resolve() != output.resolve():
        output.symlink_to(path.resolve())


if "snakemake" in globals():
    run(main, snakemake)
