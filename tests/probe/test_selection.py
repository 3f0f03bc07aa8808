"""How probes choose, and what every probe must do."""

import logging

import numpy as np
import pytest

from helpers.draws import (
    CLASSES,
    TARGETS,
    examples,
    fit_of,
    in_folds,
    numbers,
    with_validation,
)
from plmbench.core.errors import InputError
from plmbench.core.metrics import measured
from plmbench.probe.selection import (
    Examples,
    Folds,
    chosen_index,
    first_best,
    mean_over_pairs,
    value_of,
)
from plmbench.probe.types import probe_type, probe_types

NAN = np.nan
SETTINGS = {
    "ridge": {"alphas": [0.1, 10.0]},
    "logistic": {"Cs": [0.01, 1.0]},
    "mlp": {"hidden": [[4], [8, 4]], "alphas": [0.01], "epochs": 6, "patience": 3},
}
ONE = {
    "ridge": {"alphas": [10.0]},
    "logistic": {"Cs": [0.1]},
    "mlp": {"hidden": [[4]], "alphas": [0.01], "epochs": 6},
}
# Those that read the residues of a sequence have tests of their own.
VECTORS = [probe for probe in probe_types() if not probe_type(probe).per_residue]
PAIRED = [(probe, kind) for probe in VECTORS for kind in probe_type(probe).task_types]
SELECT = {
    "regression": "spearman",
    "classification": "accuracy",
    "residue_classification": "accuracy",
}


def fitted_by(probe, kind, folds, settings=SETTINGS, seed=0):
    """Fit a probe on folds of a kind by its primary metric."""
    fit = fit_of(probe, target=TARGETS[kind], select=SELECT[kind], seed=seed)
    return fit(folds, **settings[probe])


def drawn(kind, seed=0):
    """Return folds with a validation subset, and test features."""
    train, validation, test = (examples(TARGETS[kind], 60, 5, seed=seed + i) for i in range(3))
    return with_validation(train, validation), test.X


def test_a_held_out_class_that_the_fit_has_not_seen_bears_on_no_choice():
    train, validation = (examples(CLASSES, 60, 5, seed=seed) for seed in range(2))
    train = Examples(train.X[train.y != 2], train.y[train.y != 2])
    seen = Examples(validation.X[validation.y != 2], validation.y[validation.y != 2])
    assert len(seen.y) < len(validation.y)
    losses, choices = [], []
    for part in (validation, seen):
        fit = fit_of("logistic", target=CLASSES, select="cross_entropy", seed=0)
        fitted = fit(with_validation(train, part), Cs=[1e-5, 1e-2, 1.0])
        losses.append(value_of("cross_entropy", part, fitted.held_out[0], CLASSES))
        choices.append(fitted.choices)
    assert losses[0] == losses[1] < np.log(2)
    assert choices[0] == choices[1]
    none = Examples(validation.X[validation.y == 2], validation.y[validation.y == 2])
    assert np.isnan(value_of("cross_entropy", none, fitted.predict(none.X), CLASSES))


@pytest.mark.parametrize(("metric", "best"), [("spearman", 1), ("rmse", 3)])
def test_the_first_of_the_best_is_chosen_by_the_sense_of_the_metric(metric, best):
    assert chosen_index([NAN, 0.9, 0.9, 0.1, 0.1], metric) == best


def test_where_nothing_is_defined_the_first_is_taken_and_the_log_says_so(caplog):
    assert first_best([NAN, NAN], "r2") is None
    with caplog.at_level(logging.WARNING, "plmbench"):
        assert chosen_index([NAN, NAN], "r2") == 0
    assert "r2 is undefined on held-out examples for all 2 candidates" in caplog.text


def test_a_choice_that_is_defined_says_nothing(caplog):
    with caplog.at_level(logging.WARNING, "plmbench"):
        chosen_index([NAN, 0.1], "r2")
    assert not caplog.text


def test_the_mean_over_pairs_leaves_out_a_pair_that_defines_no_candidate():
    np.testing.assert_array_equal(
        mean_over_pairs([[0.2, 0.4], [NAN, NAN], [0.4, 0.8]]), np.mean([[0.2, 0.4], [0.4, 0.8]], 0)
    )
    assert np.isnan(mean_over_pairs([[NAN, NAN]])).all()


def test_a_candidate_undefined_in_one_pair_does_not_win_by_the_others():
    means = mean_over_pairs([[0.9, 0.1], [NAN, 0.1]])
    assert chosen_index(means, "spearman") == 1


@pytest.mark.parametrize(("probe", "kind"), PAIRED)
def test_a_choice_among_several_needs_held_out_examples(probe, kind):
    train = examples(TARGETS[kind], 40, 3)
    with pytest.raises(InputError, match=r"nothing to choose .* on, among .*folds: 5"):
        fitted_by(probe, kind, Folds(train, []))
    fitted = fitted_by(probe, kind, Folds(train, []), ONE)
    assert fitted.held_out == []
    assert np.isfinite(fitted.predict(train.X)).all()


