"""The logistic probe."""

import logging

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.draws import CLASSES, NUMBER, classes, fit_of, in_folds, numbers, with_validation
from plmbench.core.errors import InputError
from plmbench.core.metrics import measured
from plmbench.probe.selection import Examples, Folds
from plmbench.probe.types.logistic import LogisticPath, LogisticSettings

CS = [1e-4, 1e-2, 1.0, 100.0]

fit = fit_of("logistic", target=CLASSES, select="cross_entropy", seed=0)


def reference(train, C):
    """Return scikit-learn's pipeline, fit tightly."""
    model = LogisticRegression(C=C, tol=1e-8, max_iter=10000)
    return make_pipeline(StandardScaler(), model).fit(*train)


@pytest.mark.parametrize("C", CS)
def test_probabilities_equal_scikit_learns_at_the_optimum(C):
    train, test = classes(200, 6, noise=3), classes(40, 6, seed=1)
    found = fit(Folds(train, []), Cs=[C]).predict(test.X)
    np.testing.assert_allclose(found, reference(train, C).predict_proba(test.X), atol=2e-3)


@pytest.mark.parametrize("order", [CS, CS[::-1]], ids=["ascending", "descending"])
def test_the_start_that_a_grid_gives_a_fit_does_not_change_where_it_ends(order):
    train, validation = classes(200, 6, noise=3), classes(40, 6, seed=1)
    path = LogisticPath(train, CLASSES, order, LogisticSettings(order))
    for C, probabilities in zip(order, path.candidates(validation.X), strict=True):
        expected = reference(train, C).predict_proba(validation.X)
        np.testing.assert_allclose(probabilities, expected, atol=2e-3)


def test_the_penalty_is_the_best_by_the_mean_over_folds():
    folds = in_folds(classes(90, 10, noise=4), 3)

    def mean(C):
        return np.mean(
            [
                measured(
                    "cross_entropy", part.y, reference(train, C).predict_proba(part.X), CLASSES
                )[0]
                for train, part in folds.pairs
            ]
        )

    best = min(CS, key=mean)
    assert best not in (CS[0], CS[-1])
    assert fit(folds, Cs=CS).choices == {"C": best}


def test_the_final_fit_after_folds_is_on_all_examples_with_the_chosen_penalty():
    train, test = classes(90, 10, noise=4), classes(30, 10, seed=1)
    fitted = fit(in_folds(train, 3), Cs=CS)
    expected = reference(train, fitted.choices["C"]).predict_proba(test.X)
    np.testing.assert_allclose(fitted.predict(test.X), expected, atol=2e-3)


def test_a_class_absent_from_train_has_probability_0_and_the_others_keep_their_columns():
    target = CLASSES._replace(classes=("never", "a", "b", "c"))
    train, test = classes(90, 5), classes(30, 5, seed=1)
    moved = Examples(train.X, train.y + 1)
    predictions = fit(Folds(moved, []), target=target, Cs=[1.0]).predict(test.X)
    expected = fit(Folds(train, []), Cs=[1.0]).predict(test.X)
    np.testing.assert_array_equal(predictions, np.hstack([np.zeros((30, 1)), expected]))


def test_two_classes_have_two_columns_that_sum_to_one():
    target = CLASSES._replace(classes=("a", "b"))
    train = classes(90, 5)
    binary = Examples(train.X, (train.y > 0).astype(int))
    predictions = fit(Folds(binary, []), target=target, Cs=[1.0]).predict(train.X)
    assert predictions.shape == (90, 2)
    np.testing.assert_allclose(predictions.sum(1), 1.0)
    assert measured("accuracy", binary.y, predictions, target)[0] > 0.8


def test_the_log_names_the_penalty_at_which_the_reference_did_not_converge(caplog):
    folds = with_validation(classes(200, 6), classes(50, 6, seed=1))
    with caplog.at_level(logging.WARNING, "plmbench"):
        fit(folds, Cs=[1e-6, 1000.0], max_iter=20, backend="reference")
    assert "C 1000: no convergence in 20 iterations of scikit-learn" in caplog.text
    assert "C 1e-06" not in caplog.text


def test_where_the_fast_way_does_not_converge_scikit_learn_goes_on_and_the_log_says_so(caplog):
    train, test = classes(200, 6, noise=3), classes(40, 6, seed=1)
    with caplog.at_level(logging.WARNING, "plmbench"):
        found = fit(Folds(train, []), Cs=[10.0], max_iter=3).predict(test.X)
    assert "C 10: no convergence in 3 iterations of preconditioned L-BFGS" in caplog.text
    assert "C 10: no convergence in 3 iterations of scikit-learn" in caplog.text
    np.testing.assert_allclose(found, reference(train, 10.0).predict_proba(test.X), atol=0.1)


@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "c"), ("never", "a", "b", "c")])
def test_both_backends_choose_the_same_penalty_and_predict_the_same(names):
    target = CLASSES._replace(classes=names)
    parts = [classes(90, 10, seed=seed, noise=4) for seed in (0, 1)]
    # The first class of four is never seen; of two, those above 0 are one.
    moved = [
        Examples(part.X, np.minimum(part.y, len(names) - 1) + (len(names) == 4)) for part in parts
    ]
    ways = [
        fit(with_validation(*moved), target=target, Cs=CS, backend=backend)
        for backend in ("fast", "reference")
    ]
    assert ways[0].choices == ways[1].choices
    ours, theirs = (way.predict(moved[1].X) for way in ways)
    np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_a_number_is_refused():
    with pytest.raises(InputError, match="for classes; take ridge or mlp"):
        fit(Folds(numbers(20, 3), []), target=NUMBER, Cs=[1.0])
