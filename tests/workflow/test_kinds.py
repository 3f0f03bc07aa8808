"""Tasks that predict a class a sequence, or a class a residue, from a user's files to verdicts."""

import csv
import json

import h5py
import numpy as np
import pytest

from helpers.classes import (
    ARMS,
    CLASSES,
    CONFIG,
    DATASETS,
    DIM,
    FOLDS,
    LAYERS,
    LIMIT,
    OTHERS,
    PROBES,
    RESIDUES,
    ROWS,
    SEQUENCES,
    both,
    new_study_of_classes,
)
from helpers.studies import Study

pytestmark = pytest.mark.slow  # the study of classes takes a minute or two


@pytest.fixture(scope="module")
def kinds(once):
    """Return the study of classes, after its run."""

    def make(folder):
        new_study_of_classes(folder).run()

    return Study(once("study of kinds", make))


@pytest.fixture(scope="module")
def scores(kinds):
    """Return {(data set, model, weights, probe, layer, seed, subset, metric): row} of scores."""
    keys = ("dataset", "model", "weights", "probe", "layer", "seed", "subset", "metric")
    rows = kinds.table("scores")
    found = {tuple(row[key] for key in keys): row for row in rows}
    assert len(found) == len(rows)
    return found


def sizes(scores, dataset, model, subset):
    """Return all n of a data set's subset for a model: they must be one."""
    found = {
        row["n"]
        for key, row in scores.items()
        if (key[0], key[1], key[6]) == (dataset, model, subset)
    }
    [size] = found
    return int(size)


def labels_of(study, dataset):
    """Return {name: row} of a data set's labels."""
    lines = study.read(f"results/labels/{dataset}/mine.tsv").splitlines()
    return {row["name"]: row for row in csv.DictReader(lines, delimiter="\t")}


def embeddings(study, dataset, model="tiny_carp/pretrained"):
    """Return an open file of embeddings."""
    return h5py.File(study.root / f"results/embeddings/{dataset}/{model}.h5")


def predictions(study, dataset, probe, model="tiny_carp/pretrained"):
    """Return an open file of predictions."""
    return h5py.File(study.root / f"results/predictions/{dataset}/mine/{model}/{probe}.h5")


def in_set(name):
    """Return the rows of a subset."""
    return [row for row in ROWS if row["set"] == name]


@pytest.mark.parametrize("dataset", SEQUENCES)
def test_a_users_csv_and_fasta_are_read_by_an_entry_of_the_catalogue(kinds, dataset):
    labels = labels_of(kinds, dataset)
    assert {name: (row["target"], row["subset"]) for name, row in labels.items()} == {
        row["name"]: (row["where"], row["set"]) for row in ROWS
    }


@pytest.mark.parametrize("dataset", RESIDUES)
def test_labels_and_masks_of_residues_are_those_of_the_files(kinds, dataset):
    labels = labels_of(kinds, dataset)
    trained = {r["name"]: (r["helix"], r["resolved"], "train") for r in in_set("train")}
    tested = {row["name"]: (row["helix"], both(row), "test") for row in OTHERS}
    assert {n: (r["target"], r["mask"], r["subset"]) for n, r in labels.items()} == trained | tested


@pytest.mark.parametrize("dataset", CLASSES)
def test_choices_are_made_on_folds_of_train_where_no_row_is_of_validation(kinds, scores, dataset):
    folds = {"train": {str(k) for k in range(FOLDS)}, "test": {"-1"}}
    for row in labels_of(kinds, dataset).values():
        assert row["fold"] in folds[row["subset"]]
    for model, _ in ARMS:
        train = sizes(scores, dataset, model, "train")
        assert sizes(scores, dataset, model, "validation") == train


def test_sequences_above_the_limit_are_left_out_under_drop(kinds, scores):
    short = {
        name: sum(len(r["protein"]) <= LIMIT for r in in_set(name)) for name in ("train", "test")
    }
    for name, count in short.items():
        assert 0 < count < len(in_set(name))
        assert sizes(scores, "places", "tiny_carp", name) == count
        assert sizes(scores, "places", "onehot", name) == len(in_set(name))
    with embeddings(kinds, "places") as file:
        assert len(file["dropped"]) == len(ROWS) - sum(short.values())


def test_arms_are_compared_on_the_sequences_that_all_of_them_have(kinds):
    short = sum(len(row["protein"]) <= LIMIT for row in in_set("test"))
    rows = [row for row in kinds.table("arms") if row["dataset"] == "places"]
    assert {row["model"] for row in rows} == {"onehot", "tiny_carp"}
    assert {int(row["n"]) for row in rows} == {short}


def test_sequences_above_the_limit_are_cut_under_ends(kinds, scores):
    for model, _ in ARMS:
        assert sizes(scores, "places_fasta", model, "test") == len(in_set("test"))
    with embeddings(kinds, "places_fasta") as file:
        assert file["lengths"][:].max() == LIMIT
        assert file.attrs["above_max_length"] == sum(len(r["protein"]) > LIMIT for r in ROWS)


def test_every_residue_counts_under_windows_where_its_mask_says_so(kinds, scores):
    expected = sum(both(row).count("1") for row in OTHERS)
    for model, _ in ARMS:
        assert sizes(scores, "helices", model, "test") == expected
        trained = sum(row["resolved"].count("1") for row in in_set("train"))
        assert sizes(scores, "helices", model, "train") == trained
    with embeddings(kinds, "helices") as file:
        used = [*in_set("train"), *OTHERS]  # not the labels' own test rows
        assert sorted(file["lengths"][:]) == sorted(len(row["protein"]) for row in used)


