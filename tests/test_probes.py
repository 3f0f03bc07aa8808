"""Probes: the solver, the choices, and the numbers they must give."""

import itertools
import json
import logging
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, spearmanr
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score, root_mean_squared_error
from sklearn.preprocessing import StandardScaler

from plmbench.catalogues import Study, read_yaml
from plmbench.datasets import STANDARD, read_split
from plmbench.errors import InputError
from plmbench.metrics import METRICS
from plmbench.probes import SCALES, SELECTIONS, Examples, fit_ridge, score_layers
from plmbench.ridge import RidgePath
from plmbench.store import new_embeddings, open_embeddings

ROOT = Path(__file__).resolve().parents[1]
ALPHAS = [1e-6, 1e-3, 1.0, 1e3, 1e6]
PROBES = Study(read_yaml(ROOT / "config/config.yaml"), ROOT / "config").probes


def examples(count, width, seed=0, noise=1.0):
    """Return features with an offset and unequal scales, and a target that depends on them."""
    draw = np.random.default_rng(seed)
    weights = np.random.default_rng(99).normal(size=width)
    X = draw.normal(size=(count, width)) * np.linspace(0.1, 3, width)
    return Examples(X + 5, X @ weights + noise * draw.normal(size=count) + 2)


# The square case is nearly singular after centring: a Gram matrix loses half the digits there.
@pytest.mark.parametrize(
    ("count", "width", "error"), [(200, 30, 1e-9), (30, 200, 1e-9), (50, 50, 1e-7)]
)
@pytest.mark.parametrize("alpha", ALPHAS)
def test_ridge_equals_scikit_learn_in_float64(count, width, error, alpha):
    train, test = examples(count, width), examples(40, width, seed=1)
    expected = Ridge(alpha, solver="svd").fit(*train).predict(test.X)
    found = RidgePath(*train).predict(test.X, ALPHAS)[:, ALPHAS.index(alpha)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=error * np.abs(expected).max())


@pytest.mark.parametrize("select", ["spearman", "r2", "pearson"])
def test_choice_of_alpha_does_not_depend_on_the_unit_of_the_target(select):
    train, validation = examples(60, 40, noise=8), examples(30, 40, seed=1, noise=8)
    scaled = [Examples(s.X, s.y * 1000) for s in (train, validation)]
    fit = partial(fit_ridge, alphas=ALPHAS, select=select)
    assert fit(train, validation)[1] == fit(*scaled)[1]


def test_predictions_are_in_the_unit_of_the_target():
    train, test = examples(200, 10), examples(50, 10, seed=1)
    predict, _ = fit_ridge(train, examples(20, 10, seed=2), ALPHAS)
    kilo, _ = fit_ridge(Examples(train.X, train.y * 1000), examples(20, 10, seed=2), [1e-6])
    assert METRICS["rmse"](test.y, predict(test.X)) == pytest.approx(1.0, abs=0.3)
    assert METRICS["rmse"](test.y * 1000, kilo(test.X)) == pytest.approx(1000, abs=300)


def test_refit_uses_train_and_validation():
    train, validation, test = (examples(60, 10, seed=seed) for seed in range(3))
    predict, _ = fit_ridge(train, validation, [1.0], refit=True)
    both = [np.concatenate(pair) for pair in zip(train, validation, strict=True)]
    np.testing.assert_allclose(predict(test.X), Ridge(1.0).fit(*both).predict(test.X))


def test_without_validation_only_a_single_alpha_can_be_fit():
    train, nothing = examples(20, 3), Examples(np.empty((0, 3)), np.empty(0))
    assert fit_ridge(train, nothing, [1.0])[1] == {"alpha": 1.0}
    with pytest.raises(InputError, match="no validation examples"):
        fit_ridge(train, nothing, ALPHAS)


def stored(path, ids, layers, pooling="mean"):
    """Write layers [layer, sequence, dim] as an embedding file."""
    lengths = [10] * len(ids)
    with new_embeddings(path, ids, lengths, len(layers), {"poolings": pooling}) as writer:
        writer.write(pooling, 0, np.asarray(layers, np.float32))
    return path


def toy(tmp_path, layers=3, constant=None):
    """Return an embedding file and labels of 120 sequences; layer `constant` has no content."""
    draw = np.random.default_rng(0)
    features = draw.normal(size=(layers, 120, 6))
    if constant is not None:
        features[constant] = 1.0
    subset = np.repeat(["train", "validation", "test"], [70, 20, 30])
    labels = pd.DataFrame(
        {
            "id": [f"s{i}" for i in range(120)],
            "target": features.sum((0, 2)) + draw.normal(size=120),
            "subset": subset,
        }
    )
    return stored(tmp_path / "x.h5", labels["id"], features), labels


