"""The ridge probe: the solver, the choice of alpha, and the numbers they must give."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.preprocessing import StandardScaler

from helpers.draws import CLASSES, NUMBER, classes, fit_of, in_folds, numbers, with_validation
from plmbench.core.errors import InputError
from plmbench.core.metrics import measured
from plmbench.probe.ridge_path import BLOCK, RidgePath
from plmbench.probe.selection import Examples, Folds, value_of
from plmbench.probe.types.ridge import SCALES, ScaledRidge, moments_of_parts

ROOT = Path(__file__).resolve().parents[2]
ALPHAS = [1e-6, 1e-3, 1.0, 1e3, 1e6]
CATALOGUE = yaml.safe_load((ROOT / "config/probes.yaml").read_text())

fit = fit_of("ridge", target=NUMBER, select="spearman", seed=0)


# The square case is nearly singular after centring: a Gram matrix loses half the digits there.
@pytest.mark.parametrize(
    ("count", "width", "error"), [(200, 30, 1e-9), (30, 200, 1e-9), (50, 50, 1e-7)]
)
@pytest.mark.parametrize("alpha", ALPHAS)
def test_ridge_equals_scikit_learn_in_float64_for_every_target(count, width, error, alpha):
    train, test = numbers(count, width), numbers(40, width, seed=1)
    targets = np.stack([train.y, train.y**2, np.ones(count)], 1)
    expected = Ridge(alpha, solver="svd").fit(train.X, targets).predict(test.X)
    found = RidgePath(train.X, targets).predict(test.X, ALPHAS)
    assert found.shape == (40, 3, len(ALPHAS))
    scales = np.abs(expected).max(0)
    np.testing.assert_allclose(
        found[:, :, ALPHAS.index(alpha)] / scales, expected / scales, rtol=0, atol=error
    )


def test_many_examples_are_fit_and_predicted_block_by_block():
    train = numbers(2 * BLOCK + 3, 4)
    found = RidgePath(train.X, train.y[:, None]).predict(train.X, [1.0])
    np.testing.assert_allclose(found[:, 0, 0], Ridge(1.0).fit(*train).predict(train.X))


@pytest.mark.parametrize("select", ["spearman", "r2", "pearson"])
def test_choice_of_alpha_does_not_depend_on_the_unit_of_the_target(select):
    parts = numbers(60, 40, noise=8), numbers(30, 40, seed=1, noise=8)
    scaled = [Examples(s.X, s.y * 1000) for s in parts]
    found = [
        fit(with_validation(*pair), select=select, alphas=ALPHAS).choices
        for pair in (parts, scaled)
    ]
    assert found[0] == found[1]


def test_alpha_is_the_first_of_the_best_by_the_mean_over_folds():
    folds = in_folds(numbers(60, 40, noise=8), 3)
    means = [
        np.mean(
            [
                value_of("r2", part, Ridge(alpha, solver="svd").fit(*train).predict(part.X), NUMBER)
                for train, part in folds.pairs
            ]
        )
        for alpha in ALPHAS
    ]
    chosen = ALPHAS[int(np.argmax(means))]
    assert chosen not in (ALPHAS[0], ALPHAS[-1])
    assert fit(folds, select="r2", alphas=ALPHAS).choices == {"alpha": chosen}


def test_predictions_are_in_the_unit_of_the_target():
    train, test = numbers(200, 10), numbers(50, 10, seed=1)
    kilo = Examples(train.X, train.y * 1000)
    small, large = (fit(Folds(part, []), alphas=[1e-6]).predict for part in (train, kilo))
    assert measured("rmse", test.y, small(test.X), NUMBER)[0] == pytest.approx(1, abs=0.3)
    assert measured("rmse", test.y * 1000, large(test.X), NUMBER)[0] == pytest.approx(1000, abs=300)


def test_refit_uses_train_and_validation_and_held_out_is_before_it():
    train, validation, test = (numbers(60, 10, seed=seed) for seed in range(3))
    fitted = fit(with_validation(train, validation), alphas=[1.0], refit=True)
    both = [np.concatenate(pair) for pair in zip(train, validation, strict=True)]
    np.testing.assert_allclose(fitted.predict(test.X), Ridge(1.0).fit(*both).predict(test.X))
    before = Ridge(1.0).fit(*train).predict(validation.X)
    np.testing.assert_allclose(fitted.held_out[0], before)


def test_in_folds_a_refit_adds_nothing_for_the_final_fit_has_all():
    train, test = numbers(60, 10), numbers(20, 10, seed=1)
    fitted = fit(in_folds(train, 3), alphas=[1.0], refit=True)
    np.testing.assert_allclose(fitted.predict(test.X), Ridge(1.0).fit(*train).predict(test.X))


def test_decision_values_of_classes_are_those_of_scikit_learns_ridge_classifier():
    train, validation, test = (classes(60, 10, seed=seed) for seed in range(3))
    fitted = fit(with_validation(train, validation), target=CLASSES, select="mcc", alphas=[1.0])
    expected = RidgeClassifier(1.0).fit(*train).decision_function(test.X)
    np.testing.assert_allclose(fitted.predict(test.X), expected)


def test_a_class_absent_from_train_is_never_predicted():
    target = CLASSES._replace(classes=("a", "b", "c", "never"))
    train, test = classes(60, 10), classes(500, 10, seed=1)
    predictions = fit(Folds(train, []), target=target, alphas=[1.0]).predict(test.X)
    assert (predictions[:, 3] == -1).all()
    assert (predictions.argmax(1) < 3).all()


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "c"), ("a", "b", "c", "d")])
def test_decision_values_never_pass_for_probabilities(names, alpha):
    target, train = CLASSES._replace(classes=names), classes(60, 10)
    part = Examples(train.X, np.minimum(train.y, len(names) - 1))
    predictions = fit(Folds(part, []), target=target, alphas=[alpha]).predict(train.X)
    assert np.isnan(value_of("cross_entropy", part, predictions, target))


def test_a_choice_by_cross_entropy_is_refused_for_decision_values_have_none():
    folds = with_validation(classes(60, 10), classes(30, 10, seed=1))
    with pytest.raises(InputError, match="no probabilities"):
        fit(folds, target=CLASSES, select="cross_entropy", alphas=ALPHAS)


def test_a_constant_validation_target_leaves_the_choice_to_the_first_alpha():
    train, validation = numbers(60, 10), numbers(20, 10, seed=1)
    constant = Examples(validation.X, np.full(20, 0.5))
    fitted = fit(with_validation(train, constant), alphas=ALPHAS)
    assert fitted.choices == {"alpha": ALPHAS[0]}


def test_constant_features_predict_the_mean_and_leave_the_choice_undefined(caplog):
    train, validation = (
        Examples(np.ones_like(s.X), s.y) for s in (numbers(60, 5), numbers(20, 5, seed=1))
    )
    with caplog.at_level(logging.WARNING, "plmbench"):
        fitted = fit(with_validation(train, validation), alphas=ALPHAS)
    np.testing.assert_allclose(fitted.predict(np.ones((3, 5))), train.y.mean())
    assert "spearman is undefined" in caplog.text


@pytest.mark.parametrize("constant", [7.0, 0.1])
def test_scale_standard_divides_as_scikit_learn_and_leaves_constants(constant):
    X = numbers(50, 4).X
    X[:, 2] = constant
    np.testing.assert_allclose(SCALES["standard"](X), StandardScaler().fit(X).scale_)
    assert SCALES["l2"](X)[2] == 1.0


def test_scale_l2_makes_the_norm_of_centred_features_one():
    X = numbers(50, 4).X
    scaled = (X - X.mean(0)) / SCALES["l2"](X)
    np.testing.assert_allclose(np.linalg.norm(scaled, axis=0), 1.0)


KINDS = {  # features of 80 examples, four of them, in four folds
    "drawn": lambda X: X,
    "far from 0": lambda X: X + 1000,
    "constant but in one fold": lambda X: X * np.c_[np.ones((80, 3)), np.arange(80) % 4 == 1],
    "constant": lambda X: X * [1, 1, 0, 1],
    "the same twice": lambda X: X[:, [0, 1, 1, 3]],
    "letters": lambda X: np.eye(4)[np.arange(80) // 20],
    "single precision": lambda X: X.astype(np.float32),
}


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", [NUMBER, CLASSES], ids=["number", "classes"])
def test_in_folds_each_fit_is_that_of_its_part_read_anew(kind, scale, target):
    drawn = (numbers if target is NUMBER else classes)(80, 4, noise=2)
    folds = in_folds(Examples(KINDS[kind](drawn.X), drawn.y), 4)
    parts = moments_of_parts(folds, target)
    for (train, held_out), moments in zip(folds.pairs, parts, strict=True):
        ways = [ScaledRidge(train, target, scale, known) for known in (moments, None)]
        # A penalty far above what rounding leaves of a feature that repeats another.
        shared, anew = (way.candidates(held_out.X, [1e-4, 1.0, 1e4]) for way in ways)
        np.testing.assert_allclose(shared, anew, rtol=1e-8, atol=1e-8 * np.abs(anew).max())
    assert moments is not None


def test_nothing_is_shared_where_parts_are_not_what_the_others_hold_out():
    few, folds = in_folds(numbers(30, 60), 3), in_folds(numbers(60, 4), 3)
    assert moments_of_parts(few, NUMBER) == [None] * 3
    assert moments_of_parts(folds._replace(pairs=folds.pairs[:2]), NUMBER) == [None] * 2
    assert moments_of_parts(with_validation(*folds.pairs[0]), NUMBER) == [None]
    assert moments_of_parts(Folds(folds.train, []), NUMBER) == []


def test_features_are_scaled_by_the_part_that_a_fit_is_on():
    train, validation, test = (numbers(60, 10, seed=seed) for seed in range(3))
    fitted = fit(with_validation(train, validation), alphas=[10.0], scale="standard")
    scaler = StandardScaler().fit(train.X)
    expected = Ridge(10.0).fit(scaler.transform(train.X), train.y)
    np.testing.assert_allclose(fitted.predict(test.X), expected.predict(scaler.transform(test.X)))


@pytest.mark.parametrize(
    ("target", "folds"),
    [
        (NUMBER, in_folds(numbers(40, 5), 2)),
        (CLASSES, with_validation(classes(40, 5), classes(20, 5, seed=1))),
    ],
    ids=["folds", "classes"],
)
def test_the_published_rule_is_refused_where_it_has_no_meaning(target, folds):
    with pytest.raises(InputError, match="as_published is a rule for numbers"):
        fit(folds, target=target, select="as_published", alphas=ALPHAS)


def onehot(sequences):
    """Return one-hot features [sequence, residue * 20] of sequences of equal length."""
    codes = np.array([["ACDEFGHIKLMNPQRSTVWY".index(letter) for letter in s] for s in sequences])
    return np.eye(20)[codes].reshape(len(codes), -1)


def one_hot_gb1(split):
    """Return {subset: Examples} of one split: the first 56 residues, one-hot."""
    table = pd.read_csv(ROOT / f"resources/datasets/gb1/{split}.csv.gz")
    subset = table["set"].mask(table["validation"].fillna(False).astype(bool), "validation")
    X, y = onehot(table["sequence"].str[:56]), table["target"].to_numpy()
    return {name: Examples(X[subset == name], y[subset == name]) for name in subset.unique()}


@pytest.fixture(scope="module")
def gb1():
    """Return {split: (subset -> Examples of one-hot GB1)}."""
    return {split: one_hot_gb1(split) for split in ("sampled", "low_vs_high", "two_vs_rest")}


def scored(subsets, **settings):
    """Return Spearman's correlation on the test subset, and the choices."""
    fitted = fit(with_validation(subsets["train"], subsets["validation"]), **settings)
    test = subsets["test"]
    return measured("spearman", test.y, fitted.predict(test.X), NUMBER)[0], fitted.choices


