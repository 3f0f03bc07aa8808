"""Configuration: what is accepted, filled in, and refused in a sentence that helps."""

import re
from pathlib import Path

import pytest
import yaml

from plmbench.ablations import INITIALISERS
from plmbench.batches import LENGTH_POLICIES
from plmbench.catalogues import NETWORK, Study, canonical, read_yaml
from plmbench.datasets import LETTER_POLICIES
from plmbench.encoders import FAMILIES
from plmbench.errors import InputError
from plmbench.metrics import METRICS
from plmbench.poolings import POOLS
from plmbench.probes import PROBES, SCALES, SELECTIONS

CONFIG = Path(__file__).resolve().parents[1] / "config"
SCHEMAS = CONFIG / "schemas"


def study(folder=CONFIG, **changes):
    """Return the demo's Study with changed keys."""
    return Study(read_yaml(CONFIG / "config.yaml") | changes, folder)


@pytest.fixture
def folder(tmp_path):
    """Return a copy of config/ to spoil."""
    for path in CONFIG.rglob("*.yaml"):
        target = tmp_path / path.relative_to(CONFIG)
        target.parent.mkdir(exist_ok=True)
        target.write_text(path.read_text())
    return tmp_path


def spoiled(folder, name, change):
    """Change what config/<name>.yaml holds in place."""
    content = read_yaml(folder / f"{name}.yaml")
    change(content)
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content))


def refused(*words, folder=CONFIG, **changes):
    """Check that a configuration is refused with a message that has these words."""
    with pytest.raises(InputError) as caught:
        study(folder, **changes)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("name", ["config", "paper"])
def test_shipped_configurations_are_accepted(name):
    assert Study(read_yaml(CONFIG / f"{name}.yaml"), CONFIG).runs()


def test_the_paper_runs_the_eight_networks_with_three_seeds():
    paper = Study(read_yaml(CONFIG / "paper.yaml"), CONFIG)
    networks = [model for model in paper.config["models"] if paper.has_weights(model)]
    assert len(networks) == 8
    assert all(len(paper.weights_of(model)) == 7 for model in networks)


def test_defaults_are_filled_in_at_every_depth():
    made = study()
    assert made.config["compute"] == {"device": "auto", "tokens_per_batch": "auto"}
    assert made.datasets["gb1"]["validation"] == {"fraction": 0.1, "seed": 0}
    assert (made.datasets["gb1"]["letters"], made.datasets["gb1"]["too_long"]) == ("error", "error")
    assert made.models["onehot"]["about"] == {"title": "one-hot", "pretraining": 1}
    assert made.probes["ridge_flip"]["scale"] == "none"


def test_what_an_entry_says_stands_before_the_defaults(folder):
    spoiled(folder, "datasets", lambda c: c["gb1"].update(validation={"seed": 3}, letters="drop"))
    entry = study(folder).datasets["gb1"]
    assert (entry["validation"], entry["letters"]) == ({"seed": 3, "fraction": 0.1}, "drop")


def test_a_data_set_alone_means_all_its_splits():
    splits = [task.split for task in study(tasks=["gb1"]).tasks]
    assert splits == ["sampled", "low_vs_high", "two_vs_rest"]


