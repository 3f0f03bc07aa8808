"""Entries of the catalogues whose keys do not go together are refused, before anything runs."""

import pytest

from plmbench.core.errors import InputError
from plmbench.study.ablation_entries import in_verdict
from plmbench.study.entries import check_controls, checked

TABLE = {"task_type": "regression", "format": "csv", "splits": {"first": {"path": "x.csv"}}}
RESIDUES = {"task_type": "residue_classification", "format": "residue_fasta"}
LABELS = {"path": "x.fasta", "sequences": "s.fasta"}
ZIP = {"url": "https://example.org/x.zip"}
SIZES = {"hidden_size": 8}
BRACES = {"path": "a/{dataset}.x"}


def read(file, entry, name="toy"):
    """Return an entry of a catalogue as it is read."""
    return checked({name: entry}, file, f"config/{file}.yaml")[name]


def refused(file, entry, words, name="toy"):
    """Check that an entry is refused with a message that names its place and has these words."""
    with pytest.raises(InputError) as caught:
        read(file, entry, name)
    assert str(caught.value).startswith(f"config/{file}.yaml: {name}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"family": "random_projection"}, "lacks architecture, which family random_projection"),
        ({"family": "onehot", "path": "x.pt"}, "path is not for family onehot"),
        ({"family": "length", "sha256": "0" * 64}, "sha256 is not for family length"),
        ({"family": "esm2", "architecture": SIZES}, "architecture is not for family esm2"),
        ({"family": "carp", "architecture": {"dilation": 0}}, "architecture: dilation: 0 is less"),
        ({"family": "random_projection", "architecture": {"hidden_size": -1}}, "hidden_size: -1"),
        (
            {"family": "random_projection", "architecture": SIZES | {"dilation": 1}},
            "architecture: dilation is not for family random_projection",
        ),
        ({"family": "random_projection", "architecture": {}}, "architecture: lacks hidden_size"),
        ({}, "lacks family; known: "),
        ({"family": "carb"}, "family: 'carb' is not allowed; did you mean 'carp'?"),
        ({"family": ["carp"]}, "family: ['carp'] is not allowed"),
        ({"family": "carp", "hidden_size": True}, "hidden_size: True is no integer"),
        ({"family": "carp", "hidden_size": 3.0}, "hidden_size: 3.0 is no integer"),
        ({"family": "carp", "hidden_size": 1 << 63}, "is no integer that 64 bits hold"),
        ({"family": "carp", "about": {"loss": float("nan")}}, "about: loss: nan is no number that"),
        ({"family": "carp", "about": {"loss": -float("inf")}}, "about: loss: -inf is no number"),
        ({"family": "carp", "about": {"loss": True}}, "about: loss: True is no number"),
        ({"family": "carp", "sha256": "0" * 64 + "\n"}, "sha256: '0000"),
        ({"family": "carp"} | BRACES, "path: 'a/{dataset}.x' holds a brace"),
        ([], "[] is no mapping"),
    ],
)
def test_a_model_that_its_family_cannot_be_built_from_is_refused(entry, words):
    refused("models", entry, words)


def test_a_path_in_which_snakemake_would_see_a_wildcard_is_refused():
    sources = [BRACES, {"path": "x", "test": BRACES}]
    entries = [TABLE | {"splits": {"first": source}} for source in sources]
    entries += [TABLE | {"download": BRACES}, TABLE | {"wild_type": "{model}.fasta"}]
    for entry in entries:
        with pytest.raises(InputError, match=r"toy.*holds a brace.*rename the file"):
            read("datasets", entry)
    read("datasets", TABLE | {"download": ZIP, "splits": {"first": BRACES}})  # a member's name


@pytest.mark.parametrize(
    "entry",
    [
        {"family": "random_projection", "architecture": SIZES},
        {"family": "carp", "architecture": {"slim": False, "dilation": 1}},
        {"family": "esm2", "about": {"loss": 3}},
    ],
)
def test_a_model_with_what_its_family_reads_stays_as_it_is_written(entry):
    about = {"role": "network", "pretraining": 1, **entry.get("about", {})}
    assert read("models", entry).as_dict() == entry | {"about": about}


