"""Configuration: read the YAML files, check every key against its schema, name what is wrong.

`config/config.yaml` says what to run; the catalogues beside it say what exists. The schemas in
`config/schemas/` hold types, defaults and descriptions; this module adds what a schema cannot say:
that a name in one file is an entry of another.
"""

from pathlib import Path
from typing import NamedTuple

from plmbench.core.canonical import selected
from plmbench.core.errors import InputError
from plmbench.core.weights import NONE, PRETRAINED, parse_weights
from plmbench.study.entries import (
    ALIGNED,
    METRICS,
    PLACING,
    SELECTIONS,
    check_dataset,
    check_model,
    check_probe,
)
from plmbench.study.families import read_families
from plmbench.study.schemas import checked, nearest, read_yaml, with_numbers

CATALOGUES = ("models", "datasets", "ablations", "probes", "recipes")
WITHOUT_WEIGHTS = ("onehot", "composition", "length", "random_projection")  # families
NETWORK = ("family", "sha256", "num_layers", "hidden_size", "max_length", "architecture")
READING = ("task_type", "nonstandard_residues", "slice", "validation", "sample", "missing_split")
SOURCE = ("format", "columns", "sha256")
ROLES = ("path", "sequences", "mask")  # the files of a source
RESIDUES = "residues"
NUMERIC = ("layers", "statistics")  # keys of the configuration that hold numbers, but no names


class Task(NamedTuple):
    """A split of a data set."""

    dataset: str
    split: str


