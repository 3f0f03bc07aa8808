"""Where the files of a study are: those of its data sets, its checkpoints and its recipes."""

import os
from collections.abc import Iterator
from pathlib import Path

from plmbench.core.digests import sha256_of_texts
from plmbench.core.modalities import IMAGE
from plmbench.data.image_files import image_files
from plmbench.study import perturbations
from plmbench.study.catalogues import Study
from plmbench.study.targets import used_datasets
from plmbench.study.tasks import splits_to_embed

CHECKPOINT = "results/weights/{model}/{source}.pt"
FOLDER = "results/weights/{model}/{source}.folder"
DOWNLOAD = "results/downloads/{name}.download"
UNPACKED = "results/downloads/{dataset}/{split}.{name}"
MADE = (  # by rules, under results
    "chains",
    "comparisons",
    "downloads",
    "embeddings",
    "figures",
    "labels",
    "learning_curves",
    "predictions",
    "refits",
    "pretraining",
    "responses",
    "scores",
    "sequences",
    "tables",
    "weights",
)
SHARD = "results/embeddings/{dataset}/{model}/{weights}/{shard}.h5"


def download_name(dataset: str, split: str, part: str) -> str:
    """Return what a download is called: the data set's, or that of one split's test subset."""
    return f"{dataset}.{split}.test" if part else dataset


def named_source(study: Study, name: str) -> dict:
    """Return where a download comes from, by `download_name`."""
    dataset, *split = name.split(".")
    first = next(iter(study.datasets[dataset]["splits"]))
    part = "test" if split else ""
    return study.source(dataset, split[0] if split else first, part)["download"]


def part_and_role(name: str) -> tuple[str, str]:
    """Return the part ("" or "test") and the role (path, sequences, mask) of a file's name."""
    part, _, role = name.rpartition(".")
    return part, role


def pretraining_sets(study: Study) -> dict[str, list[str]]:
    """Return {FASTA that networks were pretrained on: the models}, of those that run."""
    sets: dict[str, list[str]] = {}
    for model in dict.fromkeys(model for model, _ in study.runs()):
        if path := study.models[model].get("pretraining_fasta"):
            sets.setdefault(path, []).append(model)
    return sets


