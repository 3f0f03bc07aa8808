"""The MLP probe: what it learns, when it stops, and what the seed settles."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.neural_network import MLPRegressor

from helpers.draws import CLASSES, NUMBER, classes, fit_of, in_folds, numbers, with_validation
from plmbench.core.metrics import measured
from plmbench.probe.selection import Examples, Folds, value_of
from plmbench.probe.types.mlp import (
    Candidate,
    Inputs,
    MlpSettings,
    best_epochs,
    new_stack,
    trained,
)

FIRST = Candidate([32], 0.01)
SMALL = {"hidden": [[32]], "alphas": [0.01], "batch_size": 16, "learning_rate": 0.01}
fit = fit_of("mlp", target=NUMBER, select="r2", seed=0)


def curved(count, seed):
    """Return examples of a number that is no linear function of the features."""
    X = np.random.default_rng(seed).normal(size=(count, 4))
    return Examples(X, 1000 * (X[:, 0] * X[:, 1]) + 5000)


def overfit():
    """Return training and held-out examples on which a network soon learns only noise."""
    return numbers(60, 20, noise=10), numbers(200, 20, seed=1, noise=10)


def curve(train, part, epochs, select="r2", target=NUMBER, candidate=FIRST):
    """Return the metric on a held-out part after each epoch, by training anew for so many."""
    inputs = Inputs(train)
    settings = MlpSettings(**SMALL)
    stack = new_stack(inputs.train, candidate.hidden, [candidate.alpha], target, 0, settings)
    values = []
    for _ in range(epochs):
        network = trained(stack, 1)
        values.append(value_of(select, part, network.predict(inputs(part.X)), target))
    return values


def test_it_learns_what_no_linear_model_can_in_the_unit_of_the_target():
    train, validation, test = (curved(400, seed) for seed in range(3))
    predict = fit(with_validation(train, validation), **SMALL, epochs=60).predict
    linear = LinearRegression().fit(*train).predict(test.X)
    assert measured("r2", test.y, linear, NUMBER)[0] < 0.1
    assert measured("r2", test.y, predict(test.X), NUMBER)[0] > 0.8
    assert predict(test.X).mean() == pytest.approx(5000, abs=200)


def test_the_unit_of_the_target_changes_no_choice_and_scales_the_predictions():
    train, validation, test = (curved(100, seed) for seed in range(3))
    fits = [
        fit(with_validation(*(Examples(s.X, s.y * unit) for s in (train, validation))), **SMALL)
        for unit in (1, 1024)
    ]
    assert fits[0].choices == fits[1].choices
    np.testing.assert_allclose(fits[0].predict(test.X) * 1024, fits[1].predict(test.X))


def test_the_weights_of_the_best_epoch_are_kept_and_not_the_last():
    train, validation = overfit()
    values = curve(train, validation, 40)
    best = int(np.argmax(values))
    assert 1 < best < 30
    fitted = fit(with_validation(train, validation), **SMALL, epochs=40, patience=40)
    assert fitted.choices == {"hidden_1": 32.0, "alpha": 0.01, "epoch": best + 1.0}
    kept = value_of("r2", validation, fitted.predict(validation.X), NUMBER)
    assert kept == pytest.approx(values[best])
    assert kept > values[-1] + 0.01


def test_training_ends_after_so_many_epochs_without_gain():
    train, validation = overfit()
    inputs = Inputs(train)
    settings = MlpSettings(**SMALL, epochs=1000, patience=5)
    stack = new_stack(inputs.train, FIRST.hidden, [FIRST.alpha], NUMBER, 0, settings)
    epochs = []
    stack.train_epoch = lambda: (epochs.append(1), type(stack).train_epoch(stack))
    part = Examples(inputs(validation.X), validation.y)
    (best,) = best_epochs([stack], [part], 1, NUMBER, "r2", settings)
    assert len(epochs) == best.number + 5


def test_a_lower_cross_entropy_is_the_better_epoch():
    train, validation = classes(60, 20, noise=5), classes(200, 20, seed=1, noise=5)
    values = curve(train, validation, 30, "cross_entropy", CLASSES)
    fitted = fit(
        with_validation(train, validation),
        target=CLASSES,
        select="cross_entropy",
        **SMALL,
        epochs=30,
        patience=30,
    )
    assert fitted.choices["epoch"] == np.argmin(values) + 1 < 30


def test_in_folds_the_epoch_is_the_best_of_the_mean_curve_and_the_final_fit_trains_as_many():
    train, test = numbers(60, 20, noise=5), numbers(20, 20, seed=1)
    folds = in_folds(train, 3)
    curves = [curve(*pair, 30) for pair in folds.pairs]
    best = int(np.argmax(np.mean(curves, 0))) + 1
    assert 1 < best < 30
    fitted = fit(folds, **SMALL, epochs=30, patience=30)
    assert fitted.choices["epoch"] == best
    alone = fit(Folds(train, []), **SMALL, epochs=best)
    np.testing.assert_array_equal(fitted.predict(test.X), alone.predict(test.X))
    for (_, part), predictions, values in zip(folds.pairs, fitted.held_out, curves, strict=True):
        assert value_of("r2", part, predictions, NUMBER) == pytest.approx(values[best - 1])


def test_widths_and_penalty_are_chosen_together_on_held_out_examples():
    train, validation = curved(200, 0), curved(200, 1)
    grid = {"hidden": [[1], [16], [16, 8]], "alphas": [1000.0, 0.01]}
    best = {
        (tuple(widths), alpha): max(
            curve(train, validation, 20, candidate=Candidate(widths, alpha))
        )
        for widths in grid["hidden"]
        for alpha in grid["alphas"]
    }
    widths, alpha = max(best, key=best.get)
    fitted = fit(
        with_validation(train, validation), **(SMALL | grid), select="r2", epochs=20, patience=20
    )
    chosen = {f"hidden_{i}": float(width) for i, width in enumerate(widths, 1)}
    assert fitted.choices.items() >= (chosen | {"alpha": alpha}).items()
    assert len(fitted.choices) == len(widths) + 2


def test_another_seed_gives_other_weights():
    folds, test = with_validation(numbers(60, 5), numbers(20, 5, seed=1)), numbers(20, 5, seed=2)
    first, second = (fit(folds, seed=seed, **SMALL, epochs=3).predict(test.X) for seed in (0, 1))
    assert not np.allclose(first, second)


def test_a_draw_elsewhere_changes_nothing():
    folds = with_validation(numbers(60, 5), numbers(20, 5, seed=1))
    np.random.seed(1)
    first = fit(folds, **SMALL, epochs=3)
    np.random.seed(2)
    second = fit(folds, **SMALL, epochs=3)
    np.testing.assert_array_equal(first.held_out[0], second.held_out[0])


def test_every_epoch_has_an_order_of_examples_of_its_own():
    """A number as scikit-learn's random_state would give each partial fit the same order."""
    inputs = Inputs(numbers(64, 5))
    given = MlpSettings(hidden=[[4]], alphas=[0.0], batch_size=8, learning_rate=0.01)
    stack = new_stack(inputs.train, [4], [0.0], NUMBER, 0, given)
    settings = {"alpha": 0.0, "batch_size": 8, "learning_rate_init": 0.01, "random_state": 0}
    same = MLPRegressor(hidden_layer_sizes=[4], **settings)
    equal = []
    for _ in range(2):
        weights = trained(stack, 1).weights
        same.partial_fit(inputs.train.X, stack.Y[:, 0])
        equal.append(np.allclose(weights.coefficients[0], same.coefs_[0], atol=1e-5))
    assert equal == [True, False]


@pytest.mark.filterwarnings("error")
def test_a_batch_larger_than_the_examples_is_all_of_them():
    folds = with_validation(numbers(20, 5), numbers(20, 5, seed=1))
    fit(folds, hidden=[[8]], alphas=[0.01], batch_size=1000, epochs=2)


def test_a_constant_target_is_predicted_as_it_is():
    train = numbers(30, 5)
    constant = Examples(train.X, np.full(30, 7.0))
    predictions = fit(Folds(constant, []), **SMALL, epochs=100).predict(train.X)
    np.testing.assert_allclose(predictions, 7.0, atol=0.5)


def test_probabilities_are_of_all_classes_also_those_absent_from_train():
    target = CLASSES._replace(classes=("a", "b", "c", "never"))
    fitted = fit(Folds(classes(200, 5), []), target=target, **SMALL, epochs=20)
    predictions = fitted.predict(classes(50, 5, seed=1).X)
    assert predictions.shape == (50, 4)
    np.testing.assert_allclose(predictions.sum(1), 1.0, atol=1e-5)
    assert predictions[:, 3].max() < 0.1
