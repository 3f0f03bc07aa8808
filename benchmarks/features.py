"""Features like an embedding's, drawn, and what logistic regression makes of them by definition."""

from typing import NamedTuple

import numpy as np


class Data(NamedTuple):
    """Standardised features [example, feature] and codes of three classes; held out, too."""

    X: np.ndarray
    y: np.ndarray
    held_out: np.ndarray


def drawn(count, features, held_out, classes=3, seed=0):
    """Return Data whose classes depend on the features, with noise; their spectrum falls as an
    embedding's does."""
    draw = np.random.default_rng(seed)
    rows = count + held_out
    X = draw.standard_normal((rows, features), np.float32)
    X *= np.arange(1, features + 1, dtype=np.float32) ** -0.7
    X = X @ np.linalg.qr(draw.standard_normal((features, features)))[0].astype(np.float32)
    logits = 3 * X @ draw.standard_normal((features, classes)).astype(np.float32)
    y = (logits + draw.gumbel(size=logits.shape)).argmax(1)
    X -= X[:count].mean(0)
    X /= X[:count].std(0)
    return Data(X[:count], y[:count], X[count:])


def objective(weights, C, data):
    """Return what logistic regression minimises, in float64, from its definition."""
    logits = data.X @ weights.W + weights.b
    own = logits[np.arange(len(data.y)), data.y]
    cross_entropy = np.logaddexp.reduce(logits, axis=1) - own
    return cross_entropy.mean() + (weights.W**2).sum() / (2 * len(data.y) * C)
