"""Download the folder of one network of transformers, or find it in the shared folder."""

import json
import os
from pathlib import Path

from plmbench.core.logs import run
from plmbench.data.checksums import read_lock, record
from plmbench.data.downloads import fetch


def main(job):
    model, output = json.loads(job.params.model), Path(job.output.folder)
    name, shared = job.wildcards.model, os.environ.get("PLMBENCH_WEIGHTS")
    folder = Path(shared) / f"{name}-{job.wildcards.source}" if shared else output
    folder.mkdir(parents=True, exist_ok=True)
    for file in model["files"]:
        place = f"{name}/{model['revision']}/{file}"
        expected = read_lock(job.config["lock"]).get(place)
        url = f"{model['url']}/resolve/{model['revision']}/{file}"
        record(job.config["lock"], place, fetch(url, folder / file, expected))
    if folder.resolve() != output.resolve():
        output.symlink_to(folder.resolve(), target_is_directory=True)


if "snakemake" in globals():
    run(main, snakemake)
