"""Configuration: read the YAML files, check every key against its schema, name what is wrong.

`config/config.yaml` says what to run; the catalogues beside it say what exists. The schemas in
`config/schemas/` hold types, defaults and descriptions; this module adds what a schema cannot say:
that a name in one file is an entry of another.
"""

import json
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import yaml
from jsonschema import Draft202012Validator

from plmbench.errors import InputError
from plmbench.weights import NONE, PRETRAINED, parse_weights

CATALOGUES = ("models", "datasets", "ablations", "probes")
WITHOUT_WEIGHTS = ("onehot",)  # families
NETWORK = ("family", "sha256", "layers", "dim", "limit", "architecture")
READING = ("letters", "slice", "validation")


class Task(NamedTuple):
    """A split of a data set."""

    dataset: str
    split: str


class UniqueKeys(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error, not a silent replacement."""

    def construct_mapping(self, node, deep=False):
        """Build a mapping; raises InputError for a repeated key or one that is not text, with its
        line. `no:` and `600:` are not text."""
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            place = f"{key_node.start_mark.name}, line {key_node.start_mark.line + 1}"
            if not isinstance(key, str):
                raise InputError(f"{place}: key {key!r} is not text; write it in quotes")
            if key in seen:
                raise InputError(f"{place}: key {key!r} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path):
    """Return what a YAML file holds; raises InputError that names file and line."""
    path = Path(path)
    try:
        with path.open(encoding="utf-8") as file:
            return yaml.load(file, UniqueKeys) or {}  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not valid YAML: {error}") from error


def nearest(name, known):
    """Return a hint: the nearest known name, or all of them."""
    close = get_close_matches(str(name), list(known), 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(known))}"


def explain(error, where):
    """Return one sentence for a schema error: where, what, and what would be right."""
    place = ": ".join([where, *map(str, error.absolute_path)])
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = sorted(set(error.instance) - set(known))[0]
        return f"{place}: unknown key {unknown!r}; {nearest(unknown, known)}"
    if error.validator == "enum":
        hint = nearest(error.instance, [str(value) for value in error.validator_value])
        return f"{place}: {error.instance!r} is not allowed; {hint}"
    hint = error.schema.get("description")
    return f"{place}: {error.message}" + (f" ({hint})" if hint else "")


def with_defaults(value, schema):
    """Return a copy of `value` in which absent keys have their schema's default, at every depth."""
    if isinstance(value, list) and "items" in schema:
        return [with_defaults(item, schema["items"]) for item in value]
    if not isinstance(value, dict):
        return value
    properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
    filled = {key: s["default"] for key, s in properties.items() if "default" in s} | value
    return {
        key: with_defaults(item, properties.get(key, rest if isinstance(rest, dict) else {}))
        for key, item in filled.items()
    }


def checked(value, schema_path, where):
    """Return `value` with defaults; raises InputError naming all that breaks the schema."""
    schema = read_yaml(schema_path)
    errors = sorted(Draft202012Validator(schema).iter_errors(value), key=lambda e: str(e.path))
    if errors:
        raise InputError("\n".join(explain(error, where) for error in errors))
    return with_defaults(value, schema)


def selected(entry, keys):
    """Return these keys of an entry, without those it leaves open.

    A rule is handed the keys that decide its result and no others, so that a reworded title
    computes nothing anew.
    """
    return {key: entry[key] for key in keys if entry.get(key) is not None}


def canonical(value):
    """Return a value as text that is equal for equal content: Snakemake compares text."""
    return json.dumps(value, sort_keys=True)


class Study:
    """What to run, and the catalogue entries it names; the one place that joins them."""

    def __init__(self, config, folder):
        """Check `config` (a mapping) against the catalogues in `folder`.

        Raises InputError that names file, key and the nearest known name.
        """
        folder = Path(folder)
        schemas = folder / "schemas"
        self.config = checked(config, schemas / "config.schema.yaml", "config")
        self.models, self.datasets, self.ablations, self.probes = (
            checked(
                read_yaml(folder / f"{name}.yaml"),
                schemas / f"{name}.schema.yaml",
                f"config/{name}.yaml",
            )
            for name in CATALOGUES
        )
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
        for probe in self.config["probes"]:
            self._known(probe, self.probes, "probes", "probes")
        for text in self.config["weights"]:
            ablation = parse_weights(text).ablation
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
        for name, entry in self.datasets.items():
            if "slice" in entry and entry["slice"][0] >= entry["slice"][1]:
                raise InputError(
                    f"config/datasets.yaml: {name}: slice: {entry['slice']} keeps nothing; "
                    "start must be below stop"
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
        """Return the table of an ablation for a model's family; [] where nothing is redrawn."""
        weights, family = parse_weights(text), self.models[model]["family"]
        if not weights.ablated:
            return []
        tables = self.ablations[weights.ablation]
        if family not in tables:
            raise InputError(
                f"config/ablations.yaml: {weights.ablation}: has no table for family {family!r} "
                f"(model {model}); it has {', '.join(sorted(tables))}"
            )
        return tables[family]

    def poolings(self, model):
        """Return the poolings to store for a model."""
        return self.models[model].get("pooling", self.config["pooling"])

    def network(self, model):
        """Return what of a model's entry decides its embeddings."""
        return selected(self.models[model], NETWORK)

    def reading(self, dataset, split):
        """Return how a split's file is to be read."""
        entry = self.datasets[dataset]
        return selected(entry, READING) | selected(entry["splits"][split], ["sha256"])
