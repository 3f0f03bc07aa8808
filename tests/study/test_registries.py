"""What a schema or a catalogue names once more is what the library has registered."""

import inspect
from pathlib import Path

import numpy as np
import pytest

from plmbench.compare import verdicts
from plmbench.core import poolings, roles
from plmbench.core.errors import InputError
from plmbench.core.lengths import LENGTH_POLICIES
from plmbench.core.metrics import METRICS, PRIMARY, Target
from plmbench.data.readers import READERS, TEXTS
from plmbench.data.sources import TARGETS as KINDS
from plmbench.data.sources import Source
from plmbench.data.splits import RESIDUE_POLICIES, Reading, with_files
from plmbench.data.subsets import SUBSETS, folded, sampled
from plmbench.models.ablations import ACTIONS
from plmbench.probe.examples import LABELLED
from plmbench.probe.layerwise import score_layers
from plmbench.probe.ridge import SCALES, SELECTIONS
from plmbench.probe.selection import Examples, Folds
from plmbench.probe.types import PROBES
from plmbench.study import catalogues, entries
from plmbench.study.families import families
from plmbench.study.schemas import read_yaml

SCHEMAS = Path(__file__).resolve().parents[2] / "config" / "schemas"
ENTRY = ("additionalProperties", "properties")
STORED = set(poolings.POOLS) - {poolings.RESIDUES}
EVERY_METRIC = {name for metrics in METRICS.values() for name in metrics}
FAMILIES = set(families())
WITH_WEIGHTS = {name for name, family in families().items() if family.has_weights}
ROLES = {roles.NETWORK, roles.BASELINE, roles.CONTROL}
VERDICTS = set(verdicts.COUNTED) - {verdicts.UNCLEAR}
SPLIT = (*ENTRY, "splits", *ENTRY)


def at(name, *keys):
    """Return what a schema holds somewhere inside."""
    schema = read_yaml(SCHEMAS / f"{name}.schema.yaml")
    for key in keys:
        schema = schema[key]
    return schema


ENUMS = [
    (("models", *ENTRY, "family"), FAMILIES),
    (("models", *ENTRY, "about", "properties", "role"), ROLES),
    (("models", "$defs", "poolings", "items"), STORED),
    (("config", "properties", "pooling", "items"), STORED),
    (("datasets", *ENTRY, "pooling", "items"), STORED),
    (("datasets", *ENTRY, "task_type"), KINDS),
    (("datasets", *ENTRY, "nonstandard_residues"), RESIDUE_POLICIES),
    (("datasets", *ENTRY, "long_sequences"), LENGTH_POLICIES),
    (("datasets", *ENTRY, "metric"), EVERY_METRIC),
    (("datasets", *SPLIT, "published"), VERDICTS),
    (("datasets", "$defs", "format"), READERS),
    (("probes", *ENTRY, "type"), PROBES),
    (("probes", *ENTRY, "scale"), SCALES),
    (("probes", *ENTRY, "select"), EVERY_METRIC | set(SELECTIONS)),
    (("ablations", *ENTRY, "action"), ACTIONS),
]
KEYS = [
    (("datasets", "$defs", "columns"), {*TEXTS, "mask"}),
    (("datasets", *SPLIT, "rows"), SUBSETS),
]


def ids(pairs):
    """Return a name for each pair."""
    return ["-".join(place) for place, _ in pairs]


@pytest.mark.parametrize(("place", "registry"), ENUMS, ids=ids(ENUMS))
def test_a_schema_allows_what_the_code_knows(place, registry):
    assert set(at(*place)["enum"]) == set(registry)


@pytest.mark.parametrize(("place", "registry"), KEYS, ids=ids(KEYS))
def test_a_schema_has_the_keys_that_the_code_knows(place, registry):
    assert set(at(*place)["properties"]) == set(registry)


def test_catalogues_know_the_families_and_the_poolings():
    assert set(catalogues.WITHOUT_WEIGHTS) == FAMILIES - WITH_WEIGHTS
    assert catalogues.RESIDUES == poolings.RESIDUES
    assert entries.ALIGNED == poolings.ALIGNED


def test_every_kind_of_task_is_read_joined_and_measured():
    assert set(KINDS) == set(LABELLED) == set(METRICS) == set(entries.METRICS)


@pytest.mark.parametrize("kind", KINDS)
def test_metrics_are_those_of_the_kind_the_primary_one_first(kind):
    assert set(entries.METRICS[kind]) == set(METRICS[kind])
    assert entries.METRICS[kind][0] == PRIMARY[kind]


def settings_of(function, *given):
    """Return the parameters that a function needs, and those that it may have, beside `given`."""
    found = inspect.signature(function).parameters.values()
    mine = [p for p in found if p.name not in given and p.kind is not p.VAR_KEYWORD]
    needed = {p.name for p in mine if p.default is p.empty}
    return needed, {p.name for p in mine} - needed