def test_a_task_or_a_model_named_twice_runs_once():
    made = study(tasks=["gb1/sampled", "gb1"], models=["onehot"], checkpoints=["mini_carp_600k_12"])
    assert len(made.tasks) == 3
    assert made.runs() == [("onehot", "none"), ("mini_carp_600k_12", "pretrained")]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"wieghts": []}, ["unknown key 'wieghts'", "did you mean 'weights'?"]),
        ({"compute": {"devise": "cpu"}}, ["compute", "'devise'", "did you mean 'device'?"]),
        ({"compute": {"device": "gpu"}}, ["config: compute: device", "'gpu'"]),
        ({"models": ["esm2_t6_8M"]}, ["models", "did you mean 'esm2_t6_8M_UR50D'?"]),
        (
            {"checkpoints": ["mini_carp_600k_1"]},
            ["checkpoints", "did you mean 'mini_carp_600k_12'"],
        ),
        ({"tasks": ["gb2/sampled"]}, ["tasks", "'gb2'", "did you mean 'gb1'?"]),
        ({"tasks": ["gb1/sample"]}, ["no split 'sample'", "did you mean 'sampled'?"]),
        ({"probes": ["rigde"]}, ["probes", "did you mean 'ridge'?"]),
        ({"weights": ["reinit"]}, ["'reinit'", "such as 'reinit-0'"]),
        ({"weights": ["reint-0"]}, ["'reint'", "did you mean 'reinit'?"]),
        ({"weights": "pretrained"}, ["config: weights", "array"]),
        ({"weights": ["reinit-00"]}, ["'reinit-00'", "such as 'reinit-0'"]),
        ({"weights": ["none"]}, ["weights", "'none' is no entry", "known: reinit, resample"]),
        ({"pooling": ["median"]}, ["pooling", "'median' is not allowed"]),
        ({"pooling": ["avg"]}, ["'avg' is not allowed; known: flat, max, mean"]),
        ({"tasks": []}, ["config: tasks", "non-empty"]),
        ({"probes": ["zzzzzz"]}, ["'zzzzzz'", "known: ridge, ridge_as_published, ridge_flip"]),
    ],
)
def test_what_is_wrong_in_the_configuration_is_named(changes, words):
    refused(*words, **changes)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("models", lambda c: c["onehot"].update(famly="x"), ["onehot", "did you mean 'family'?"]),
        ("models", lambda c: c["onehot"].update(family="esm3"), ["onehot: family", "'esm3'"]),
        ("models", lambda c: c["onehot"].update(about={"tilte": "x"}), ["about", "'title'?"]),
        ("models", lambda c: c["carp_38M"].update(path="x.pt"), ["carp_38M", "path but not both"]),
        ("models", lambda c: c["carp_38M"].update(architecture={"d_modle": 1}), ["'d_model'?"]),
        (
            "datasets",
            lambda c: c["gb1"]["splits"]["sampled"].update(pth="x"),
            ["sampled", "'path'"],
        ),
        ("datasets", lambda c: c["gb1"].update(validation={"sed": 1}), ["validation", "'seed'?"]),
        ("probes", lambda c: c["ridge"].update(scales="l2"), ["ridge", "did you mean 'scale'?"]),
        ("models", lambda c: c["mini_carp_600k"].pop("path"), ["neither path nor url"]),
        ("models", lambda c: c["carp_38M"].update(layers="16"), ["carp_38M: layers", "integer"]),
        ("datasets", lambda c: c["gb1"].update(letters="ignore"), ["gb1: letters", "'ignore'"]),
        ("datasets", lambda c: c["gb1"].update(slice=[5, 2]), ["gb1: slice", "keeps nothing"]),
        ("datasets", lambda c: c["gb1"].pop("splits"), ["gb1", "'splits' is a required property"]),
        ("probes", lambda c: c["ridge"].update(alphas=[0]), ["ridge: alphas: 0"]),
        ("ablations", lambda c: c["reinit"].pop("carp"), ["reinit", "no table for family 'carp'"]),
        ("ablations", lambda c: c["reinit"]["carp"][0].update(init="one"), ["carp: 0: init"]),
    ],
)
def test_what_is_wrong_in_a_catalogue_is_named_with_its_file(folder, name, change, words):
    spoiled(folder, name, change)
    refused(f"config/{name}.yaml", *words, folder=folder)


def test_a_key_that_stands_twice_is_named_with_its_line(folder):
    with (folder / "models.yaml").open("a") as file:
        file.write("\nonehot:\n  family: onehot\n")
    line = (folder / "models.yaml").read_text().count("\n") - 1
    refused(f"models.yaml, line {line}: key 'onehot' stands twice", folder=folder)


def test_a_nested_key_that_stands_twice_is_named_with_its_line(folder):
    (folder / "probes.yaml").write_text("ridge:\n  kind: ridge\n  alphas: [1]\n  kind: ridge\n")
    refused("probes.yaml, line 4: key 'kind' stands twice", folder=folder)


