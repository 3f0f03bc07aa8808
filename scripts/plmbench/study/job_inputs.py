"""What a rule's jobs read, as Snakemake asks it: functions of a job's wildcards."""

from collections.abc import Callable, Mapping
from typing import Any

from plmbench.core.poolings import AT_SITES
from plmbench.data.shards import Shard
from plmbench.study import parameters, targets
from plmbench.study.catalogues import Study
from plmbench.study.files import SHARD, Files, checkpoint_of, part_and_role

Shards = Callable[[str], Mapping[str, Shard]]  # of a data set, by name


class JobInputs:
    """The inputs of the jobs of a study."""

    def __init__(self, study: Study, files: Files, shards_of: Shards, ancient: Callable):
        """shards_of: a data set's shards, once its sequences are there; ancient: Snakemake's mark
        of an input whose age says nothing."""
        self.study, self.files, self.shards_of, self.ancient = study, files, shards_of, ancient

    def archive(self, wildcards: Any) -> str:
        """Return the download that a file is taken from."""
        part, _ = part_and_role(wildcards.file)
        return self.files.downloaded(wildcards.dataset, wildcards.split, part)

    def member(self, wildcards: Any) -> str:
        """Return the name that a file has within its archive."""
        names = wildcards.dataset, wildcards.split, *part_and_role(wildcards.file)
        return parameters.member(self.study, *names)

    def split_files(self, wildcards: Any) -> list[str]:
        """Return the files of one split."""
        return self.files.of_split(wildcards.dataset, wildcards.split)

    def dataset_files(self, wildcards: Any) -> list[str]:
        """Return the files of all splits of a data set whose sequences are embedded."""
        return self.files.of_dataset(wildcards.dataset)

    def wild_type(self, wildcards: Any) -> dict[str, str]:
        """Return {"wild_type": its FASTA}; {} for a data set without one."""
        return self.files.wild_type(wildcards.dataset)

    def checkpoint(self, wildcards: Any) -> dict[str, Any]:
        """Return {"weights": the user's own file or folder, or a downloaded one}, and of a folder
        its `parts`, whose age tells a change; {} where there is none."""
        entry = self.study.models[wildcards.model]
        if "path" in entry:
            path = self.files.located(entry["path"])
            if parts := self.files.parts(path):
                return {"weights": self.ancient(path), "parts": parts}
            return {"weights": path}
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

    def pretraining(self, wildcards: Any) -> list[str]:
        """Return what networks were pretrained on, as far as their entries say."""
        return list(self.files.pretraining())

    def proteins(self, wildcards: Any) -> dict[str, str]:
        """Return what a network learns from, and what its loss is measured on."""
        return self.files.proteins(wildcards.recipe)
