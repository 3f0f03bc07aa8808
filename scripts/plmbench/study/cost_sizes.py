"""How much a study's data sets hold: counted where their files are there, else as the catalogue
says, else unknown."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

import pandas as pd

from plmbench.core.modalities import MODALITIES
from plmbench.core.task_types import REGRESSION, RESIDUE_CLASSIFICATION
from plmbench.core.test_sets import learned, set_of, with_set
from plmbench.data.kinds import KINDS
from plmbench.data.splits import read_split, unique_sequences, with_files
from plmbench.study.catalogues import Study
from plmbench.study.files import Files
from plmbench.study.tasks import Task, served_sets, splits_to_embed

COUNTED, STATED, UNKNOWN = "counted", "stated in the catalogue", "unknown: download first"
Key = TypeVar("Key")
Value = TypeVar("Value")


class SplitSize(NamedTuple):
    """Labelled examples of a split, residues where a task labels these."""

    train: int
    validation: int
    test: int
    classes: int  # 1 where the target is a number
    folds: int  # in which choices are made; 0 where there is a validation subset


class SetSize(NamedTuple):
    """What of a data set is embedded."""

    sequences: int
    residues: int
    sites: int  # at which variants of one protein differ


def remembered(find: Callable[[Key], Value], keys: list[Key]) -> dict[Key, Value]:
    """Return {key: what `find` finds}."""
    return {key: find(key) for key in dict.fromkeys(keys)}


def split_size(table: pd.DataFrame, task_type: str) -> SplitSize:
    """Return the SplitSize of a split that `read_split` has read."""
    residues = task_type == RESIDUE_CLASSIFICATION
    counted = pd.Series(1, table.index)
    if residues:
        counted = table["mask"].str.count("1") if "mask" in table else table["target"].str.len()
    found = counted.groupby(table["subset"]).sum()
    train, validation, test = (int(found.get(name, 0)) for name in ("train", "validation", "test"))
    classes = set("".join(table["target"])) if residues else set(table["target"])
    number = 1 if task_type == REGRESSION else len(classes)
    return SplitSize(train, validation, test, number, int(table["fold"].max()) + 1)


def varying_sites(sequences: pd.Series) -> int:
    """Return at how many positions sequences of one length differ, 0 where lengths differ."""
    if sequences.str.len().nunique() != 1:
        return 0
    return int(sum(len(set(letters)) > 1 for letters in zip(*sequences, strict=True)))


class Sizes:
    """The sizes of a study's data sets and tasks, each found once."""

    def __init__(self, study: Study, files: Files, downloads: bool = True) -> None:
        """files: where those of the data sets are; downloads: whether to look for downloaded ones,
        or to count shipped ones alone."""
        self.study, self.files, self.downloads = study, files, downloads

    def at_hand(self, task: Task) -> bool:
        """Tell whether all files of a split are there."""
        wanted = self.downloads or self.study.at_hand(*task)
        return wanted and all(Path(file).exists() for file in self.files.of_split(*task))

    def read(self, task: Task) -> pd.DataFrame:
        """Return the rows of a split, as the jobs will read them."""
        names = self.study.files(*task)
        paths = dict(zip(names, self.files.of_split(*task), strict=True))
        return read_split(**with_files(self.study.reading(*task), paths))

    @cached_property
    def tables(self) -> dict[Task, pd.DataFrame]:
        """Return the rows of every split whose files are there."""
        datasets = dict.fromkeys(task.dataset for task in self.study.tasks)
        tasks = [Task(d, split) for d in datasets for split in splits_to_embed(self.study, d)]
        return remembered(self.read, [task for task in tasks if self.at_hand(task)])

    @cached_property
    def splits(self) -> dict[Task, SplitSize | None]:
        """Return the size of each task, and of what one fit predicts for several; None where it is
        not known."""
        fitted = [Task(task.dataset, learned(task.split)) for task in self.study.tasks]
        return remembered(self.split_of, [*self.study.tasks, *fitted])

    def split_of(self, task: Task) -> SplitSize | None:
        """Return the size of a task; None where it is not known."""
        entry = self.study.entries.datasets[task.dataset]
        sets = self.fitted_for(task)
        if all(each in self.tables for each in sets):
            sizes = [split_size(self.tables[each], entry.task_type) for each in sets]
            return sizes[0]._replace(test=sum(size.test for size in sizes))
        if (stated := entry.splits[learned(task.split)].size) is None:
            return None
        folds = 0 if stated.validation else entry.validation.folds
        return SplitSize(stated.train, stated.validation, stated.test, stated.classes, folds)

    def fitted_for(self, task: Task) -> list[Task]:
        """Return the tasks that a job of this one predicts: those of all named test sets."""
        tests = served_sets(self.study, *task)
        return [Task(task.dataset, with_set(task.split, name)) for name in tests]

    @cached_property
    def sets(self) -> dict[str, SetSize | None]:
        """Return what of each data set is embedded; None where it is not known."""
        return remembered(self.set_of, [task.dataset for task in self.study.tasks])

    def set_of(self, dataset: str) -> SetSize | None:
        """Return what of a data set is embedded: the sequences of all its splits together. What the
        catalogue states is of one split; the largest stands for all, which share most sequences."""
        tasks = [Task(dataset, split) for split in splits_to_embed(self.study, dataset)]
        if all(task in self.tables for task in tasks):
            unique = unique_sequences([self.tables[task] for task in tasks])["sequence"]
            variants = self.study.entries.datasets[dataset].wild_type is not None
            sites = varying_sites(unique) if variants else 0
            return SetSize(len(unique), self.tokens(dataset, unique), sites)
        splits = self.study.entries.datasets[dataset].splits
        stated = [size for task in tasks if (size := splits[learned(task.split)].size) is not None]
        if not stated:
            return None
        return SetSize(max(s.sequences for s in stated), max(s.residues for s in stated), 0)

    def tokens(self, dataset: str, examples: pd.Series) -> int:
        """Return how many tokens networks make of examples [example], about: residues, or patches
        of images and pieces of words."""
        modality = self.study.modality(dataset)
        measured = int(KINDS[modality].measure(examples).sum())
        return max(measured // MODALITIES[modality].per_token, len(examples))

    def source(self, dataset: str, split: str = "") -> str:
        """Return how the size of a task, or of a data set, is known."""
        task = Task(dataset, split)
        if (self.splits[task] if split else self.sets[dataset]) is None:
            return UNKNOWN
        tasks = [Task(dataset, s) for s in splits_to_embed(self.study, dataset)]
        if split:
            tasks = [task] if set_of(split) else self.fitted_for(task)
        return COUNTED if set(tasks) <= set(self.tables) else STATED

    def missing(self, dataset: str) -> list[str]:
        """Return the files of a data set that its entry names and that are not there; no download
        brings them."""
        files = dict.fromkeys(self.files.of_dataset(dataset))
        return [file for file in files if self.files.is_given(file) and not Path(file).exists()]
