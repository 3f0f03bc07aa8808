"""Train one network by its recipe, with checkpoints on the way."""

import json
import shutil
from pathlib import Path

import torch

from plmbench.core.logs import run
from plmbench.hardware.devices import reserved_device
from plmbench.hardware.versions import versions
from plmbench.pretrain.recipes import MARKS, Outcome, Recipe, identity_of
from plmbench.pretrain.training import pretrain


def main(job):
    torch.set_num_threads(job.threads)
    recipe, files = Recipe(**json.loads(job.params.recipe)), [job.input.data, job.input.held_out]
    identity = identity_of(recipe, files, job.params.code)
    folder = Path(job.params.folder)  # no output: what is there outlives a job that was killed
    with reserved_device(job.config["compute"]["device"]) as device:
        losses = pretrain(recipe, *files, folder, identity, device)
    for mark, output in zip(MARKS, job.output.checkpoints, strict=True):
        shutil.copyfile(folder / f"{mark}.pt", output)
    outcome = Outcome(losses, versions(), str(device))
    Path(job.output.training).write_text(json.dumps(outcome._asdict(), indent=1), encoding="utf-8")
    shutil.rmtree(folder)


if "snakemake" in globals():
    run(main, snakemake)