@pytest.mark.parametrize("folded", ["validation", "folds"])
@pytest.mark.parametrize(("probe", "kind"), PAIRED)
def test_predictions_have_a_row_an_example_and_a_column_a_class(probe, kind, folded):
    folds, test = drawn(kind)
    if folded == "folds":
        folds = in_folds(folds.train, 4)
    columns = () if kind == "regression" else (3,)
    fitted = fitted_by(probe, kind, folds)
    assert fitted.predict(test).shape == (60, *columns)
    shapes = [prediction.shape for prediction in fitted.held_out]
    assert shapes == [(len(part.y), *columns) for _, part in folds.pairs]
    assert all(isinstance(value, float) for value in fitted.choices.values())


@pytest.mark.parametrize(("probe", "kind"), PAIRED)
def test_held_out_predictions_are_those_of_the_chosen_fit(probe, kind):
    folds, _ = drawn(kind)
    fitted = fitted_by(probe, kind, folds)
    np.testing.assert_allclose(fitted.held_out[0], fitted.predict(folds.validation.X), rtol=1e-6)


@pytest.mark.parametrize(("probe", "kind"), PAIRED)
def test_without_validation_the_final_fit_is_on_all_training_examples(probe, kind):
    (train, _), test = drawn(kind)
    in_parts = fitted_by(probe, kind, in_folds(train, 3), ONE)
    at_once = fitted_by(probe, kind, Folds(train, []), ONE)
    if probe != "mlp":  # which then learns for as many epochs as the parts took
        np.testing.assert_allclose(in_parts.predict(test), at_once.predict(test), rtol=1e-6)
    assert not np.allclose(in_parts.held_out[0], at_once.predict(train.X[::3]))


@pytest.mark.parametrize("probe", ["ridge", "logistic"])
def test_held_out_targets_change_nothing_but_the_choice(probe):
    folds, test = drawn("classification")
    shuffled = Examples(folds.validation.X, folds.validation.y[::-1].copy())
    before = fitted_by(probe, "classification", folds, ONE)
    after = fitted_by(probe, "classification", with_validation(folds.train, shuffled), ONE)
    np.testing.assert_array_equal(before.predict(test), after.predict(test))


@pytest.mark.parametrize(("probe", "kind"), PAIRED)
def test_a_prediction_does_not_depend_on_the_other_examples(probe, kind):
    folds, test = drawn(kind)
    predict = fitted_by(probe, kind, folds).predict
    np.testing.assert_allclose(predict(test[7:8]), predict(test)[7:8], rtol=1e-5)


@pytest.mark.parametrize(("probe", "kind"), PAIRED)
def test_a_fit_leaves_its_examples_as_they_were(probe, kind):
    folds, _ = drawn(kind)
    copies = [array.copy() for examples_ in folds.pairs[0] for array in examples_]
    fitted_by(probe, kind, folds)
    for before, after in zip(copies, [a for e in folds.pairs[0] for a in e], strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(("probe", "kind"), PAIRED)
def test_the_same_seed_gives_the_same_fit(probe, kind):
    folds, test = drawn(kind)
    first, second = (fitted_by(probe, kind, folds) for _ in range(2))
    assert first.choices == second.choices
    np.testing.assert_array_equal(first.predict(test), second.predict(test))


@pytest.mark.parametrize(("probe", "kind"), PAIRED)
def test_features_in_single_precision_give_the_same_to_its_digits(probe, kind):
    folds, test = drawn(kind)
    narrow = [Examples(e.X.astype(np.float32), e.y) for e in folds.pairs[0]]
    first = fitted_by(probe, kind, folds, ONE).predict(test)
    second = fitted_by(probe, kind, with_validation(*narrow), ONE).predict(test.astype(np.float32))
    np.testing.assert_allclose(first, second, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("probe", VECTORS)
def test_a_constant_feature_breaks_no_fit(probe):
    folds, test = drawn("classification")

    def widened(X):
        return np.hstack([X, np.full((len(X), 1), 0.1)]).astype(np.float32)

    wide = with_validation(*(Examples(widened(e.X), e.y) for e in folds.pairs[0]))
    predictions = fitted_by(probe, "classification", wide).predict(widened(test))
    assert np.isfinite(predictions).all()
    assert np.abs(predictions).max() < 10


@pytest.mark.parametrize("probe", VECTORS)
def test_a_probe_finds_the_classes_that_the_features_determine(probe):
    folds = with_validation(*(examples(CLASSES, 300, 4, seed=i, noise=0.1) for i in range(2)))
    wide = {"hidden": [[32]], "alphas": [0.01], "epochs": 40, "batch_size": 32}
    settings = SETTINGS | {"mlp": wide | {"learning_rate": 0.01}}
    fitted = fitted_by(probe, "classification", folds, settings)
    test = examples(CLASSES, 300, 4, seed=2, noise=0.1)
    # three ordered classes are hard for a least-squares fit, whose middle class is masked
    least = {"ridge": 0.6, "logistic": 0.9, "mlp": 0.9}[probe]
    assert measured("accuracy", test.y, fitted.predict(test.X), CLASSES)[0] > least


def test_a_single_pair_that_is_a_part_of_train_is_no_validation_subset():
    train = numbers(20, 3)
    part = Examples(train.X[:15], train.y[:15])
    held_out = Examples(train.X[15:], train.y[15:])
    assert Folds(train, [(part, held_out)]).validation is None
    assert Folds(train, [(train, held_out)]).validation is held_out