def scored(path, labels, probe="ridge", **settings):
    """Return the score rows of a probe as a table."""
    with open_embeddings(path) as embeddings:
        return pd.DataFrame(list(score_layers(embeddings, labels, **(PROBES[probe] | settings))))


def test_changing_test_labels_changes_no_choice_and_no_other_number(tmp_path):
    path, labels = toy(tmp_path)
    other = labels.assign(target=labels["target"].where(labels["subset"] != "test", 0.5))
    before, after = (scored(path, table) for table in (labels, other))
    same = before["subset"] != "test"
    pd.testing.assert_frame_equal(before[same], after[same])
    assert not before[~same].equals(after[~same])


def test_changing_validation_labels_changes_no_number_when_alpha_is_given(tmp_path):
    path, labels = toy(tmp_path)
    other = labels.assign(target=labels["target"].where(labels["subset"] != "validation", 0.5))
    before, after = (scored(path, table, alphas=[1.0]) for table in (labels, other))
    test = before["subset"] == "test"
    pd.testing.assert_frame_equal(before[test], after[test])


def test_order_of_sequences_in_either_file_does_not_matter(tmp_path):
    path, labels = toy(tmp_path)
    with open_embeddings(path) as embeddings:
        order = np.random.default_rng(1).permutation(120)
        layers = [embeddings.layer("mean", layer)[order] for layer in range(3)]
        shuffled = stored(tmp_path / "y.h5", embeddings.ids[order], layers)
    before, after = scored(path, labels), scored(shuffled, labels.sample(frac=1, random_state=0))
    keys = ["layer", "subset", "metric"]
    before, after = (table.set_index(keys)["value"].sort_index() for table in (before, after))
    pd.testing.assert_series_equal(before, after, rtol=1e-9)


def test_a_labelled_sequence_without_embedding_is_named(tmp_path):
    path, labels = toy(tmp_path)
    with pytest.raises(InputError, match="the first is lost"):
        scored(path, labels.assign(id=labels["id"].replace("s3", "lost")))


def test_constant_features_give_an_undefined_correlation_that_the_log_reports(tmp_path, caplog):
    path, labels = toy(tmp_path, constant=1)
    with caplog.at_level(logging.WARNING, "plmbench"):
        table = scored(path, labels).set_index(["layer", "subset", "metric"])["value"]
    assert np.isnan(table[1, "test", "spearman"])
    assert table[1, "test", "rmse"] > 0
    assert np.isfinite(table[0, "test", "spearman"])
    assert "layer 1, test: spearman is undefined" in caplog.text
    assert "undefined on validation for every alpha" in caplog.text


def test_a_row_says_which_alpha_was_chosen(tmp_path):
    table = scored(*toy(tmp_path))
    alphas = table[table["metric"] == "alpha"]
    assert list(alphas["layer"]) == [0, 1, 2]
    assert set(alphas["value"]) <= set(PROBES["ridge"]["alphas"])


def test_metrics_are_those_of_scipy_and_scikit_learn():
    draw = np.random.default_rng(0)
    truth, prediction = draw.integers(0, 5, 200).astype(float), draw.normal(size=200).round(1)
    assert METRICS["spearman"](truth, prediction) == spearmanr(truth, prediction).statistic
    assert METRICS["pearson"](truth, prediction) == pearsonr(truth, prediction).statistic
    assert METRICS["r2"](truth, prediction) == r2_score(truth, prediction)
    assert METRICS["rmse"](truth, prediction) == root_mean_squared_error(truth, prediction)


@pytest.mark.parametrize("metric", ["spearman", "pearson", "r2"])
def test_a_metric_of_a_constant_truth_is_undefined(metric):
    assert np.isnan(METRICS[metric](np.ones(5), np.arange(5.0)))
    assert np.isnan(METRICS[metric](np.ones(1), np.ones(1)))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("metric", ["spearman", "pearson"])
def test_a_correlation_with_a_constant_prediction_is_undefined(metric):
    assert np.isnan(METRICS[metric](np.arange(5.0), np.ones(5)))


@pytest.mark.parametrize(("metric", "best"), [("spearman", 1), ("r2", 2), ("rmse", 2)])
def test_the_first_of_the_best_alphas_by_the_metric_is_chosen(metric, best):
    truth = np.arange(6.0)
    columns = [np.full(6, 2.5), truth * 10, truth, truth]  # undefined, far off, right, right
    assert SELECTIONS[metric](None, (truth, np.stack(columns, 1))) == best


