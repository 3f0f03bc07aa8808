"""What a configuration comes to: the runs, and what each job is handed.

`config/config.yaml` says what to run; the catalogues beside it say what exists.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from plmbench.core.canonical import selected
from plmbench.core.errors import InputError
from plmbench.core.poolings import RESIDUES
from plmbench.core.weights import NONE, PRETRAINED, parse_weights
from plmbench.study import registries
from plmbench.study.ablation_entries import in_verdict
from plmbench.study.entries import CATALOGUES, Entries, as_dicts, run_settings
from plmbench.study.families import read_families
from plmbench.study.messages import nearest
from plmbench.study.probe_entries import PermutedProbe, ProbeEntry
from plmbench.study.run_settings import refits_of

SIZES = ("num_layers", "hidden_size", "max_length")
NETWORK = ("family", "sha256", *SIZES, "architecture", "part", "writing")
READING = ("task_type", "nonstandard_residues", "slice", "validation", "sample", "missing_split")
SOURCE = ("format", "columns", "sha256")
ROLES = ("path", "sequences", "mask")  # the files of a source
PLACING = ("type", "task_types")  # keys of a probe that say what and where it is, and not how


class Task(NamedTuple):
    """A split of a data set."""

    dataset: str
    split: str


class Study:
    """What to run, and the catalogue entries it names; the one place that joins them.

    `run` and `entries` are typed; `config`, `models`, `datasets`, `ablations`, `probes` and
    `recipes` hold the same as mappings, for rules.
    """

    def __init__(self, config: Mapping[str, Any], folder: Path | str) -> None:
        """Check `config` against the catalogues in `folder`.

        Raises InputError that names file, key and the nearest known name.
        """
        self.run = run_settings(config)
        self.entries = Entries.read(Path(folder))
        self.config = self.run.as_dict()
        self.models, self.datasets, self.ablations, self.probes, self.recipes = (
            as_dicts(getattr(self.entries, name)) for name in CATALOGUES
        )
        self.families = read_families(Path(folder) / "families")
        self.tasks, self.refits = self._tasks(), refits_of(self.run.refits)
        self._check_names()
        self._check_refits()
        self._check_controls()
        self._check_weights()
        self._check_runs()

    def _tasks(self) -> list[Task]:
        """Return the Tasks of the list `tasks`; `gb1` alone means all splits of gb1."""
        tasks: list[Task] = []
        for text in self.run.tasks:
            dataset, _, split = text.partition("/")
            self._known([dataset], "tasks", "datasets")
            splits = self.entries.datasets[dataset].splits
            if split and split not in splits:
                raise InputError(
                    f"config: tasks: data set {dataset!r} has no split {split!r}; "
                    + nearest(split, splits)
                )
            tasks += [Task(dataset, split)] if split else [Task(dataset, s) for s in splits]
        return list(dict.fromkeys(tasks))

    def _known(self, names: Iterable[str], key: str, file: str) -> None:
        """Raise InputError where a name of the configuration is no entry of its catalogue."""
        catalogue = getattr(self.entries, file)
        for name in names:
            if name not in catalogue:
                raise InputError(
                    f"config: {key}: {name!r} is no entry of config/{file}.yaml; "
                    + nearest(name, catalogue)
                )

    def _check_names(self) -> None:
        """Check that each model, probe and recipe that is to run exists."""
        self._known(self.run.models, "models", "models")
        self._known(self.run.checkpoints, "checkpoints", "models")
        self._known(self.run.probes, "probes", "probes")
        self._known(self.run.controls, "controls", "probes")
        self._known(self.run.recipes, "recipes", "recipes")

    def _check_refits(self) -> None:
        """Check that what is to be refit runs."""
        tasks = {name for task in self.tasks for name in (task.dataset, "/".join(task))}
        for key, names in {"tasks": tasks, "probes": set(self.run.probes)}.items():
            for name in getattr(self.refits, key, None) or ():
                if name not in names:
                    raise InputError(
                        f"config: refits: {key}: {name!r} is not among the {key} of this run; "
                        + nearest(name, sorted(names))
                    )

    def _check_controls(self) -> None:
        """Check that no entry of probes.yaml is a probe and a control at once.

        A model may stand in `models` and `checkpoints`: it runs with every entry of weights.
        """
        for name in self.run.controls:
            if name in self.run.probes:
                raise InputError(
                    f"config: controls: {name!r} stands under probes, too, and a control has no "
                    "verdict; take it out of one of them"
                )
        for name in self.run.probes:
            if probe := self.permuted(name):
                raise InputError(
                    f"config: probes: {name!r} learns from permuted labels of {probe!r}, and so "
                    "gives no verdict; list it under controls"
                )

    def _check_weights(self) -> None:
        """Check that each ablation that is to run exists, also for the families of the models."""
        for text in self.run.weights:
            try:
                ablation = parse_weights(text).ablation
            except InputError as error:
                raise InputError(f"config: {error}") from None
            if text != PRETRAINED:  # `none` is no choice: it would label a network's own weights
                self._known([ablation], "weights", "ablations")
        for model, text in self.runs():
            self.ablation(model, text)

    def _check_runs(self) -> None:
        """Check that each network that runs has a checkpoint, and each task a probe."""
        for model, _ in self.runs():
            if self.has_weights(model) and not self.entries.models[model].checkpoint:
                raise InputError(
                    f"config/models.yaml: {model}: has neither path nor url; "
                    "say where its checkpoint is"
                )
        for task in self.tasks:
            if not any(self.applies(probe, task.dataset) for probe in self.run.probes):
                raise InputError(
                    f"config: probes: none of {', '.join(self.run.probes)} is for task "
                    f"{task.dataset}/{task.split}, which is "
                    f"{self.entries.datasets[task.dataset].task_type}"
                )

    def weights_of(self, model: str) -> Sequence[str]:
        """Return the weights that a model runs with."""
        if not self.has_weights(model):
            return [NONE]
        return self.run.weights if model in self.run.models else [PRETRAINED]

    def has_weights(self, model: str) -> bool:
        """Tell whether a model reads a checkpoint."""
        return registries.has_weights(self.entries.models[model].family)

    def runs(self) -> list[tuple[str, str]]:
        """Return the pairs (model, weights) to embed and probe, each once."""
        names = dict.fromkeys([*self.run.models, *self.run.checkpoints])
        return [(model, weights) for model in names for weights in self.weights_of(model)]

    def ablation(self, model: str, text: str) -> dict[str, Any] | None:
        """Return what an ablation does to a model: its action, and the table of the model's family;
        None where nothing is redrawn."""
        weights, family = parse_weights(text), self.entries.models[model].family
        if not weights.ablated:
            return None
        rows = [row.settings() for row in self.families[family].parameters]
        return {"action": self.entries.ablations[weights.ablation].action, "parameters": rows}

    def in_verdict(self, ablation: str) -> bool:
        """Tell whether an ablation bears on the verdict."""
        return in_verdict(ablation, self.entries.ablations[ablation])

    def poolings(self, dataset: str, model: str) -> list[str]:
        """Return the poolings to store for a model on a data set."""
        entry = self.entries.datasets[dataset]
        if entry.task_type == "residue_classification":
            return [RESIDUES]
        wanted = self.entries.models[model].pooling or entry.pooling or self.run.pooling
        if entry.wild_type:
            return wanted
        aligned = registries.aligned_poolings()
        return [pooling for pooling in wanted if pooling not in aligned] or ["mean"]

    def storage(self, dataset: str, model: str) -> dict[str, Any]:
        """Return how a model's embeddings of a data set are stored."""
        poolings, entry = self.poolings(dataset, model), self.entries.datasets[dataset]
        return {
            "poolings": poolings,
            "layers": self.config["layers"] if RESIDUES in poolings else "all",
            "dtype": self.run.dtype,
            "precision": self.run.precision,
            "nonstandard_residues": entry.nonstandard_residues,
            "long_sequences": entry.long_sequences,
        }

    def network(self, model: str) -> dict[str, Any]:
        """Return what of a model's entry decides its embeddings."""
        network = selected(self.models[model], NETWORK)
        family = network.pop("family")
        return network | {"encoder": self.families[family].encoder}

    def metric(self, dataset: str) -> str:
        """Return the metric by which a data set's layers are compared."""
        entry = self.entries.datasets[dataset]
        return entry.metric or registries.primary_metric(entry.task_type)

    def fitted(self, probe: str) -> ProbeEntry:
        """Return the entry whose settings a probe has: its own, or that of a control's probe."""
        entry = self.entries.probes[self.permuted(probe) or probe]
        if not isinstance(entry, ProbeEntry):  # `check_permuted` has refused it
            raise InputError(f"config/probes.yaml: {probe}: is the control of another control")
        return entry

    def applies(self, probe: str, dataset: str) -> bool:
        """Tell whether a probe is for a data set: its task type, and the metric it chooses by."""
        entry, task_type = self.fitted(probe), self.entries.datasets[dataset].task_type
        if entry.task_types and task_type not in entry.task_types:
            return False
        chooses_by = registries.probe_types()[entry.type].chooses_by
        return (entry.select or self.metric(dataset)) in chooses_by.get(task_type, ())

    def permuted(self, probe: str) -> str | None:
        """Return the probe of which this one is the control on permuted labels, or None."""
        entry = self.entries.probes[probe]
        return entry.permutes_labels_of if isinstance(entry, PermutedProbe) else None

    def probe(self, probe: str, dataset: str) -> dict[str, Any]:
        """Return what of a probe's entry decides its scores on a data set."""
        entry = self.fitted(probe)
        settings = {key: value for key, value in entry.as_dict().items() if key not in PLACING}
        return {
            "select": self.metric(dataset),
            **settings,
            "probe_type": entry.type,
            "task_type": self.entries.datasets[dataset].task_type,
            "permute_labels": self.permuted(probe) is not None,
        }

    def fits(self, model: str, weights: str) -> list[str]:
        """Return the probes to fit: controls on the pretrained weights of what is under study."""
        controlled = weights == PRETRAINED and model in self.run.models
        return self.run.probes + (self.run.controls if controlled else [])

    def arms(self, dataset: str) -> list[tuple[str, str, str]]:
        """Return the triples (model, weights, probe) to score on a data set, each once."""
        arms = [
            (model, weights, probe)
            for model, weights in self.runs()
            for probe in self.fits(model, weights)
            if self.applies(probe, dataset)
        ]
        return list(dict.fromkeys(arms))

    def source(self, dataset: str, split: str, part: str = "") -> dict[str, Any]:
        """Return where a split's files are, its own (part "") or those of its `test` subset."""
        entry = self.datasets[dataset]
        own = entry["splits"][split]
        test: dict[str, Any] = own.get("test", {})
        return test if part else {"download": entry.get("download"), **own}

    def files(self, dataset: str, split: str) -> list[str]:
        """Return the names of a split's files: path, sequences, mask, and with `test.` before
        them those of its test subset."""
        parts = ["", "test."] if "test" in self.datasets[dataset]["splits"][split] else [""]
        return [
            part + role
            for part in parts
            for role in ROLES
            if role == "path" or role in self.source(dataset, split, part)
        ]

    def at_hand(self, dataset: str, split: str) -> bool:
        """Tell whether a split's files are there without a download."""
        parts = {name.rpartition(".")[0] for name in self.files(dataset, split)}
        return not any(self.source(dataset, split, part).get("download") for part in parts)

    def reading(self, dataset: str, split: str) -> dict[str, Any]:
        """Return how a split's files are to be read."""
        entry = self.datasets[dataset]
        own = entry["splits"][split]
        reading = selected(entry, READING) | selected(entry | own, SOURCE)
        if "test" in own:
            reading["test"] = selected(own["test"], SOURCE)
        return reading | selected(own, ["rows"])
