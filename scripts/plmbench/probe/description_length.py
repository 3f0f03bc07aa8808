"""Description length of labels by an online code (Voita & Titov 2020): the bits that the next
labels take under the probe that was fit on those before them."""

import numpy as np

from plmbench.core.metrics import Target, Undefined, losses

NO_CLASSES = "numbers have no code of finite length: a description length is of classes"


def with_escape(probabilities: np.ndarray, seen: int) -> np.ndarray:
    """Return probabilities [example, class] of which none is 0, so that every class has a code: one
    label, spread evenly over all classes, is added to the `seen` ones that were learned from."""
    return (seen * probabilities + 1 / probabilities.shape[1]) / (seen + 1)


def code_bits(
    y: np.ndarray, prediction: np.ndarray, target: Target, seen: int
) -> tuple[float, str]:
    """Return the bits of labels y [example] under a prediction by what learned from `seen` labels,
    and ""; or NaN, and why there are none."""
    if not target.classes:
        return np.nan, NO_CLASSES
    try:
        nats = losses(y, with_escape(prediction, seen), target).sum() if len(y) else 0.0
    except Undefined as undefined:
        return np.nan, str(undefined)
    return float(nats / np.log(2)), ""


def uniform_bits(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return the bits of so many labels [...] when nothing is known of them; NaN for numbers."""
    return labels * (np.log2(classes) if classes else np.nan)