def test_labels_and_masks_are_cut_as_sequences_are_under_truncate(kinds, scores):
    cut = sum(both(row)[:LIMIT].count("1") for row in OTHERS)
    whole = sum(both(row).count("1") for row in OTHERS)
    assert sizes(scores, "helices_first", "tiny_carp", "test") == cut < whole
    assert sizes(scores, "helices_first", "onehot", "test") == whole
    with predictions(kinds, "helices_first", "logistic") as file:
        found = "".join(np.array(list("CEH"))[file["y_true"][:]])
        names = file["names"].asstr()[:].tolist()
    by_name = {row["name"]: row for row in OTHERS}
    assert found == "".join(
        letter
        for name in names
        for letter, kept in zip(by_name[name]["helix"][:LIMIT], both(by_name[name]), strict=False)
        if kept == "1"
    )


@pytest.mark.parametrize("dataset", RESIDUES)
def test_residues_are_stored_without_padding_for_the_chosen_layers(kinds, dataset):
    with embeddings(kinds, dataset) as file:
        assert file["residues/layers"][:].tolist() == [0, LAYERS - 1]
        assert file["residues/values"].dtype == np.float16
        assert file["residues/values"].shape == (2, file["lengths"][:].sum(), DIM)
        assert np.diff(file["residues/offsets"][:]).tolist() == file["lengths"][:].tolist()


@pytest.mark.parametrize("dataset", SEQUENCES)
def test_means_are_stored_for_every_layer(kinds, dataset):
    with embeddings(kinds, dataset) as file:
        assert file["mean"].shape == (LAYERS, len(file["ids"]), DIM)
        assert file["mean"].dtype == np.float16


@pytest.mark.parametrize("probe", ["logistic", "mlp"])
@pytest.mark.parametrize("dataset", CLASSES)
def test_kept_predictions_are_probabilities_that_give_the_accuracy_again(
    kinds, scores, dataset, probe
):
    for model, weights in ARMS:
        arm = f"{model}/{weights}"
        with predictions(kinds, dataset, probe, arm) as file:
            y_true, classes = file["y_true"][:], json.loads(file.attrs["classes"])
            [pooling] = {"mean", "residues"} & set(file)
            layers = {layer: values[:] for layer, values in file[pooling].items()}
        assert classes == list(CLASSES[dataset])
        assert len(layers) == (1 if model == "onehot" else 2 if dataset in RESIDUES else LAYERS)
        for layer, values in layers.items():
            assert values.shape == (len(PROBES[probe].get("seeds", [0])), len(y_true), len(classes))
            np.testing.assert_allclose(values.sum(2), 1, atol=1e-5)
            for seed, prediction in enumerate(values):
                key = (dataset, model, weights, probe, layer, str(seed), "test", "accuracy")
                found = (prediction.argmax(1) == y_true).mean()
                assert float(scores[key]["value"]) == pytest.approx(found, abs=1e-12)


def test_units_of_residues_are_chains(kinds):
    with predictions(kinds, "helices", "ridge") as file:
        names = file["names"].asstr()[:].tolist()
        assert sorted(names) == sorted(row["name"] for row in OTHERS)
        counts = {row["name"]: both(row).count("1") for row in OTHERS}
        assert np.diff(file["offsets"][:]).tolist() == [counts[name] for name in names]
    with predictions(kinds, "places_fasta", "ridge") as file:
        assert "offsets" not in file


def test_a_metric_that_a_probe_cannot_have_is_nan_with_its_reason(scores):
    for key, row in scores.items():
        if key[3] == "ridge" and key[7] == "cross_entropy":
            assert row["value"] == "NaN"
            assert row["reason"]
        elif key[7] == "accuracy":
            assert 0 <= float(row["value"]) <= 1
            assert not row["reason"]


def test_every_task_probe_and_network_has_a_verdict_by_accuracy(kinds):
    rows = kinds.table("verdicts")
    assert {(row["dataset"], row["probe"], row["pooling"], row["model"]) for row in rows} == {
        (dataset, probe, "residues" if dataset in RESIDUES else "mean", "tiny_carp")
        for dataset in CLASSES
        for probe in CONFIG["probes"]
    }
    assert {row["metric"] for row in rows} == {"accuracy"}
    assert {row["minus_onehot"] for row in rows}.isdisjoint({"", "NaN"})
    shown = {row["probe"] for row in rows if row["minus_shuffled_labels"] != "NaN"}
    assert shown == {"logistic"}


def test_the_table_of_data_sets_says_what_was_done_about_limits(kinds):
    rows = {row["dataset"]: row for row in kinds.table("datasets")}
    for name, entry in DATASETS.items():
        assert (rows[name]["long_sequences"], rows[name]["max_length"]) == (
            entry["long_sequences"],
            str(LIMIT),
        )
        assert (rows[name]["task_type"], rows[name]["folds"]) == (
            entry["task_type"],
            str(FOLDS),
        )
    assert rows["places"]["above_max_length"] == str(sum(len(r["protein"]) > LIMIT for r in ROWS))


def test_the_page_shows_every_kind_of_task(kinds):
    page = kinds.read("results/study.html")
    for entry in DATASETS.values():
        assert entry["about"]["title"] in page
    assert page.count("<svg") == 1 + 3 * len(DATASETS)
