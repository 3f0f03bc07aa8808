"""Our solver of logistic regression against scikit-learn's, on what data there may be."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from plmbench.probe.logistic_path import FastPath, softmax
from plmbench.probe.logistic_reference import ReferencePath

CS = [1e-4, 1e-2, 1.0, 100.0]
EXCESS = dict(zip(CS, [1e-6, 1e-6, 1e-6, 1e-5], strict=True))  # of the objective; the last is weak
# kind: examples, features, classes, what is done to features and codes
KINDS = {
    "many examples": (2000, 32, 3, None),
    "two classes": (500, 32, 2, None),
    "many classes": (600, 32, 20, None),
    "fewer examples than features": (120, 200, 3, None),
    "fewer examples, two classes": (60, 200, 2, None),
    "as many examples as features": (100, 100, 3, None),
    "constant features": (500, 32, 3, lambda X, y: (X * (np.arange(32) % 3 > 0), y)),
    "features twice": (500, 32, 3, lambda X, y: (X[:, np.arange(32) // 2], y)),
    "a rare class": (1000, 32, 3, lambda X, y: (X, np.where(np.arange(1000) < 3, 0, y.clip(1)))),
    "few examples": (12, 3, 3, lambda X, y: (X, np.arange(12) % 3)),
    "no signal": (500, 32, 3, lambda X, y: (0 * X, y)),
    "no signal, fewer examples": (30, 40, 2, lambda X, y: (0 * X, y)),
    "many features": (40, 1100, 3, None),
}


@pytest.fixture(autouse=True)
def one_thread():
    """Let small products not wait for threads of other tests."""
    with threadpool_limits(1):
        yield


def drawn(kind, dtype=np.float32):
    """Return standardised features [example, feature] and codes, with a spectrum that falls."""
    count, width, classes, change = KINDS[kind]
    draw = np.random.default_rng(0)
    basis = np.linalg.qr(draw.standard_normal((width, width)))[0]
    X = draw.standard_normal((count, width)) * np.arange(1, width + 1) ** -0.7 @ basis
    logits = 3 * X @ draw.standard_normal((width, classes))
    y = (logits + draw.gumbel(size=(count, classes))).argmax(1)
    X, y = change(X, y) if change else (X, y)
    X = (X - X.mean(0)) / np.where(X.std(0) > 1e-9, X.std(0), 1.0)
    return X.astype(dtype), np.unique(y, return_inverse=True)[1]


def objective(weights, C, X, y):
    """Return what is minimised, in float64, from its definition."""
    logits = X.astype(np.float64) @ weights.W + weights.b
    if logits.shape[1] == 1:
        logits = np.hstack([np.zeros_like(logits), logits])
    own = logits[np.arange(len(y)), y]
    cross_entropy = np.logaddexp.reduce(logits, axis=1) - own
    return cross_entropy.mean() + (weights.W**2).sum() / (2 * len(y) * C)


def fits(path, X, y):
    """Return the Weights for each C along the path."""
    path, found = path(X, y, len(np.unique(y))), []
    for C in CS:
        weights, converged = path.fit(C, 1000, found[-1] if found else path.start)
        assert converged
        found.append(weights)
    return found


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_the_objective_is_as_low_as_scikit_learns(kind, dtype):
    X, y = drawn(kind, dtype)
    for C, weights in zip(CS, fits(FastPath, X, y), strict=True):
        model = LogisticRegression(C=C, tol=1e-6, max_iter=5000).fit(X, y)
        theirs = type(weights)(model.coef_.T.astype(float), model.intercept_.astype(float))
        least = objective(theirs, C, X, y)
        assert objective(weights, C, X, y) <= least * (1 + EXCESS[C]), C


@pytest.mark.parametrize("kind", KINDS)
def test_the_reference_ends_at_the_same_probabilities(kind):
    X, y = drawn(kind)
    ways = fits(FastPath, X, y), fits(ReferencePath, X, y)
    for C, ours, theirs in list(zip(CS, *ways, strict=True))[:3]:  # its default ends early at 100
        found, expected = (softmax((X @ w.W + w.b).T)[0] for w in (ours, theirs))
        np.testing.assert_allclose(found, expected, atol=0.02, err_msg=str(C))


@pytest.mark.parametrize("kind", ["many examples", "fewer examples than features"])
def test_a_fit_repeats_itself_and_threads_change_its_last_digits_at_most(kind):
    X, y = drawn(kind)
    first, second = fits(FastPath, X, y), fits(FastPath, X, y)
    with threadpool_limits(2):
        threaded = fits(FastPath, X, y)
    for a, b, c in zip(first, second, threaded, strict=True):
        np.testing.assert_array_equal(a.W, b.W)
        np.testing.assert_allclose(a.W, c.W, atol=1e-3 * np.abs(a.W).max())


def test_a_weak_penalty_takes_float64_where_float32_hides_the_last_steps():
    X, y = drawn("many examples")
    path, precisions = FastPath(X, y, 3), []
    loss = path.loss

    def recorded(weights, dtype):
        precisions.append(np.dtype(dtype))
        path.loss.spread = loss.spread
        return loss(weights, dtype)

    recorded.codes, recorded.X, recorded.spread = y, loss.X, loss.spread
    path.loss = recorded
    assert path.fit(1e7, 1000, path.start)[1]
    assert precisions[0] == np.float32
    assert precisions[-1] == np.float64


def test_weights_go_to_coordinates_and_back():
    X, y = drawn("fewer examples than features")
    path = FastPath(X, y, 3)
    weights, _ = path.fit(1.0, 1000, path.start)
    again = path.axes.of_features(path.axes.of_coordinates(weights))
    np.testing.assert_allclose(again.W, weights.W, atol=1e-5 * np.abs(weights.W).max())


@pytest.mark.parametrize("gap", [0.0, 50.0, 1e4], ids=["one class", "apart", "far apart"])
def test_a_fit_ends_where_every_example_is_certain(gap):
    X, y = drawn("two classes")
    codes = y if gap else 0 * y
    X[:, 0] += np.float32(gap) * y
    path = FastPath(X, codes, 2) if gap else FastPath(X, codes, 1)
    assert np.isfinite(path.fit(1e6, 100, path.start)[0].W).all()
