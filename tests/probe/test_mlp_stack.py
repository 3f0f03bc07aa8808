"""Networks side by side against scikit-learn's, one after the other."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from helpers.draws import CLASSES, NUMBER, classes, fit_of, in_folds, numbers, with_validation
from plmbench.core.errors import InputError
from plmbench.probe.mlp_heads import head_of
from plmbench.probe.mlp_reference import ReferenceStack
from plmbench.probe.mlp_stack import Stack
from plmbench.probe.selection import Examples

PAIR = CLASSES._replace(classes=("a", "b"))
MANY = CLASSES._replace(classes=("a", "b", "c", "never"))
# kind: target, examples, hidden widths, penalties
KINDS = {
    "a number": (NUMBER, numbers(150, 10), [16], [1e-3, 1.0]),
    "two classes": (PAIR, classes(150, 10), [16], [1e-3]),
    "several classes": (CLASSES, classes(160, 10), [16], [1e-3, 1.0, 100.0]),
    "a class that is not there": (MANY, classes(150, 10), [8], [1e-3, 1.0]),
    "two hidden layers": (CLASSES, classes(150, 10), [16, 8], [1e-3, 1.0]),
    "three, and a number": (NUMBER, numbers(150, 10), [8, 6, 4], [1e-3, 10.0]),
    "fewer examples than a batch": (CLASSES, classes(20, 10), [16], [1e-3, 1.0]),
    "a last batch of one": (CLASSES, classes(33, 10), [16], [1e-3]),
}


@pytest.fixture(autouse=True)
def one_thread():
    """Let small products not wait for threads of other tests."""
    with threadpool_limits(1):
        yield


def stacks(kind, dtype, seed=0, batch_size=32, learning_rate=0.01):
    """Return a Stack and its reference, not yet trained."""
    target, part, hidden, alphas = KINDS[kind]
    y = np.minimum(part.y, 1) if target is PAIR else part.y
    X = ((part.X - part.X.mean(0)) / part.X.std(0)).astype(dtype)
    given = X, y, head_of(y, target), hidden, alphas, seed, batch_size, learning_rate
    return Stack(*given), ReferenceStack(*given)


def loss(stack, weights, alpha):
    """Return the mean loss over all training examples, with its penalty, as scikit-learn's."""
    outputs = weights.outputs(stack.X, stack.head)
    if not stack.head.classes:
        value = 0.5 * ((outputs - stack.Y) ** 2).mean()
    else:
        both = np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs
        codes = stack.Y[:, 0].astype(int) if outputs.shape[1] == 1 else stack.Y.argmax(1)
        value = -np.log(both[np.arange(len(codes)), codes]).mean()
    squares = sum((W.astype(float) ** 2).sum() for W in weights.coefficients)
    return value + 0.5 * alpha * squares / min(32, len(stack.X))


@pytest.mark.parametrize("kind", KINDS)
def test_in_float64_the_loss_curve_is_scikit_learns_over_20_epochs(kind):
    ours, theirs = stacks(kind, np.float64)
    for _ in range(20):
        ours.train_epoch()
        theirs.train_epoch()
        for i, alpha in enumerate(ours.alphas):
            found, expected = (loss(ours, stack.weights(i), alpha) for stack in (ours, theirs))
            assert found == pytest.approx(expected, rel=1e-6)
    for a, b in zip(ours.predictions(ours.X), theirs.predictions(ours.X), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6 * np.abs(b).max())


@pytest.mark.parametrize("kind", KINDS)
def test_in_float32_predictions_differ_in_rounding_alone(kind):
    ours, theirs = stacks(kind, np.float32)
    for _ in range(5):
        ours.train_epoch()
        theirs.train_epoch()
    for a, b in zip(ours.predictions(ours.X), theirs.predictions(ours.X), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-3 * np.abs(b).max())


def test_a_network_that_is_dropped_changes_nothing_for_the_others():
    ours, whole = stacks("several classes", np.float64)[0], stacks("several classes", np.float64)[0]
    for epoch in range(6):
        ours.train_epoch()
        whole.train_epoch()
        if epoch == 2:
            ours.keep([0, 2])
    for place, index in enumerate([0, 2]):
        a, b = ours.weights(place), whole.weights(index)
        np.testing.assert_allclose(a.coefficients[0], b.coefficients[0], rtol=1e-9, atol=1e-12)


def test_weights_that_grow_beyond_all_numbers_are_an_error_that_says_what_to_change():
    ours, _ = stacks("a number", np.float32, learning_rate=1e30)
    with np.errstate(all="ignore"), pytest.raises(InputError, match="a smaller learning_rate"):
        ours.train_epoch()


@pytest.mark.parametrize("in_parts", [False, True], ids=["validation", "folds"])
@pytest.mark.parametrize("kind", ["a number", "two classes", "two hidden layers"])
def test_both_backends_choose_the_same_candidate_and_predict_alike(kind, in_parts):
    target, part, hidden, alphas = KINDS[kind]
    train = Examples(part.X, np.minimum(part.y, 1)) if target is PAIR else part
    half = [Examples(train.X[i::2], train.y[i::2]) for i in (0, 1)]
    folds = in_folds(train, 3) if in_parts else with_validation(*half)
    settings = {"hidden": [hidden, [4]], "alphas": alphas, "epochs": 25, "batch_size": 16}
    select = "cross_entropy" if target.classes else "r2"
    fit = fit_of("mlp", target=target, select=select, seed=1, learning_rate=0.01, patience=4)
    ours, theirs = (fit(folds, **settings, backend=name) for name in ("fast", "reference"))
    assert ours.choices == theirs.choices
    for a, b in zip(ours.held_out, theirs.held_out, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-2 * np.abs(b).max())
    np.testing.assert_allclose(
        ours.predict(train.X), theirs.predict(train.X), atol=2e-2 * np.abs(train.y).max()
    )