@pytest.mark.parametrize("kind", PROBES)
def test_a_probe_needs_and_may_have_what_its_fit_takes(kind):
    needed, optional = settings_of(PROBES[kind], "folds", "target", "select", "seed")
    assert (set(entries.NEEDED[kind]), set(entries.OPTIONAL[kind])) == (needed, optional)


def test_settings_that_all_probes_share_are_those_of_scoring():
    needed, optional = settings_of(score_layers, "embeddings", "labels", "output", "permute_labels")
    assert (needed | optional) - {"task_type", "probe_type"} == set(entries.COMMON) - {"type"}
    filled = {key for key, schema in at("probes", *ENTRY).items() if "default" in schema}
    assert filled == set(entries.FILLED) <= set(entries.COMMON)


def test_a_schema_of_probes_has_every_setting_of_every_kind():
    kinds = [*entries.NEEDED.values(), *entries.OPTIONAL.values(), entries.COMMON, entries.PLACING]
    assert set(at("probes", *ENTRY)) == {"permutes_labels_of"}.union(*kinds)


def files_of(format):
    """Return the keys beyond `path` that a reader needs, and may have."""
    return settings_of(READERS[format], "path", "required")


@pytest.mark.parametrize("format", READERS)
def test_a_format_needs_and_may_have_what_its_reader_takes(format):
    needed, optional = entries.FORMATS[format]
    assert (set(needed), set(optional)) == files_of(format)
    assert set(needed) | set(optional) <= set(entries.SPECIAL)


def test_what_a_split_is_read_by_are_the_settings_of_reading():
    _, read = settings_of(Reading, "rows")
    _, source = settings_of(Source, "path", "columns", "sequences", "mask")
    assert read | source == set(catalogues.READING) | (set(catalogues.SOURCE) - {"columns"})
    files = [needed | optional for needed, optional in map(files_of, READERS)]
    assert set().union(*files, ["path"]) == {*catalogues.ROLES, "columns"}
    given = {"path": "a", "test.path": "b", "test.mask": "c", "sequences": "d"}
    assert with_files({"test": {"format": "csv"}}, given) == {
        "path": "a",
        "sequences": "d",
        "test": {"format": "csv", "path": "b", "mask": "c"},
    }


@pytest.mark.parametrize(("key", "function"), [("validation", folded), ("sample", sampled)])
def test_a_draw_takes_what_its_schema_allows(key, function):
    needed, optional = settings_of(function, "table")
    assert needed | optional == set(at("datasets", *ENTRY, key)["properties"])


def test_network_keys_are_what_decides_an_embedding():
    others = {"url", "path", "pooling", "about"}
    assert set(catalogues.NETWORK) == set(at("models", *ENTRY)) - others


def toy_folds(target):
    """Return a few examples and a validation subset."""
    draw = np.random.default_rng(0)
    y = draw.normal(size=24) if target.task_type == "regression" else np.arange(24) % 2
    X = draw.normal(size=(24, 3)) + y[:, None]
    train = Examples(X[:16], y[:16])
    return Folds(train, [(train, Examples(X[16:], y[16:]))])


TARGETS = {
    "regression": Target("regression", (), -9.0),
    "classification": Target("classification", ("a", "b")),
    "residue_classification": Target("residue_classification", ("a", "b")),
}
SETTINGS = {
    "ridge": {"alphas": [0.1, 1]},
    "logistic": {"Cs": [0.1, 1]},
    "mlp": {"hidden": [[2]], "alphas": [0.1, 1], "epochs": 1},
}


@pytest.mark.parametrize("select", sorted(EVERY_METRIC | set(SELECTIONS)))
@pytest.mark.parametrize("task", KINDS)
@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_is_said_to_choose_by_what_it_can_choose_by(probe, task, select):
    target = TARGETS[task]
    try:
        fitted = PROBES[probe](toy_folds(target), target, select, 0, **SETTINGS[probe])
    except InputError:
        fitted = None
    assert (fitted is not None) == (select in entries.SELECTIONS[probe].get(task, ()))


def undescribed(schema, definitions, place=""):
    """Yield the places of a schema whose property has no description, there or where it refers."""
    for key, value in schema.get("properties", {}).items():
        value = definitions.get(value.get("$ref", "").rpartition("/")[2], {}) | value
        if "description" not in value:
            yield f"{place}/{key}"
        yield from undescribed(value, definitions, f"{place}/{key}")
    for key, name in (("additionalProperties", "/*"), ("items", "[]")):
        if isinstance(schema.get(key), dict):
            yield from undescribed(schema[key], definitions, place + name)


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_setting_is_described(path):
    schema = read_yaml(path)
    assert list(undescribed(schema, schema.get("$defs", {}))) == []
