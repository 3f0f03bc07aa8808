"""What the page says of data sets: what each split holds, and what that warns of, in the words of
its modality."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.core.facts import TaskFacts
from plmbench.core.modalities import PROTEIN, Modality
from plmbench.core.notices import notices_of
from plmbench.report.cells import Table, turned_table
from plmbench.report.subjects import any_of, modality_of, task_key

# Columns of the tables of data sets and of runs that say nothing where nothing is a protein.
OF_PROTEINS = ["nonstandard_residues", "masked_residues", "mostly_masked", "blanks_removed"]
OF_PROTEINS += ["suspected_nucleotides", "test_families", "few_families", "test_within_30"]
OF_PROTEINS += ["test_within_50", "test_within_90", "test_mutations", "families_by"]
OF_PROTEINS += ["family_settings", "families", "unclustered"]
EACH = "sequences"  # in the column units_are: every example is a unit


def modalities_of(datasets: pd.DataFrame, tasks: Sequence[TaskFacts]) -> list[Modality]:
    """Return the Modality of each row of the table of data sets [row]."""
    known = {task_key(task): modality_of(task) for task in tasks}
    keys = zip(datasets["dataset"], datasets["split"], strict=True)
    return [known.get(f"{dataset}/{split}", modality_of({})) for dataset, split in keys]


def warnings_of(datasets: pd.DataFrame, tasks: Sequence[TaskFacts]) -> list[str]:
    """Return what the counts of splits warn of, one sentence each."""
    rows = zip(datasets.iterrows(), modalities_of(datasets, tasks), strict=True)
    return [
        f"{row['dataset']}/{row['split']}: {words}."
        for (_, row), modality in rows
        for words in notices_of(row, modality.example)
    ]


class Words(NamedTuple):
    """The words for what data sets hold, and whether proteins are among them."""

    example: str
    examples: str
    measured: str
    proteins: bool


def words_of(tasks: Sequence[TaskFacts]) -> Words:
    """Return the Words of the data sets of tasks."""
    found = [modality_of(task) for task in tasks] or [modality_of({})]
    example, examples, measured = (
        any_of(getattr(modality, name) for modality in found) for name in Words._fields[:3]
    )
    return Words(example, examples, measured, PROTEIN in {modality.name for modality in found})


def in_words_of(table: pd.DataFrame, tasks: Sequence[TaskFacts]) -> pd.DataFrame:
    """Return a table whose columns are named in the words of the tasks; without proteins it lacks
    what is known of them alone."""
    words = words_of(tasks)
    if not words.proteins:
        table = table.drop(columns=OF_PROTEINS, errors="ignore")
    return table.rename(columns=lambda name: name.replace("sequences", words.examples)).rename(
        columns={"residues": words.measured}
    )


def datasets_table(datasets: pd.DataFrame, tasks: Sequence[TaskFacts]) -> Table:
    """Return the table of what each split holds, a column per split."""
    names = (datasets["dataset"] + "/" + datasets["split"]).tolist()
    facts = datasets.drop(columns=["dataset", "split"])
    if "max_length" in facts:
        facts["max_length"] = facts["max_length"].replace(0, np.nan)  # no model has one
    if "units_are" in facts:
        facts["units_are"] = [
            modality.examples if units == EACH else units
            for units, modality in zip(
                facts["units_are"], modalities_of(datasets, tasks), strict=True
            )
        ]
    return turned_table("What each split holds", in_words_of(facts, tasks), names)
