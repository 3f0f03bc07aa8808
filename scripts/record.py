"""Say where the checkpoints of a training come from, and write their entries for models.yaml."""

import json
from pathlib import Path

from plmbench.core.logs import run
from plmbench.pretrain.recipes import MARKS, Outcome, Recipe
from plmbench.pretrain.records import entries_of, provenance_of, write_yaml


def main(job):
    recipe, about = Recipe(**json.loads(job.params.recipe)), json.loads(job.params.about)
    outcome = Outcome(**json.loads(Path(job.input.training).read_text(encoding="utf-8")))
    checkpoints = dict(zip(MARKS, job.input.checkpoints, strict=True))
    files = {"data": job.input.data, "held_out": job.input.held_out}
    provenance = provenance_of(recipe, about, files, checkpoints, outcome)
    write_yaml(provenance, job.output.provenance)
    entries = entries_of(job.wildcards.recipe, recipe, about, checkpoints, outcome.losses)
    write_yaml(entries, job.output.entries)


if "snakemake" in globals():
    run(main, snakemake)