@pytest.mark.parametrize(
    "entry",
    [
        TABLE,
        TABLE | {"slice": [0, 1], "metric": "rmse"},
        TABLE | {"columns": {"target": "y"}},
        TABLE | {"splits": {"first": {"columns": {"target": "y"}}}, "download": ZIP},
        TABLE | {"format": "flip_fasta", "task_type": "classification", "metric": "roc_auc"},
        {"splits": {"first": {"path": "x.csv"}}},
        RESIDUES | {"splits": {"first": LABELS}, "metric": "mcc"},
        RESIDUES | {"splits": {"first": LABELS | {"mask": "m.fasta", "test": {"path": "t.csv"}}}},
        RESIDUES | {"splits": {"first": LABELS | {"test": {"download": ZIP}}}},
    ],
)
def test_a_data_set_that_can_be_read_is_accepted(entry):
    made = read("datasets", entry).as_dict()
    assert {key: made[key] for key in entry} == entry


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (TABLE | {"slice": [5, 5]}, "slice: [5, 5] keeps nothing"),
        (TABLE | {"slice": [5]}, "slice: [5] should have 2 elements"),
        (TABLE | {"metric": "accuracy"}, "metric: 'accuracy' is not for regression; choose one of"),
        (TABLE | {"metric": "as_published"}, "metric: 'as_published' is not allowed"),
        (TABLE | {"format": "cvs"}, "format: 'cvs' is not allowed; did you mean 'csv'?"),
        (TABLE | {"splits": {}}, "splits: {} should be non-empty"),
        (TABLE | {"splits": {"first": {}}}, "splits: first: has neither path nor download"),
        (TABLE | {"download": {"sha256": "0" * 64}}, "download: has neither url nor path"),
        (
            TABLE | {"splits": {"first": {"path": "x", "published": "gains"}}},
            "splits: first: published: 'gains' is not allowed; known: benefits, no benefit, scales",
        ),
        (
            TABLE | {"splits": {"first": {"path": "x", "sha256": {"pth": "0"}}}},
            "splits: first: sha256: unknown key 'pth'; did you mean 'path'?",
        ),
        (
            RESIDUES | {"splits": {"first": LABELS | {"test": {}}}},
            "splits: first: test: has neither path nor download",
        ),
        (
            RESIDUES | {"splits": {"first": {"path": "x.fasta"}}},
            "splits: first: lacks sequences, which format residue_fasta needs",
        ),
        (
            RESIDUES | {"splits": {"first": LABELS | {"test": {"path": "t", "mask": "m"}}}},
            "splits: first: test: mask is not for format csv",
        ),
        (
            TABLE | {"format": "netsurfp_csv", "columns": {"id": "name"}},
            "columns is not for format netsurfp_csv",
        ),
        (
            TABLE | {"splits": {"first": LABELS}},
            "splits: first: sequences is not for format csv",
        ),
    ],
)
def test_a_data_set_that_cannot_be_read_is_refused_with_its_place(entry, words):
    refused("datasets", entry, words)


PROBES = {
    "ridge": {"type": "ridge", "alphas": [1], "scale": "l2", "select": "as_published"},
    "logistic": {"type": "logistic", "Cs": [1], "select": "cross_entropy"},
    "mlp": {"type": "mlp", "hidden": [[2]], "alphas": [1]},
    "ridge_permuted": {"permutes_labels_of": "ridge"},
    "logistic_selectivity": {"selectivity_of": "logistic"},
}


def test_probes_of_settings_of_their_types_are_accepted_and_filled():
    made = checked(PROBES, "probes", "config/probes.yaml")
    check_controls(made, "config/probes.yaml")
    common = {"seeds": [0], "layers": "all", "max_residues": 100_000}
    assert made["mlp"].as_dict() == PROBES["mlp"] | common
    assert made["ridge_permuted"].as_dict() == PROBES["ridge_permuted"]


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("ridge", {"Cs": [1]}, "Cs is not for type ridge"),
        ("logistic", {"task_types": ["regression"]}, "task_types: logistic is not for regression"),
        ("ridge", {"patience": 1}, "patience is not for type ridge"),
        ("ridge", {"pateince": 1}, "unknown key 'pateince'"),
        ("ridge", {"scale": "l1"}, "scale: 'l1' is not allowed; did you mean 'l2'?"),
        ("ridge", {"select": "cross_entropy"}, "select: ridge cannot choose by 'cross_entropy'"),
        ("ridge", {"seeds": [0, 0]}, "seeds: [0, 0] has 0 more than once"),
        ("logistic", {"alphas": [1]}, "alphas is not for type logistic"),
        ("logistic", {"select": "rmse"}, "select: logistic cannot choose by 'rmse'"),
        ("mlp", {"select": "as_published"}, "select: mlp cannot choose by 'as_published'"),
        ("mlp", {"scale": "l2"}, "scale is not for type mlp"),
        ("mlp", {"hidden": [[2, 0]]}, "hidden: 0: 1: 0 is less than the minimum of 1"),
        ("mlp", {"type": "mpl"}, "type: 'mpl' is not allowed; did you mean 'mlp'?"),
        ("ridge_permuted", {"alphas": [1]}, "alphas is not for control on permuted labels"),
        ("logistic_selectivity", {"Cs": [1]}, "Cs is not for control task"),
    ],
)
def test_a_probe_of_settings_that_it_lacks_is_refused_by_name(name, change, words):
    refused("probes", PROBES[name] | change, words, name)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ridge", "alphas"),
        ("logistic", "Cs"),
        ("mlp", "hidden"),
        ("mlp", "alphas"),
        ("mlp", "type"),
    ],
)
def test_a_probe_without_a_setting_that_it_needs_is_refused_by_name(name, key):
    entry = {other: value for other, value in PROBES[name].items() if other != key}
    refused("probes", entry, f"lacks {key}", name)