class Files:
    """The files of a study, seen from the folder in which it runs."""

    def __init__(self, study: Study, root: Path | str):
        """root: the folder of the workflow, from which relative paths of catalogues count."""
        self.study, self.root = study, Path(root)

    def located(self, path: str) -> str:
        """Return a path of a catalogue, absolute or relative to the workflow, for this folder."""
        return path if Path(path).is_absolute() else os.path.relpath(self.root / path)

    def is_given(self, file: str) -> bool:
        """Tell whether a file, as seen from here, is given by the user: no rule makes it."""
        top, _, below = file.partition("/")
        return top != "results" or below.partition("/")[0] not in MADE

    def parts(self, model: str) -> list[str]:
        """Return the files of a model's folder, of a family whose checkpoints are folders, but for
        those that people read; [] of a checkpoint that is one file."""
        entry = self.study.models[model]
        family, path = self.study.families[entry["family"]], Path(self.located(entry["path"]))
        if "files" not in family.optional or not path.is_dir():
            return []
        files = (each for each in sorted(path.iterdir()) if each.is_file())
        return [str(each) for each in files if each.suffix != ".md"]

    def downloaded(self, dataset: str, split: str, part: str) -> str:
        """Return the file that a source is downloaded to, or the user's copy of it."""
        download = self.study.source(dataset, split, part)["download"]
        if "path" in download:
            return self.located(download["path"])
        return DOWNLOAD.format(name=download_name(dataset, split, part))

    def of_name(self, dataset: str, split: str, name: str) -> str:
        """Return where a file of a split is: path, sequences or mask, perhaps after `test.`."""
        part, role = part_and_role(name)
        source = self.study.source(dataset, split, part)
        if not source.get("download"):
            return self.located(source[role])
        if role not in source:  # the download is the table itself
            return self.downloaded(dataset, split, part)
        return UNPACKED.format(dataset=dataset, split=split, name=name)

    def of_split(self, dataset: str, split: str) -> list[str]:
        """Return the files of one split, in the order of their names."""
        return [self.of_name(dataset, split, name) for name in self.study.files(dataset, split)]

    def of_dataset(self, dataset: str) -> list[str]:
        """Return the files of all splits whose sequences are embedded."""
        splits = splits_to_embed(self.study, dataset)
        return [file for split in splits for file in self.of_split(dataset, split)]

    def images(self, dataset: str) -> list[str]:
        """Return the image files that the tables of a data set name; [] of one of no images."""
        if self.study.modality(dataset) != IMAGE:
            return []
        found = []
        for split in splits_to_embed(self.study, dataset):
            for name in self.study.files(dataset, split):
                table, (part, _) = self.of_name(dataset, split, name), part_and_role(name)
                if self.is_given(table):  # those out of archives hold their images
                    found += image_files(table, self.image_column(dataset, split, part))
        return list(dict.fromkeys(found))

    def image_column(self, dataset: str, split: str, part: str) -> str:
        """Return the column of a split's table that names images; "" of a data set of no images."""
        if self.study.modality(dataset) != IMAGE:
            return ""
        columns = self.study.source(dataset, split, part).get("columns")
        columns = columns or self.study.datasets[dataset].get("columns", {})
        return columns.get(IMAGE, IMAGE)

    def wild_type(self, dataset: str) -> dict[str, str]:
        """Return {"wild_type": its FASTA}; {} for a data set without one."""
        entry = self.study.datasets[dataset]
        return {"wild_type": self.located(entry["wild_type"])} if "wild_type" in entry else {}

    def proteins(self, recipe: str) -> dict[str, str]:
        """Return what a network learns from, and what its loss is measured on."""
        entry = self.study.recipes[recipe]
        return {role: self.located(entry[role]) for role in ("data", "held_out")}

    def contacts(self, name: str) -> dict[str, str]:
        """Return the files of a set of chains with known contacts: {role: file}."""
        entry = self.study.contacts[name]
        return {role: self.located(entry[role]) for role in ("chains", "contacts")}

    def pretraining(self) -> dict[str, list[str]]:
        """Return {FASTA that networks were pretrained on: the models}, of those that run."""
        found = pretraining_sets(self.study)
        return {self.located(path): models for path, models in found.items()}

    def given(self) -> Iterator[tuple[str, str]]:
        """Yield where in the catalogues a file of the user is named, and that file."""
        for dataset in used_datasets(self.study):
            yield from self.given_of(dataset)
        for model in dict.fromkeys(model for model, _ in self.study.runs()):
            if "path" in self.study.models[model]:
                path = self.located(self.study.models[model]["path"])
                for file in self.parts(model) or [path]:
                    yield f"{self.study.entries.place('models', model)}: path", file
        for name in perturbations.contact_sets(self.study):
            for role, path in self.contacts(name).items():
                yield f"{self.study.entries.place('contacts', name)}: {role}", path
        for path, models in self.pretraining().items():
            place = self.study.entries.place("models", models[0])
            yield f"{place}: pretraining_fasta", path

    def given_of(self, dataset: str) -> Iterator[tuple[str, str]]:
        """Yield the same for one data set."""
        entry = self.study.entries.place("datasets", dataset)
        for split in splits_to_embed(self.study, dataset):
            for name in self.study.files(dataset, split):
                part, _ = part_and_role(name)
                download = self.study.source(dataset, split, part).get("download")
                if not download:
                    yield f"{entry}: splits: {split}: {name}", self.of_name(dataset, split, name)
                elif "path" in download:
                    at = f"splits: {split}: test: " if part else ""
                    yield f"{entry}: {at}download: path", self.downloaded(dataset, split, part)
        for path in self.wild_type(dataset).values():
            yield f"{entry}: wild_type", path

    def missing(self) -> list[str]:
        """Return one sentence per file of the user that is not there, or is no file to read.

        Snakemake would take the results of an earlier run for current.
        """
        found = dict.fromkeys(self.given())
        faults = [(where, fault_of(file)) for where, file in found if self.is_given(file)]
        return [f"{where}: {fault}" for where, fault in faults if fault]


def fault_of(file: str) -> str:
    """Say why a file cannot be read; "" where it can."""
    if not os.path.exists(file):  # noqa: PTH110 - Path raises where a folder may not be searched
        return f"there is no file {file}"
    if not Path(file).is_file():
        return f"{file} is not a file" + (" but a folder" if Path(file).is_dir() else "")
    return "" if os.access(file, os.R_OK) else f"{file} may not be read by you"


def checkpoint_of(study: Study, model: str) -> str:
    """Return where a download is. Another checksum, or without one another address, is another
    file, and embedded anew."""
    entry = study.models[model]
    if files := entry.get("files"):
        source = sha256_of_texts([entry["url"], entry["revision"], *files])
        return FOLDER.format(model=model, source=source[:16])
    source = entry.get("sha256") or sha256_of_texts([entry["url"]])
    return CHECKPOINT.format(model=model, source=source[:16])
