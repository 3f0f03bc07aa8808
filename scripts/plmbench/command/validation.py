"""Every check that a run makes of its configuration, data and networks, all of them at once."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.lengths import fit_to_max_length
from plmbench.core.modalities import MODALITIES
from plmbench.core.notices import notices_of
from plmbench.data.counts import counts_of
from plmbench.data.mutations import read_sites
from plmbench.data.splits import read_rows, with_files
from plmbench.study.catalogues import Study
from plmbench.study.files import Files, part_and_role
from plmbench.study.targets import used_datasets
from plmbench.study.tasks import splits_to_embed
from plmbench.study.yaml_files import read_yaml

BY_A_RUN = "is downloaded by a run, and checked then"


class Check(NamedTuple):
    """What became of one check: its subject, what is wrong, what a run would warn of, and what it
    found where nothing is wrong."""

    subject: str
    faults: list[str]
    warnings: list[str]
    found: str = ""


def merged(shipped: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return one configuration over another, as Snakemake joins files: mappings key by key."""
    result = deepcopy(dict(shipped))
    for key, value in own.items():
        below = result.get(key)
        nested = isinstance(below, Mapping) and isinstance(value, Mapping)
        result[key] = merged(below or {}, value) if nested else value
    return result


def study_of(path: Path, workflow: Path) -> Study:
    """Return the Study of a file of settings, over those of config/config.yaml."""
    shipped, own = workflow / "config" / "config.yaml", read_yaml(path)
    if not isinstance(own, Mapping):
        raise InputError(f"{path}: is no mapping of settings; see docs/settings.md")
    return Study(merged(read_yaml(shipped), own), workflow / "config", [shipped, path])


def tried(subject: str, check: Callable[[], tuple[list[str], str]]) -> Check:
    """Return the Check of a function that returns warnings and what it found, or refuses."""
    try:
        warnings, found = check()
    except InputError as error:
        return Check(subject, str(error).splitlines(), [])
    return Check(subject, [], warnings, found)


def is_here(study: Study, files: Files, dataset: str, split: str) -> bool:
    """Tell whether all files of a split can be read without a download."""
    parts = {part_and_role(name)[0] for name in study.files(dataset, split)}
    sources = [study.source(dataset, split, part).get("download") for part in parts]
    return not any(sources) and all(Path(f).is_file() for f in files.of_split(dataset, split))


class Validation:
    """The checks of a study, in the order in which a run would make them."""

    def __init__(self, study: Study, workflow: Path) -> None:
        self.study, self.files = study, Files(study, workflow)
        self.rows: dict[str, list[pd.DataFrame]] = {}  # of each data set, those of its splits

    def checks(self) -> Iterator[Check]:
        """Yield the checks of files, splits, wild types and networks."""
        missing = self.files.missing()
        count = len(set(self.files.given()))
        yield Check("files", missing, [], f"{count:,} files of the study are there")
        for dataset in used_datasets(self.study):
            for split in splits_to_embed(self.study, dataset):
                yield self.of_split(dataset, split)
            if self.rows.get(dataset) and self.files.wild_type(dataset):
                yield tried(f"wild type of {dataset}", partial(self.sites, dataset))
        for model in dict.fromkeys(model for model, _ in self.study.runs()):
            if self.study.has_weights(model):
                yield self.of_model(model)

    def of_split(self, dataset: str, split: str) -> Check:
        """Return the Check of a split's rows."""
        subject = f"{dataset}/{split}"
        if not is_here(self.study, self.files, dataset, split):
            here = self.study.at_hand(dataset, split)
            return Check(subject, [], [], "not read: a file is missing" if here else BY_A_RUN)
        return tried(subject, partial(self.split, dataset, split))

    def split(self, dataset: str, split: str) -> tuple[list[str], str]:
        """Read a split as its jobs do; return what it warns of and what it holds."""
        names = self.study.files(dataset, split)
        paths = dict(zip(names, self.files.of_split(dataset, split), strict=True))
        table = read_rows(**with_files(self.study.reading(dataset, split), paths))
        self.rows.setdefault(dataset, []).append(table)
        counts: dict[str, Any] = dict(counts_of(table))
        found = ", ".join(f"{counts[name]:,} {name}" for name in ("train", "validation", "test"))
        example = MODALITIES[self.study.modality(dataset)].example
        return list(notices_of(counts, example)), found

    def sites(self, dataset: str) -> tuple[list[str], str]:
        """Check a data set's wild type against its rows."""
        rows = pd.concat(self.rows[dataset], ignore_index=True)
        entry = self.study.datasets[dataset]
        path = self.files.wild_type(dataset)["wild_type"]
        found = read_sites(path, rows, entry.get("slice"), entry["nonstandard_residues"])
        return [], f"{len(found):,} sites of mutation"

    def of_model(self, model: str) -> Check:
        """Return the Check of a network: its checkpoint, and the lengths of what it would read."""
        if "url" in self.study.models[model]:
            return Check(f"model {model}", [], [], BY_A_RUN)
        path = self.files.located(self.study.models[model]["path"])
        if not Path(path).exists():
            return Check(f"model {model}", [], [], "not read: its file is missing")
        return tried(f"model {model}", partial(self.model, model, path))

    def model(self, model: str, path: str) -> tuple[list[str], str]:
        """Load a network as its jobs do, and fit the sequences to it."""
        from plmbench.embed.dataset import measure_of  # torch: seconds, where there are any
        from plmbench.models.families import load_encoder

        settings = self.study.network(model)
        longest = settings.pop("max_length", None)
        encoder, _ = load_encoder(model, settings.pop("encoder"), path, **settings)
        longest, measure = measure_of(encoder, longest)
        read = [dataset for dataset in self.rows if self.study.reads(model, dataset)]
        for dataset, tables in [(name, self.rows[name]) for name in read]:
            texts = pd.concat(tables).drop_duplicates("id")
            policy = self.study.datasets[dataset]["long_sequences"]
            examples = list(texts["id"]), list(texts["sequence"])
            fit_to_max_length(*examples, longest, policy, measure)
        return [], f"{encoder.num_layers} blocks of width {encoder.hidden_size}"


def validated(path: Path, workflow: Path) -> Iterator[Check]:
    """Yield every check of the study in a file; where the configuration is wrong, that alone."""
    try:
        study = study_of(path, workflow)
    except InputError as error:
        yield Check("configuration", str(error).splitlines(), [])
        return
    jobs = f"{len(study.tasks)} task(s), {len(study.runs())} sets of weights"
    yield Check("configuration", [], [], jobs)
    yield from Validation(study, workflow).checks()
