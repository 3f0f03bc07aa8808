"""A study's file for a table of the user's own: what can be seen in the table is filled in."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import yaml

from plmbench.core.errors import InputError
from plmbench.core.modalities import IMAGE, MODALITIES, TEXT
from plmbench.core.wording import brief
from plmbench.data.readers import columns_named
from plmbench.data.tables import text_table
from plmbench.study.messages import nearest
from plmbench.study.places import workflow_folder
from plmbench.study.yaml_files import read_yaml

FILE = "my_study.yaml"
GUESSES = {  # what people call the columns, in the order in which they are looked for
    "sequence": ("sequence", "seq", "protein", "protein_sequence", "mutated_sequence", "aa_seq"),
    "target": ("target", "label", "score", "fitness", "y", "dms_score", "value", "class"),
    "set": ("set", "split", "subset", "fold", "stage"),
}
OTHERS = (IMAGE, TEXT)  # modalities, and what their tables call the column of examples
SHIPPED = ["mini_carp_100k", "mini_esm2_100k"]
TEXT = """\
# yaml-language-server: $schema={schema}
# A study with plmbench. Check it: plmbench validate {file}
# Run it:  snakemake --snakefile {snakefile} --configfile {file} --cores 2
# What is not named here is as in config/config.yaml; every key: docs/settings.md.

tasks: [{dataset}/given]

# `onehot` is what a network has to beat.
models: {models}
checkpoints: []

# The pretrained network beside itself with ablated weights, three seeds each.
weights: [pretrained, reinit-0, reinit-1, reinit-2, resample-0, resample-1, resample-2]

probes: {probes}
controls: []

# Entries of your own. Paths count from this file's folder.
entries:
  datasets:
    {dataset}:
      task_type: {task_type} # or {others}
      about: {{title: {title}}}
{columns}      splits:
        given: {{path: {path}}}
"""
MODEL = """\
  models:
    {name}:
      family: transformers # a folder with config.json, weights and tokenizer
      path: {path}
"""
PROBES = {  # per task type, of config/probes.yaml
    "regression": "[ridge]",
    "classification": "[logistic]",
    "residue_classification": "[logistic_small]",
}


class Draft(NamedTuple):
    """What a study's file is written from."""

    csv: Path
    columns: Mapping[str, str | None]  # {ours: the table's}; None: to be found
    model: Path | None = None
    task_type: str = ""


def column_named(table: pd.DataFrame, ours: str, given: str | None, path: Path) -> str:
    """Return what a table calls one of our columns: as given, or by what people call it.

    Raises InputError where it has no such column.
    """
    names = list(table.columns)
    if given is not None:
        if given not in names:
            raise InputError(f"{path}: has no column {given!r}; {nearest(given, names)}")
        return given
    lower = {name.lower(): name for name in reversed(names)}
    found = next((lower[guess] for guess in GUESSES[ours] if guess in lower), None)
    if found is None:
        if ours == "sequence" and (other := next((m for m in OTHERS if m in lower), None)):
            raise InputError(
                f"{path}: has a column {other}, and init drafts studies of proteins; see "
                f"docs/images.md for {MODALITIES[other].plural}, or say --sequence for proteins"
            )
        shown = ", ".join(map(brief, names[:10]))
        raise InputError(f"{path}: which column is {ours}? Say --{ours}; it has {shown}")
    return found


def task_type_of(sequences: pd.Series, targets: pd.Series) -> str:
    """Return what a table's targets look like: numbers, one letter per residue, or classes."""
    numbers = pd.to_numeric(targets.str.replace(",", "."), errors="coerce")
    if numbers.notna().mean() > 0.5:
        return "regression"
    same_length = (targets.str.len() == sequences.str.len()).mean() > 0.5
    return "residue_classification" if same_length else "classification"


def drafted(draft: Draft) -> Draft:
    """Return a draft with its columns and the type of its task; raises InputError where the table
    cannot be read so."""
    if not draft.csv.is_file():
        raise InputError(f"there is no file {draft.csv}")
    if draft.model is not None and not (draft.model / "config.json").is_file():
        raise InputError(f"{draft.model}: is no folder of the hub, for it has no config.json")
    table = text_table(draft.csv)
    columns = {
        ours: column_named(table, ours, given, draft.csv) for ours, given in draft.columns.items()
    }
    if len(set(columns.values())) < len(columns):
        raise InputError(f"{draft.csv}: one column cannot be two of {', '.join(columns)}")
    table = columns_named(table, map(str, columns.values()), draft.csv)
    kind = task_type_of(table[columns["sequence"]], table[columns["target"]])
    return draft._replace(columns=columns, task_type=kind)


def name_of(path: Path, catalogue: str) -> str:
    """Return a name for an entry from that of a file, which no shipped entry has."""
    name = re.sub("[^A-Za-z0-9]+", "_", path.name.split(".")[0]).strip("_") or "mine"
    shipped = read_yaml(workflow_folder() / "config" / f"{catalogue}.yaml")
    is_text = isinstance(yaml.safe_load(name), str)  # and no number, nor `true` or `null`
    return name if is_text and name not in shipped else f"my_{name}"


def quoted(path: Path, folder: Path) -> str:
    """Return a path as YAML text, counted from the folder of the study's file."""
    return json.dumps(os.path.relpath(path, folder), ensure_ascii=False)


def text_of(draft: Draft, folder: Path) -> str:
    """Return the study's file."""
    workflow, kind = workflow_folder(), draft.task_type
    renamed = {ours: name for ours, name in draft.columns.items() if ours != name}
    columns = ", ".join(f"{ours}: {json.dumps(name)}" for ours, name in renamed.items())
    model = None if draft.model is None else name_of(draft.model, "models")
    text = TEXT.format(
        schema=workflow / "config" / "schemas" / "config.schema.json",
        snakefile=json.dumps(str(workflow / "Snakefile")),
        file=FILE,
        dataset=name_of(draft.csv, "datasets"),
        title=json.dumps(draft.csv.name.split(".")[0], ensure_ascii=False),
        models=f"[{', '.join(['onehot', *([model] if model else SHIPPED)])}]",
        task_type=kind,
        others=" or ".join(other for other in PROBES if other != kind),
        probes=PROBES[kind],
        columns=f"      columns: {{{columns}}}\n" if columns else "",
        path=quoted(draft.csv, folder),
    )
    if model and draft.model:
        text += MODEL.format(name=model, path=quoted(draft.model, folder))
    return text


def write_draft(folder: Path, draft: Draft) -> Path:
    """Write a study's file into a folder and return its path; one that is there stays."""
    path = folder / FILE
    if path.exists():
        raise InputError(f"{path} is there already; choose another folder, or edit that file")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text_of(draft, folder), encoding="utf-8")
    return path
