"""Entries of the catalogues whose keys do not go together are refused, before anything runs."""

import pytest

from plmbench.entries import check_dataset, check_probe
from plmbench.errors import InputError

TABLE = {"kind": "regression", "format": "csv", "splits": {"first": {"path": "x.csv"}}}
RESIDUES = {"kind": "residue_classification", "format": "residue_fasta"}
LABELS = {"path": "x.fasta", "sequences": "s.fasta"}
ZIP = {"url": "https://example.org/x.zip"}


@pytest.mark.parametrize(
    "entry",
    [
        TABLE,
        TABLE | {"slice": [0, 1], "metric": "rmse"},
        TABLE | {"columns": {"target": "y"}},
        TABLE | {"splits": {"first": {"columns": {"target": "y"}}}, "download": ZIP},
        TABLE | {"splits": {"first": {"download": ZIP}}},
        TABLE | {"format": "flip_fasta", "kind": "classification", "metric": "roc_auc"},
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
    "ridge": {"kind": "ridge", "alphas": [1], "scale": "l2", "select": "as_published"},
    "logistic": {"kind": "logistic", "Cs": [1], "select": "cross_entropy"},
    "mlp": {"kind": "mlp", "hidden": [[2]], "alphas": [1]},
    "ridge_shuffled": {"shuffles": "ridge"},
}
PROBES = {name: entry | FILLED for name, entry in PROBES.items()}


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_of_settings_of_its_kind_is_accepted(name):
    check_probe(name, PROBES[name], PROBES)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("ridge", {"Cs": [1]}, "Cs is no setting of kind ridge"),
        ("ridge", {"patience": 1}, "patience is no setting of kind ridge"),
        ("ridge", {"select": "cross_entropy"}, "select: ridge cannot choose by 'cross_entropy'"),
        ("logistic", {"alphas": [1]}, "alphas is no setting of kind logistic"),
        ("logistic", {"select": "rmse"}, "select: logistic cannot choose by 'rmse'"),
        ("mlp", {"select": "as_published"}, "select: mlp cannot choose by 'as_published'"),
        ("mlp", {"scale": "l2"}, "scale is no setting of kind mlp"),
        ("ridge_shuffled", {"shuffles": "rigde"}, "'rigde' is no probe; did you mean 'ridge'?"),
        ("ridge_shuffled", {"shuffles": "ridge_shuffled"}, "'ridge_shuffled' is no probe"),
        ("ridge_shuffled", {"alphas": [1]}, "alphas has no use beside shuffles"),
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
        ("mlp", "kind"),
    ],
)
def test_a_probe_without_a_setting_that_it_needs_is_refused_by_name(name, key):
    entry = {other: value for other, value in PROBES[name].items() if other != key}
    with pytest.raises(InputError, match=f"config/probes.yaml: {name}: lacks {key}"):
        check_probe(name, entry, PROBES)
