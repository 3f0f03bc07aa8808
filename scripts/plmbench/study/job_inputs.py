"""What a rule's jobs read, as Snakemake asks it: functions of a job's wildcards."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from plmbench.core.canonical import canonical
from plmbench.core.digests import sha256_of_texts
from plmbench.core.modalities import PROTEIN
from plmbench.core.poolings import AT_SITES
from plmbench.data.shards import Shard
from plmbench.study import downloaded, refits, targets
from plmbench.study.catalogues import Study
from plmbench.study.files import SHARD, Files, checkpoint_of, part_and_role

HUB = "transformers"  # the family whose networks are folders
MARKED = ("_12", "_25", "_50", "")  # what follows a recipe's name in those of its checkpoints
Reads = Callable[[Any], Any]  # of wildcards: a file, a list of files or {role: file}
Shards = Callable[[str], Mapping[str, Shard]]  # of a data set, by name


def is_folder(files: Any) -> bool:
    """Tell whether an input is a folder, which is known by the files in it."""
    return isinstance(files, str) and Path(files).is_dir()


class Together(list[str]):
    """Files that are known by one digest of them all."""


class JobInputs:
    """The inputs of the jobs of a study.

    A file that the user gave is known by its content: its age says nothing, and neither does its
    path, which is another one where a study is moved. A file that a rule makes is known by its
    name, and by its age.
    """

    def __init__(
        self,
        study: Study,
        files: Files,
        shards_of: Shards,
        ancient: Callable[[str], str],
        digest: Callable[[str], str],
        digest_of_all: Callable[[list[str]], str] = sha256_of_texts,
    ):
        """shards_of: a data set's shards, once its sequences are there; ancient: Snakemake's mark
        of an input whose age says nothing; digest: that of a file's content; digest_of_all: one of
        the content of many."""
        self.study, self.files, self.shards_of = study, files, shards_of
        self.ancient, self.digest = ancient, digest
        self.digest_of_all = digest_of_all

    def contents(self, *reads: Reads) -> Callable[[Any], str]:
        """Return the param of a rule whose inputs are found by these functions.

        Snakemake compares params by value: a job reruns when one of its files has another content.
        """

        def param(wildcards: Any) -> str:
            return self.contents_of([read(wildcards) for read in reads])

        return param

    def contents_of(self, files: Any) -> str:
        """Return one digest of what files are, whether they stand alone, in lists or by role."""
        return sha256_of_texts([canonical(self.known(files))])[:16]

    def known(self, files: Any) -> Any:
        """Return for each file of a list or of {role: file} what it is known by."""
        if isinstance(files, Together):
            return self.digest_of_all(files) if files else ""
        if isinstance(files, Mapping):
            return {role: self.known(file) for role, file in files.items() if not is_folder(file)}
        if isinstance(files, list):
            return [self.known(file) for file in files]
        return self.digest(files) if self.files.is_given(files) else files

    def marked(self, files: Any) -> Any:
        """Return a file, or each of several, as an input."""
        if isinstance(files, Mapping):
            return {role: self.marked(file) for role, file in files.items()}
        if isinstance(files, list):
            return [self.marked(file) for file in files]
        return self.ancient(files) if self.files.is_given(files) else files

    def archive(self, wildcards: Any) -> str:
        """Return the download that a file is taken from."""
        part, _ = part_and_role(wildcards.file)
        return self.marked(self.files.downloaded(wildcards.dataset, wildcards.split, part))

    def member(self, wildcards: Any) -> str:
        """Return the name that a file has within its archive."""
        names = wildcards.dataset, wildcards.split, *part_and_role(wildcards.file)
        return downloaded.member(self.study, *names)

    def image_column(self, wildcards: Any) -> str:
        """Return the column of an archive's table that names images; "" where there is none."""
        part, _ = part_and_role(wildcards.file)
        return self.files.image_column(wildcards.dataset, wildcards.split, part)

    def split_files(self, wildcards: Any) -> list[str]:
        """Return the files of one split."""
        return self.marked(self.files.of_split(wildcards.dataset, wildcards.split))

    def dataset_files(self, wildcards: Any) -> list[str]:
        """Return the files of all splits of a data set whose sequences are embedded."""
        return self.marked(self.files.of_dataset(wildcards.dataset))

    def images(self, wildcards: Any) -> "Together":
        """Return the images that the tables of a data set name. They are no inputs, but a change of
        one is known."""
        return Together(self.files.images(wildcards.dataset))

    def wild_type(self, wildcards: Any) -> dict[str, str]:
        """Return {"wild_type": its FASTA}; {} for a data set without one."""
        return self.marked(self.files.wild_type(wildcards.dataset))

    def checkpoint(self, wildcards: Any) -> dict[str, Any]:
        """Return {"weights": the user's own file or folder, or a downloaded one}, and of a folder
        its `parts`, by whose content it is known; {} where there is none."""
        entry = self.study.models[wildcards.model]
        if "path" in entry:
            path = self.files.located(entry["path"])
            if parts := self.files.parts(wildcards.model):
                return {"weights": self.ancient(path), "parts": self.marked(parts)}
            return {"weights": self.marked(path)}
        if "url" not in entry:
            return {}
        # A download's name says what it is, so a newer copy of it is no reason to embed again.
        return {"weights": self.ancient(checkpoint_of(self.study, wildcards.model))}

    def shard_tables(self, wildcards: Any) -> dict[str, str]:
        """Return what a job embeds: a table's name says its content, its age says nothing."""
        folder = f"results/sequences/{wildcards.dataset}"
        shard = self.shards_of(wildcards.dataset)[wildcards.shard]
        tables = {"sequences": self.ancient(f"{folder}/{shard.shard}.tsv")}
        poolings = self.study.storage(wildcards.dataset, wildcards.model)["poolings"]
        if set(poolings) & set(AT_SITES):
            tables["sites"] = self.ancient(f"{folder}/{shard.sites}.sites.tsv")
        return tables

    def shard_files(self, wildcards: Any) -> list[str]:
        """Return the embedding files of a data set's shards, in order."""
        names = {key: wildcards[key] for key in ("dataset", "model", "weights")}
        return [SHARD.format(shard=shard, **names) for shard in self.shards_of(wildcards.dataset)]

    def task_scores(self, wildcards: Any) -> list[str]:
        """Return the scores of every arm of a task."""
        task = wildcards.dataset, wildcards.split
        return targets.of_arms(self.study, targets.SCORES, *task)

    def task_predictions(self, wildcards: Any) -> list[str]:
        """Return the predictions of every arm of a task, in the order of their scores."""
        task = wildcards.dataset, wildcards.split
        return targets.of_arms(self.study, targets.PREDICTIONS, *task)

    def task_refits(self, wildcards: Any) -> list[str]:
        """Return the scores of the refits of a task; [] where it has none."""
        return refits.files_of(self.study, wildcards.dataset, wildcards.split)

    def curve_scores(self, wildcards: Any) -> list[str]:
        """Return the scores of a task's learning curves, one file per arm."""
        return targets.of_curves(self.study, ".tsv", wildcards.dataset, wildcards.split)

    def curve_predictions(self, wildcards: Any) -> list[str]:
        """Return the predictions of a task's learning curves, in the order of their scores."""
        return targets.of_curves(self.study, ".h5", wildcards.dataset, wildcards.split)

    def of_parts(self, wildcards: Any) -> dict[str, list[str]]:
        """Return the scores, predictions and embeddings of every arm of a task that is ablated in
        part."""
        task = wildcards.dataset, wildcards.split
        names = ("scores", "predictions")
        found = {
            name: targets.of_part_arms(self.study, template, *task)
            for name, template in zip(names, (targets.SCORES, targets.PREDICTIONS), strict=True)
        }
        embeddings = targets.of_part_arms(self.study, targets.EMBEDDINGS, *task)
        return found | {"embeddings": list(dict.fromkeys(embeddings))}

    def chains(self, wildcards: Any) -> dict[str, str]:
        """Return what the chains to be nudged are read from: a set with known contacts, the
        sequences of a data set, or nothing where the configuration lists them."""
        if wildcards.dataset in self.study.contacts:
            return self.marked(self.files.contacts(wildcards.dataset))
        if wildcards.dataset in self.study.datasets:
            return {"sequences": f"results/sequences/{wildcards.dataset}.tsv"}
        return {}

    def pretraining(self, wildcards: Any) -> list[str]:
        """Return what networks were pretrained on, as far as their entries say; for a data set of
        proteins."""
        if self.study.modality(wildcards.dataset) != PROTEIN:
            return []
        return self.marked(list(self.files.pretraining()))

    def proteins(self, wildcards: Any) -> dict[str, str]:
        """Return what a network learns from, and what its loss is measured on."""
        return self.marked(self.files.proteins(wildcards.recipe))

    def trained(self, wildcards: Any) -> list[str]:
        """Return the networks that a recipe has given: folders where transformers reads them."""
        name = wildcards.recipe
        end = "" if self.study.recipes[name]["family"] == HUB else ".pt"
        return [f"results/pretraining/{name}/{name}{mark}{end}" for mark in MARKED]
