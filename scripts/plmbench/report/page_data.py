"""What the page says of data sets: what each split holds, and what that warns of, in the words of
its modality."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from plmbench.core.facts import TaskFacts
from plmbench.core.modalities import PROTEIN, Modality
from plmbench.core.notices import notices_of
from plmbench.report.cells import Table, turned_table
from plmbench.report.subjects import any_of, modality_of, task_key

# Columns of the table of data sets that say nothing where no data set is of proteins.
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


def datasets_table(datasets: pd.DataFrame, tasks: Sequence[TaskFacts]) -> Table:
    """Return the table of what each split holds, a column per split."""
    names = (datasets["dataset"] + "/" + datasets["split"]).tolist()
    found = modalities_of(datasets, tasks)
    examples = any_of(modality.examples for modality in found)
    facts = datasets.drop(columns=["dataset", "split"])
    if PROTEIN not in {modality.name for modality in found}:
        facts = facts.drop(columns=OF_PROTEINS, errors="ignore")
    if "max_length" in facts:
        facts["max_length"] = facts["max_length"].replace(0, np.nan)  # no model has one
    if "units_are" in facts:
        facts["units_are"] = [
            modality.examples if units == EACH else units
            for units, modality in zip(facts["units_are"], found, strict=True)
        ]
    words = {"residues": any_of(modality.measured for modality in found)}
    words |= {"unique_sequences": f"unique {examples}", "long_sequences": f"long {examples}"}
    return turned_table("What each split holds", facts.rename(columns=words), names)
