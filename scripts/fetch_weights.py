"""Download the checkpoint of one model, or find it in the shared folder."""

import json
import os
from pathlib import Path

from plmbench.downloads import fetch
from plmbench.locks import read_lock, record
from plmbench.logs import run


def main(job):
    model, output = json.loads(job.params.model), Path(job.output.weights)
    path = Path(os.environ.get("PLMBENCH_WEIGHTS") or output.parent) / output.name
    expected = model.get("sha256") or read_lock(job.params.lock).get(output.name)
    record(job.params.lock, output.name, fetch(model["url"], path, expected))
    if path.resolve() != output.resolve():
        output.symlink_to(path.resolve())


if "snakemake" in globals():
    run(main, snakemake)