@pytest.mark.parametrize("value", [None, [], [1], {}, {"a": 1}, ["a", "b"], float("nan")])
def test_a_setting_of_a_network_that_does_not_stand_alone_is_one_sentence(value):
    entry = {"family": "transformers", "path": "a", "config": {"model_type": "bert", "x": value}}
    with pytest.raises(InputError) as caught:
        checked({"mine": entry}, "models", "models.yaml")
    said = "is no text, no number, and neither true nor false"
    assert str(caught.value) == f"models.yaml: mine: config: x: {value} {said}"


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("rigde", "'rigde' is no probe; did you mean 'ridge'?"),
        ("ridge_permuted", "'ridge_permuted' is no probe"),
    ],
)
@pytest.mark.parametrize("key", ["permutes_labels_of", "selectivity_of"])
def test_a_control_is_that_of_a_probe(key, other, words):
    made = checked(PROBES | {"ridge_permuted": {key: other}}, "probes", "here")
    with pytest.raises(InputError, match=rf"^here: ridge_permuted: {key}: ") as caught:
        check_controls(made, "here")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        ({"num_layers": 1, "hidden_size": 8}, "architecture: lacks num_heads"),
        (
            {"num_layers": 1, "hidden_size": 8, "num_heads": 2, "slim": True},
            "architecture: slim is not for family esm2",
        ),
    ],
)
def test_a_recipe_has_the_sizes_of_its_family(architecture, words):
    files = {"data": "a.fasta", "held_out": "b.fasta"}
    recipe = {"family": "esm2", "steps": 8, "learning_rate": 0.1, **files}
    refused("recipes", recipe | {"architecture": architecture}, words)


ONE_BLOCK = {"num_layers": 1, "intermediate_size": 8, "positions": 300}


@pytest.mark.parametrize(
    ("family", "keys", "width", "heads", "words"),
    [
        ("esm2", 1, 16, 3, "hidden_size 16 is no multiple of num_heads 3"),
        ("esm1b", 2, 16, 3, "hidden_size 16 is no multiple of num_heads 3"),
        ("transformers", 3, 16, 3, "hidden_size 16 is no multiple of num_heads 3"),
        ("esm2", 1, 6, 2, "hidden_size 6 gives each of 2 head(s) an odd width, and ESM-2 turns"),
        ("esm2", 1, 2, 2, "hidden_size 2 gives each of 2 head(s) an odd width"),
        ("esm2", 1, 17, 1, "hidden_size 17 gives each of 1 head(s) an odd width"),
        ("esm2", 1, 8, 2, ""),
        ("esm1b", 2, 6, 2, ""),
        ("transformers", 3, 15, 5, ""),
    ],
)
def test_a_recipe_whose_heads_make_no_network_is_refused(family, keys, width, heads, words):
    own = dict(list(ONE_BLOCK.items())[:keys])
    own |= {"hidden_size": width, "num_heads": heads}
    own |= {"model_type": "bert"} if family == "transformers" else {}
    files = {"data": "a.fasta", "held_out": "b.fasta"}
    recipe = {"family": family, "steps": 8, "learning_rate": 0.1, "architecture": own, **files}
    if words:
        refused("recipes", recipe, words)
    else:
        read("recipes", recipe)


@pytest.mark.parametrize(
    ("name", "entry", "bears"),
    [
        ("reinit", {"action": "reinit"}, True),
        ("resample", {"action": "shuffle"}, True),
        ("resample", {"action": "shuffle", "in_verdict": False}, False),
        ("reinit_last", {"action": "reinit"}, False),
        ("reinit_last", {"action": "reinit", "in_verdict": True}, True),
    ],
)
def test_an_ablation_bears_on_the_verdict_by_its_name_unless_it_says_otherwise(name, entry, bears):
    made = read("ablations", entry, name)
    assert made.as_dict() == entry
    assert in_verdict(name, made) is bears


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({}, "lacks action"),
        ({"action": "shufle"}, "action: 'shufle' is not allowed; did you mean 'shuffle'?"),
        ({"action": "reinit", "in_verdict": "yes"}, "in_verdict: 'yes' is no boolean"),
    ],
)
def test_an_ablation_that_says_nothing_known_is_refused(entry, words):
    refused("ablations", entry, words, "reinit")
