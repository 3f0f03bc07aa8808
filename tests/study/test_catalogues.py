"""Configuration: what is accepted, filled in, and refused in a sentence that helps."""

import pytest

from helpers.configurations import copied, spoiled, study
from plmbench.core.errors import InputError


@pytest.fixture
def folder(tmp_path):
    """Return a copy of config/ to spoil."""
    return copied(tmp_path / "config")


def refused(*words, **settings):
    """Check that a configuration is refused with a message that has these words."""
    with pytest.raises(InputError) as caught:
        study(**settings)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("name", ["config", "paper", "positive_control"])
def test_shipped_configurations_are_accepted(name):
    assert study(name=name).runs()


def test_defaults_are_filled_in_at_every_depth():
    made = study()
    assert made.config["compute"] == {
        "device": "auto",
        "probe_device": "cpu",
        "environment": "embed",
        "backend": "fast",
        "tokens_per_batch": "auto",
    }
    assert made.config["statistics"] == {"n_bootstrap": 1000, "seed": 0, "min_effect": {}}
    entry = made.datasets["gb1"]
    assert entry["validation"] == {"folds": 5, "seed": 0}
    assert (entry["nonstandard_residues"], entry["long_sequences"]) == ("error", "error")
    assert (entry["task_type"], entry["format"]) == ("regression", "csv")
    about = {"title": "one-hot", "role": "baseline", "pretraining": 1}
    assert made.models["onehot"]["about"] == about
    assert made.models["mini_carp_600k"]["about"]["role"] == "network"
    assert (made.probes["mlp"]["layers"], made.probes["ridge"]["seeds"]) == ("all", [0])


def test_what_an_entry_says_stands_before_the_defaults(folder):
    spoiled(
        folder,
        "datasets",
        lambda c: c["gb1"].update(validation={"seed": 3}, nonstandard_residues="drop"),
    )
    entry = study(folder).datasets["gb1"]
    assert (entry["validation"], entry["nonstandard_residues"]) == ({"seed": 3, "folds": 5}, "drop")


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
        ({"weights": "pretrained"}, ["config: weights", "no list"]),
        ({"weights": ["reinit-00"]}, ["'reinit-00'", "such as 'reinit-0'"]),
        ({"weights": ["none"]}, ["weights", "'none' is no entry", "known: depth, gaussian"]),
        ({"pooling": ["median"]}, ["pooling", "'median' is not allowed"]),
        ({"pooling": ["avg"]}, ["'avg' is not allowed; known: cls, flat, last, max, mean"]),
        ({"tasks": []}, ["config: tasks", "non-empty"]),
        (
            {"probes": ["zzzzzz"]},
            ["'zzzzzz'", "known: light_attention, light_attention_small, logistic"],
        ),
        ({"controls": ["ridge_shufled"]}, ["controls", "did you mean 'ridge_shuffled'?"]),
        (
            {"controls": ["ridge"]},
            ["controls: 'ridge' stands under probes, too", "take it out of one of them"],
        ),
        (
            {"probes": ["mlp", "logistic_small"], "controls": ["ridge_shuffled", "logistic_small"]},
            ["controls: 'logistic_small' stands under probes, too"],
        ),
        (
            {"probes": ["ridge_shuffled"], "controls": ["ridge_shuffled"]},
            ["controls: 'ridge_shuffled' stands under probes, too"],
        ),
        (
            {"probes": ["ridge", "ridge_shuffled"], "controls": []},
            ["probes: 'ridge_shuffled' is a control of 'ridge'", "under controls"],
        ),
        *(
            ({key: [name, "other", name]}, [f"{key}: ", f"has '{name}' more than once"])
            for key, name in {
                "probes": "ridge",
                "controls": "ridge_shuffled",
                "weights": "reinit-0",
                "models": "onehot",
                "checkpoints": "mini_carp_600k_12",
                "recipes": "mini_carp_100k",
            }.items()
        ),
        (
            {"probes": ["logistic"]},
            ["probes: none of logistic", "gb1_medium/low_vs_high", "regression"],
        ),
        ({"layers": {"evry": 2}}, ["layers", "'evry'", "did you mean 'every'?"]),
        ({"layers": []}, ["layers", "non-empty"]),
        ({"layers": "some"}, ["layers", "'some' is not allowed"]),
        ({"layers": 3}, ["layers", "3 is none of those allowed"]),
        ({"layers": [True]}, ["layers: 0", "True is no integer"]),
        ({"checkpoints": None}, ["checkpoints", "has no value"]),
        ({"dtype": "float8"}, ["dtype", "'float8' is not allowed"]),
        ({"statistics": {"n_bootstrap": 10}}, ["statistics: n_bootstrap", "minimum"]),
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
        (
            "models",
            lambda c: c["carp_38M"].update(architecture={"hidden_sise": 1}),
            ["'hidden_size'?"],
        ),
        (
            "datasets",
            lambda c: c["gb1"]["splits"]["sampled"].update(pth="x"),
            ["sampled", "'path'"],
        ),
        ("datasets", lambda c: c["gb1"].update(validation={"sed": 1}), ["validation", "'seed'?"]),
        ("probes", lambda c: c["ridge"].update(scales="l2"), ["ridge", "did you mean 'scale'?"]),
        ("models", lambda c: c["mini_carp_600k"].pop("path"), ["neither path nor url"]),
        (
            "models",
            lambda c: c["carp_38M"].update(num_layers="16"),
            ["carp_38M: num_layers", "integer"],
        ),
        (
            "datasets",
            lambda c: c["gb1"].update(nonstandard_residues="ignore"),
            ["gb1: nonstandard_residues", "'ignore'"],
        ),
        ("datasets", lambda c: c["gb1"].update(slice=[5, 2]), ["gb1: slice", "keeps nothing"]),
        ("datasets", lambda c: c["gb1"].pop("splits"), ["gb1", "lacks splits"]),
        ("probes", lambda c: c["ridge"].update(alphas=[0]), ["ridge: alphas: 0"]),
        ("ablations", lambda c: c["reinit"].update(action="one"), ["reinit: action", "'one'"]),
        (
            "families/carp",
            lambda c: c["parameters"][0].update(initialiser="one"),
            ["carp.yaml: parameters: 0: initialiser", "did you mean 'ones'?"],
        ),
        ("families/esm2", lambda c: c["parameters"][0].update(block=1), ["unknown key 'block'"]),
        ("families/esm2", lambda c: c.update(encoder="esm3.Esm3"), ["no scripts/plmbench/models"]),
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
    spoiled(folder, "models", lambda c: c["carp_38M"].update(num_layers="16", hidden_size=0))
    refused("carp_38M: num_layers", "carp_38M: hidden_size", folder=folder)


def test_a_file_that_is_not_yaml_is_named_with_its_line(folder):
    (folder / "probes.yaml").write_text("ridge: {kind: ridge\n")
    refused("probes.yaml", "not valid YAML", "line", folder=folder)


def test_a_file_that_is_missing_is_named(folder):
    (folder / "probes.yaml").unlink()
    refused("probes.yaml", "cannot be read", folder=folder)


def test_numbers_that_a_command_line_hands_over_as_text_are_numbers():
    made = study(layers={"every": "2"}, statistics={"n_bootstrap": "200", "min_effect": "0.5"})
    assert made.config["layers"] == {"every": 2}
    assert made.config["statistics"] == {"n_bootstrap": 200, "seed": 0, "min_effect": 0.5}