class Study:
    """What to run, and the catalogue entries it names; the one place that joins them."""

    def __init__(self, config, folder):
        """Check `config` (a mapping) against the catalogues in `folder`.

        Raises InputError that names file, key and the nearest known name.
        """
        folder = Path(folder)
        schemas = folder / "schemas"
        config = config | {key: with_numbers(config[key]) for key in NUMERIC if key in config}
        self.config = checked(config, schemas / "config.schema.yaml", "config")
        self.models, self.datasets, self.ablations, self.probes, self.recipes = (
            checked(
                read_yaml(folder / f"{name}.yaml"),
                schemas / f"{name}.schema.yaml",
                f"config/{name}.yaml",
            )
            for name in CATALOGUES
        )
        self.families = read_families(folder / "families")
        self.tasks = self._tasks()
        self._check_names()
        self._check_entries()

    def _tasks(self):
        """Return the Tasks of the list `tasks`; `gb1` alone means all splits of gb1."""
        tasks = []
        for text in self.config["tasks"]:
            dataset, _, split = text.partition("/")
            self._known(dataset, self.datasets, "tasks", "datasets")
            splits = self.datasets[dataset]["splits"]
            if split and split not in splits:
                raise InputError(
                    f"config: tasks: data set {dataset!r} has no split {split!r}; "
                    + nearest(split, splits)
                )
            tasks += [Task(dataset, split)] if split else [Task(dataset, s) for s in splits]
        return list(dict.fromkeys(tasks))

    def _known(self, name, catalogue, key, file):
        """Raise InputError where a name of the configuration is no entry of its catalogue."""
        if name not in catalogue:
            raise InputError(
                f"config: {key}: {name!r} is no entry of config/{file}.yaml; "
                + nearest(name, catalogue)
            )

    def _check_names(self):
        """Check that each model, probe and ablation that is to run exists."""
        for key in ("models", "checkpoints"):
            for model in self.config[key]:
                self._known(model, self.models, key, "models")
        for key in ("probes", "controls"):
            for probe in self.config[key]:
                self._known(probe, self.probes, key, "probes")
        for recipe in self.config["recipes"]:
            self._known(recipe, self.recipes, "recipes", "recipes")
        for text in self.config["weights"]:
            try:
                ablation = parse_weights(text).ablation
            except InputError as error:
                raise InputError(f"config: {error}") from None
            if text != PRETRAINED:  # `none` is no choice: it would label a network's own weights
                self._known(ablation, self.ablations, "weights", "ablations")
        for model, text in self.runs():
            self.ablation(model, text)

    def _check_entries(self):
        """Check what spans two keys of an entry, which a schema cannot say."""
        for model, _ in self.runs():
            if self.has_weights(model) and not {"path", "url"} & set(self.models[model]):
                raise InputError(
                    f"config/models.yaml: {model}: has neither path nor url; "
                    "say where its checkpoint is"
                )
        for name, entry in self.models.items():
            check_model(name, entry)
        for name, entry in self.datasets.items():
            check_dataset(name, entry)
        for name, entry in self.probes.items():
            check_probe(name, entry, self.probes)
        for task in self.tasks:
            if not any(self.applies(probe, task.dataset) for probe in self.config["probes"]):
                raise InputError(
                    f"config: probes: none of {', '.join(self.config['probes'])} is for task "
                    f"{task.dataset}/{task.split}, which is "
                    f"{self.datasets[task.dataset]['task_type']}"
                )

    def weights_of(self, model):
        """Return the weights that a model runs with."""
        if not self.has_weights(model):
            return [NONE]
        return self.config["weights"] if model in self.config["models"] else [PRETRAINED]

    def has_weights(self, model):
        """Tell whether a model reads a checkpoint."""
        return self.models[model]["family"] not in WITHOUT_WEIGHTS

    def runs(self):
        """Return the pairs (model, weights) to embed and probe, each once."""
        names = dict.fromkeys([*self.config["models"], *self.config["checkpoints"]])
        return [(model, weights) for model in names for weights in self.weights_of(model)]

    def ablation(self, model, text):
        """Return what an ablation does to a model: its action, and the table of the model's family;
        None where nothing is redrawn."""
        weights, family = parse_weights(text), self.models[model]["family"]
        if not weights.ablated:
            return None
        rows = [row.settings() for row in self.families[family].parameters]
        return {"action": self.ablations[weights.ablation]["action"], "parameters": rows}

    def poolings(self, dataset, model):
        """Return the poolings to store for a model on a data set."""
        entry, own = self.datasets[dataset], self.models[model].get("pooling")
        if entry["task_type"] == "residue_classification":
            return [RESIDUES]
        wanted = own or entry.get("pooling") or self.config["pooling"]
        if "wild_type" in entry:
            return wanted
        return [pooling for pooling in wanted if pooling not in ALIGNED] or ["mean"]

    def storage(self, dataset, model):
        """Return how a model's embeddings of a data set are stored."""
        poolings = self.poolings(dataset, model)
        return {
            "poolings": poolings,
            "layers": self.config["layers"] if RESIDUES in poolings else "all",
            **selected(self.config, ["dtype", "precision"]),
            **selected(self.datasets[dataset], ["nonstandard_residues", "long_sequences"]),
        }

    def network(self, model):
        """Return what of a model's entry decides its embeddings."""
        network = selected(self.models[model], NETWORK)
        family = network.pop("family")
        return network | {"encoder": self.families[family].encoder}

    def metric(self, dataset):
        """Return the metric by which a data set's layers are compared."""
        entry = self.datasets[dataset]
        return entry.get("metric", METRICS[entry["task_type"]][0])

    def applies(self, probe, dataset):
        """Tell whether a probe is for a data set: its kind, and the metric it chooses by."""
        entry, kind = (
            self.probes[self.permuted(probe) or probe],
            self.datasets[dataset]["task_type"],
        )
        if kind not in entry.get("task_types", [kind]):
            return False
        select = entry.get("select", self.metric(dataset))
        return select in SELECTIONS[entry["type"]].get(kind, ())

    def permuted(self, probe):
        """Return the probe of which this one is the control on shuffled labels, or None."""
        return self.probes[probe].get("permutes_labels_of")

    def probe(self, probe, dataset):
        """Return what of a probe's entry decides its scores on a data set."""
        of = self.permuted(probe)
        entry = {"select": self.metric(dataset), **self.probes[of or probe]}
        kind = self.datasets[dataset]["task_type"]
        entry = {key: value for key, value in entry.items() if key not in PLACING}
        entry["probe_type"] = entry.pop("type")
        return entry | {"task_type": kind, "permute_labels": bool(of)}

    def fits(self, model, weights):
        """Return the probes to fit: controls on the pretrained weights of what is under study."""
        controlled = weights == PRETRAINED and model in self.config["models"]
        return self.config["probes"] + (self.config["controls"] if controlled else [])

    def arms(self, dataset):
        """Return the triples (model, weights, probe) to score on a data set, each once."""
        found = [
            (model, weights, probe)
            for model, weights in self.runs()
            for probe in self.fits(model, weights)
            if self.applies(probe, dataset)
        ]
        return list(dict.fromkeys(found))

    def source(self, dataset, split, part=""):
        """Return where a split's files are, its own (part "") or those of its `test` subset."""
        entry = self.datasets[dataset]
        own = entry["splits"][split]
        return own["test"] if part else {"download": entry.get("download"), **own}

    def files(self, dataset, split):
        """Return the names of a split's files: path, sequences, mask, and with `test.` before
        them those of its test subset."""
        parts = ["", "test."] if "test" in self.datasets[dataset]["splits"][split] else [""]
        return [
            part + role
            for part in parts
            for role in ROLES
            if role == "path" or role in self.source(dataset, split, part)
        ]

    def at_hand(self, dataset, split):
        """Tell whether a split's files are there without a download."""
        parts = {name.rpartition(".")[0] for name in self.files(dataset, split)}
        return not any(self.source(dataset, split, part).get("download") for part in parts)

    def reading(self, dataset, split):
        """Return how a split's files are to be read."""
        entry = self.datasets[dataset]
        own = entry["splits"][split]
        reading = selected(entry, READING) | selected(entry | own, SOURCE)
        if "test" in own:
            reading["test"] = selected(own["test"], SOURCE)
        return reading | selected(own, ["rows"])