REFERENCE = {
    "ridge_flip": {"sampled": 0.7875, "low_vs_high": 0.3429, "two_vs_rest": 0.5936},
    "ridge": {"sampled": 0.7885, "low_vs_high": 0.3455, "two_vs_rest": 0.5625},
    "ridge_as_published": {"sampled": 0.7885, "low_vs_high": 0.3217, "two_vs_rest": 0.5428},
}
PUBLISHED_ALPHAS = {"sampled": 0.001, "low_vs_high": 1, "two_vs_rest": 0.001}


@pytest.mark.parametrize("split", PUBLISHED_ALPHAS)
@pytest.mark.parametrize("probe", REFERENCE)
def test_reference_numbers_of_one_hot_gb1(gb1, probe, split):
    entry = CATALOGUE[probe]
    settings = {key: entry[key] for key in ("alphas", "scale", "refit") if key in entry}
    select = "as_published" if probe == "ridge_as_published" else "spearman"
    value, choices = scored(gb1[split], select=select, **settings)
    assert value == pytest.approx(REFERENCE[probe][split], abs=1e-3)
    if probe == "ridge_as_published":
        assert choices == {"alpha": PUBLISHED_ALPHAS[split]}


@pytest.mark.parametrize(
    ("split", "expected"), [("sampled", 0.5880), ("low_vs_high", 0.1090), ("two_vs_rest", 0.4116)]
)
def test_reference_numbers_of_the_composition_of_gb1(gb1, split, expected):
    means = {name: Examples(s.X.reshape(-1, 56, 20).mean(1), s.y) for name, s in gb1[split].items()}
    alpha = 0.001 * len(means["train"].y)
    value, _ = scored(means, alphas=[alpha], scale="standard")
    assert value == pytest.approx(expected, abs=1e-3)
