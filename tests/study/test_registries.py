"""What a schema or a catalogue names once more is what the library has registered."""

import inspect
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from plmbench.compare import verdicts
from plmbench.core import poolings, roles
from plmbench.core.lengths import LENGTH_POLICIES
from plmbench.core.metrics import METRICS, metrics_of, primary_metric
from plmbench.core.task_types import TASK_TYPES
from plmbench.data.readers import READERS, TEXTS
from plmbench.data.sources import TARGETS as KINDS
from plmbench.data.sources import Source
from plmbench.data.splits import RESIDUE_POLICIES, Reading, with_files
from plmbench.data.subsets import SUBSETS, folded, sampled
from plmbench.models.ablations import INITIALISERS
from plmbench.models.baselines import Letters
from plmbench.models.families import FAMILIES
from plmbench.probe.examples import LABELLED
from plmbench.probe.probe_type import CommonSettings
from plmbench.probe.types import probe_type, probe_types
from plmbench.probe.types.ridge import SCALES, SELECTIONS
from plmbench.study import catalogues, entries
from plmbench.study.schemas import read_yaml

SCHEMAS = Path(__file__).resolve().parents[2] / "config" / "schemas"
ENTRY = ("additionalProperties", "properties")
STORED = set(poolings.POOLS) - {poolings.RESIDUES}
EVERY_METRIC = set(METRICS)
WITH_WEIGHTS = {name for name, family in FAMILIES.items() if not issubclass(family, Letters)}
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
    (("probes", *ENTRY, "type"), probe_types()),
    (("probes", *ENTRY, "scale"), SCALES),
    (("probes", *ENTRY, "select"), EVERY_METRIC | set(SELECTIONS)),
    (("ablations", *ENTRY, "esm1", "items", "properties", "init"), INITIALISERS),
]
KEYS = [
    (("ablations", "additionalProperties"), WITH_WEIGHTS),
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
    assert set(catalogues.WITHOUT_WEIGHTS) == set(FAMILIES) - WITH_WEIGHTS
    assert catalogues.RESIDUES == poolings.RESIDUES
    assert entries.ALIGNED == poolings.ALIGNED


def test_every_kind_of_task_is_read_joined_and_measured():
    assert set(KINDS) == set(LABELLED) == set(TASK_TYPES) == set(entries.METRICS)


@pytest.mark.parametrize("kind", KINDS)
def test_metrics_are_those_of_the_kind_the_primary_one_first(kind):
    assert entries.METRICS[kind] == tuple(metrics_of(kind))
    assert entries.METRICS[kind][0] == primary_metric(kind)


def settings_of(function, *given):
    """Return the parameters that a function needs, and those that it may have, beside `given`."""
    found = inspect.signature(function).parameters.values()
    mine = [p for p in found if p.name not in given and p.kind is not p.VAR_KEYWORD]
    needed = {p.name for p in mine if p.default is p.empty}
    return needed, {p.name for p in mine} - needed


@pytest.mark.parametrize("name", probe_types())
def test_a_probe_needs_may_have_and_chooses_by_what_its_type_declares(name):
    declared = probe_type(name)
    settings = fields(declared.settings)
    needed = [each.name for each in settings if each.default is MISSING]
    optional = [each.name for each in settings if each.default is not MISSING]
    assert (list(entries.NEEDED[name]), list(entries.OPTIONAL[name])) == (needed, optional)
    assert entries.SELECTIONS[name] == declared.chooses_by


def test_settings_that_all_probes_share_are_the_common_ones():
    assert {each.name for each in fields(CommonSettings)} == set(entries.COMMON) - {"type"}
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