@pytest.mark.parametrize("key", ["600", "no", "[carp]"])
def test_a_key_that_is_not_text_is_named_with_its_line(folder, key):
    lines = (folder / "models.yaml").read_text().count("\n")
    with (folder / "models.yaml").open("a") as file:
        file.write(f"{key}: {{family: carp}}\n")
    refused(f"models.yaml, line {lines + 1}", "not text; write it in quotes", folder=folder)


def test_all_that_is_wrong_is_named_at_once(folder):
    spoiled(folder, "models", lambda c: c["carp_38M"].update(layers="16", dim=0))
    refused("carp_38M: layers", "carp_38M: dim", folder=folder)


def test_a_file_that_is_not_yaml_is_named_with_its_line(folder):
    (folder / "probes.yaml").write_text("ridge: {kind: ridge\n")
    refused("probes.yaml", "not valid YAML", "line", folder=folder)


def test_a_file_that_is_missing_is_named(folder):
    (folder / "probes.yaml").unlink()
    refused("probes.yaml", "cannot be read", folder=folder)


def test_what_describes_a_model_is_not_handed_to_embed():
    made = study()
    described = set(made.models["mini_carp_600k"]) - set(made.network("mini_carp_600k"))
    assert described == {"about", "path"}
    assert set(made.network("onehot")) == {"family"}


def test_equal_content_is_equal_text_whatever_the_order_of_keys():
    assert canonical({"a": 1, "b": [1, 2]}) == canonical({"b": [1, 2], "a": 1})


def enum(name, *keys):
    """Return the values that a schema allows somewhere inside an entry."""
    schema = read_yaml(SCHEMAS / f"{name}.schema.yaml")
    for key in keys:
        schema = schema[key]
    return schema["enum"]


ENTRY = ("additionalProperties", "properties")
REGISTRIES = [
    (("models", *ENTRY, "family"), FAMILIES),
    (("models", "$defs", "poolings", "items"), POOLS),
    (("config", "properties", "pooling", "items"), POOLS),
    (("datasets", *ENTRY, "letters"), LETTER_POLICIES),
    (("datasets", *ENTRY, "too_long"), LENGTH_POLICIES),
    (("datasets", *ENTRY, "metric"), METRICS),
    (("probes", *ENTRY, "kind"), PROBES),
    (("probes", *ENTRY, "scale"), SCALES),
    (("probes", *ENTRY, "select"), SELECTIONS),
    (("ablations", *ENTRY, "esm1", "items", "properties", "init"), INITIALISERS),
]


@pytest.mark.parametrize(
    ("place", "registry"), REGISTRIES, ids=["-".join(p) for p, _ in REGISTRIES]
)
def test_a_schema_allows_what_the_code_knows(place, registry):
    assert set(enum(*place)) == set(registry)


def test_every_family_with_weights_may_have_an_ablation_table():
    schema = read_yaml(SCHEMAS / "ablations.schema.yaml")
    tables = schema["additionalProperties"]["properties"]
    assert set(tables) == set(FAMILIES) - {"onehot"}


def undescribed(schema, place=""):
    """Yield the places of a schema whose property has no description."""
    for key, value in schema.get("properties", {}).items():
        if "description" not in value:
            yield f"{place}/{key}"
        yield from undescribed(value, f"{place}/{key}")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from undescribed(schema["additionalProperties"], f"{place}/*")
    if isinstance(schema.get("items"), dict):
        yield from undescribed(schema["items"], f"{place}[]")


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_setting_is_described(path):
    assert list(undescribed(read_yaml(path))) == []


def test_model_names_are_those_of_their_files():
    for name, entry in read_yaml(CONFIG / "models.yaml").items():
        if "url" in entry:
            assert re.search(rf"/{re.escape(name)}\.pt$", entry["url"])


def test_network_keys_are_what_decides_an_embedding():
    schema = read_yaml(SCHEMAS / "models.schema.yaml")["additionalProperties"]["properties"]
    assert set(NETWORK) == set(schema) - {"url", "path", "pooling", "about"}
