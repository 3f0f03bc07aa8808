"""Entries of the catalogues whose keys do not go together are refused, before anything runs."""

import pytest

from plmbench.core.errors import InputError
from plmbench.study.entries import FAMILIES as KEYS
from plmbench.study.entries import check_dataset, check_model, check_probe
from plmbench.study.families import families

TABLE = {"task_type": "regression", "format": "csv", "splits": {"first": {"path": "x.csv"}}}
RESIDUES = {"task_type": "residue_classification", "format": "residue_fasta"}
LABELS = {"path": "x.fasta", "sequences": "s.fasta"}
ZIP = {"url": "https://example.org/x.zip"}


SIZES = {"hidden_size": 8}


def test_every_family_says_which_keys_it_reads():
    found = families().items()
    assert {n: (tuple(f.required), tuple(f.optional)) for n, f in found} == KEYS


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"family": "random_projection"}, "lacks architecture, which family random_projection"),
        ({"family": "onehot", "path": "x.pt"}, "path is not for family onehot"),
        ({"family": "length", "sha256": "0" * 64}, "sha256 is not for family length"),
        ({"family": "esm2", "url": "x", "architecture": SIZES}, "architecture is not for family"),
        ({"family": "carp", "architecture": {"r": 0}}, "architecture: r is 0; give 1 or more"),
        ({"family": "random_projection", "architecture": {"hidden_size": -1}}, "hidden_size is -1"),
        (
            {"family": "random_projection", "architecture": SIZES | {"dilation": 1}},
            "give hidden_size, and",
        ),
        ({"family": "random_projection", "architecture": {}}, "give hidden_size, and no more"),
    ],
)
def test_a_model_that_its_family_cannot_be_built_from_is_refused(entry, words):
    with pytest.raises(InputError, match=r"^config/models\.yaml: toy: ") as caught:
        check_model("toy", entry)
    assert words in str(caught.value)


BRACES = {"path": "a/{dataset}.x"}


def test_a_path_in_which_snakemake_would_see_a_wildcard_is_refused():
    sources = [BRACES, {"path": "x", "test": BRACES}, {"download": BRACES}]
    entries = [TABLE | {"splits": {"first": source}} for source in sources]
    for entry in [*entries, TABLE | {"wild_type": "{model}.fasta"}]:
        with pytest.raises(InputError, match=r"toy.*holds a brace.*rename the file"):
            check_dataset("toy", entry)
    with pytest.raises(
        InputError, match=r"models\.yaml: toy: path: 'a/{dataset}\.x' holds a brace"
    ):
        check_model("toy", {"family": "carp"} | BRACES)
    check_dataset("toy", TABLE | {"download": ZIP, "splits": {"first": BRACES}})  # a member's name


def test_a_model_with_what_its_family_reads_is_accepted():
    check_model("toy", {"family": "random_projection", "architecture": SIZES})
    check_model("toy", {"family": "carp", "architecture": {"slim": False, "r": 1}})


@pytest.mark.parametrize(
    "entry",
    [
        TABLE,
        TABLE | {"slice": [0, 1], "metric": "rmse"},
        TABLE | {"columns": {"target": "y"}},
        TABLE | {"splits": {"first": {"columns": {"target": "y"}}}, "download": ZIP},
        TABLE | {"splits": {"first": {"download": ZIP}}},
        TABLE | {"format": "flip_fasta", "task_type": "classification", "metric": "roc_auc"},
        RESIDUES | {"splits": {"first": LABELS}, "metric": "mcc"},
        RESIDUES | {"splits": {"first": LABELS | {"mask": "m.fasta", "test": {"path": "t.csv"}}}},
        RESIDUES | {"splits": {"first": LABELS | {"test": {"download": ZIP}}}},
    ],
)
def test_a_data_set_that_can_be_read_is_accepted(entry):
    check_dataset("toy", entry)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (TABLE | {"slice": [5, 5]}, "slice: [5, 5] keeps nothing"),
        (TABLE | {"metric": "accuracy"}, "metric: 'accuracy' is not for regression; choose one of"),
        (TABLE | {"metric": "as_published"}, "'as_published' is not for regression"),
        (TABLE | {"splits": {"first": {}}}, "splits: first has neither path nor download"),
        (
            RESIDUES | {"splits": {"first": LABELS | {"test": {}}}},
            "splits: first: test has neither path nor download",
        ),
        (
            RESIDUES | {"splits": {"first": {"path": "x.fasta"}}},
            "splits: first lacks sequences, which format residue_fasta needs",
        ),
        (
            RESIDUES | {"splits": {"first": LABELS | {"test": {"path": "t", "mask": "m"}}}},
            "splits: first: test: mask is not for format csv",
        ),
        (
            TABLE | {"format": "netsurfp_csv", "columns": {"id": "name"}},
            "splits: first: columns is not for format netsurfp_csv",
        ),
    ],
)
def test_a_data_set_that_cannot_be_read_is_refused_with_its_place(entry, words):
    with pytest.raises(InputError) as caught:
        check_dataset("toy", entry)
    assert str(caught.value).startswith("config/datasets.yaml: toy: ")
    assert words in str(caught.value)


FILLED = {"seeds": [0], "layers": "all", "max_residues": 9}
PROBES = {
    "ridge": {"type": "ridge", "alphas": [1], "scale": "l2", "select": "as_published"},
    "logistic": {"type": "logistic", "Cs": [1], "select": "cross_entropy"},
    "mlp": {"type": "mlp", "hidden": [[2]], "alphas": [1]},
    "ridge_shuffled": {"permutes_labels_of": "ridge"},
}
PROBES = {name: entry | FILLED for name, entry in PROBES.items()}


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_of_settings_of_its_kind_is_accepted(name):
    check_probe(name, PROBES[name], PROBES)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("ridge", {"Cs": [1]}, "Cs is no setting of type ridge"),
        ("logistic", {"task_types": ["regression"]}, "task_types: logistic is not for regression"),
        ("ridge", {"patience": 1}, "patience is no setting of type ridge"),
        ("ridge", {"select": "cross_entropy"}, "select: ridge cannot choose by 'cross_entropy'"),
        ("logistic", {"alphas": [1]}, "alphas is no setting of type logistic"),
        ("logistic", {"select": "rmse"}, "select: logistic cannot choose by 'rmse'"),
        ("mlp", {"select": "as_published"}, "select: mlp cannot choose by 'as_published'"),
        ("mlp", {"scale": "l2"}, "scale is no setting of type mlp"),
        (
            "ridge_shuffled",
            {"permutes_labels_of": "rigde"},
            "'rigde' is no probe; did you mean 'ridge'?",
        ),
        (
            "ridge_shuffled",
            {"permutes_labels_of": "ridge_shuffled"},
            "'ridge_shuffled' is no probe",
        ),
        ("ridge_shuffled", {"alphas": [1]}, "alphas has no use beside permutes_labels_of"),
    ],
)
def test_a_probe_of_settings_that_it_lacks_is_refused_by_name(name, change, words):
    with pytest.raises(InputError) as caught:
        check_probe(name, PROBES[name] | change, PROBES)
    assert str(caught.value).startswith(f"config/probes.yaml: {name}: ")
    assert words in str(caught.value)


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
    with pytest.raises(InputError, match=f"config/probes.yaml: {name}: lacks {key}"):
        check_probe(name, entry, PROBES)