def test_scale_standard_divides_as_scikit_learn_and_leaves_constants():
    X = examples(50, 4).X
    X[:, 2] = 7.0
    np.testing.assert_allclose(SCALES["standard"](X), StandardScaler().fit(X).scale_)


def test_scale_l2_makes_the_norm_of_centred_features_one():
    X = examples(50, 4).X
    scaled = (X - X.mean(0)) / SCALES["l2"](X)
    np.testing.assert_allclose(np.linalg.norm(scaled, axis=0), 1.0)


def test_every_pooling_layer_subset_and_metric_has_one_row(tmp_path):
    path, labels = toy(tmp_path)
    with h5py.File(path, "a") as file:
        file["max"] = file["mean"][:]
        file.attrs["poolings"] = "mean max"
    table = scored(path, labels)
    sizes = {"train": 70, "validation": 20, "test": 30}
    wanted = itertools.product(["mean", "max"], range(3), sizes.items(), METRICS)
    found = table[table["metric"] != "alpha"]
    keys = found[["pooling", "layer", "subset", "n", "metric"]].itertuples(index=False, name=None)
    assert list(keys) == [(p, layer, s, n, m) for p, layer, (s, n), m in wanted]


def test_a_constant_validation_target_leaves_the_choice_to_the_first_alpha(tmp_path):
    path, labels = toy(tmp_path)
    constant = labels.assign(target=labels["target"].where(labels["subset"] != "validation", 0.5))
    table = scored(path, constant).set_index(["layer", "subset", "metric"])["value"]
    assert table[0, "validation", "alpha"] == PROBES["ridge"]["alphas"][0]
    assert np.isnan(table[0, "validation", "spearman"])
    assert np.isfinite(table[0, "test", "spearman"])


def onehot(sequences):
    """Return one-hot features [sequence, residue * 20] of sequences of equal length."""
    codes = np.array([[STANDARD.index(letter) for letter in s] for s in sequences])
    return np.eye(20)[codes].reshape(len(codes), -1)


@pytest.fixture(scope="module")
def gb1():
    """Return {split: (subset -> Examples of one-hot GB1)}."""
    splits = {}
    for split in ("sampled", "low_vs_high", "two_vs_rest"):
        table = read_split(ROOT / f"resources/datasets/gb1/{split}.csv.gz", slice=[0, 56])
        X = onehot(table["sequence"])
        masks = {name: (table["subset"] == name).to_numpy() for name in table["subset"].unique()}
        y = table["target"].to_numpy()
        splits[split] = {name: Examples(X[mask], y[mask]) for name, mask in masks.items()}
    return splits


REFERENCE = {
    "ridge_flip": {"sampled": 0.7875, "low_vs_high": 0.3429, "two_vs_rest": 0.5936},
    "ridge": {"sampled": 0.7885, "low_vs_high": 0.3455, "two_vs_rest": 0.5625},
    "ridge_as_published": {"sampled": 0.7885, "low_vs_high": 0.3217, "two_vs_rest": 0.5428},
}
PUBLISHED_ALPHAS = {"sampled": 0.001, "low_vs_high": 1, "two_vs_rest": 0.001}


@pytest.mark.parametrize("split", PUBLISHED_ALPHAS)
@pytest.mark.parametrize("probe", REFERENCE)
def test_reference_numbers_of_one_hot_gb1(gb1, probe, split):
    subsets = gb1[split]
    settings = {k: v for k, v in PROBES[probe].items() if k != "kind"}
    predict, choices = fit_ridge(subsets["train"], subsets["validation"], **settings)
    value = METRICS["spearman"](subsets["test"].y, predict(subsets["test"].X))
    assert value == pytest.approx(REFERENCE[probe][split], abs=1e-3)
    if probe == "ridge_as_published":
        assert choices == {"alpha": PUBLISHED_ALPHAS[split]}


@pytest.mark.parametrize(
    ("split", "expected"), [("sampled", 0.5880), ("low_vs_high", 0.1090), ("two_vs_rest", 0.4116)]
)
def test_reference_numbers_of_the_composition_of_gb1(gb1, split, expected):
    means = {name: Examples(s.X.reshape(-1, 56, 20).mean(1), s.y) for name, s in gb1[split].items()}
    alpha = 0.001 * len(means["train"].y)
    predict, _ = fit_ridge(means["train"], means["validation"], [alpha], scale="standard")
    value = METRICS["spearman"](means["test"].y, predict(means["test"].X))
    assert value == pytest.approx(expected, abs=1e-3)


def test_probe_entries_are_plain_data():
    assert json.loads(json.dumps(PROBES)) == PROBES
