"""The logistic probe: multinomial logistic regression on standardised features."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from plmbench.core.errors import InputError
from plmbench.core.logs import log
from plmbench.core.metrics import Target
from plmbench.core.task_types import CLASSIFICATION, REGRESSION, RESIDUE_CLASSIFICATION
from plmbench.probe.arrays import Array, host, put
from plmbench.probe.logistic_path import FastPath, Weights, softmax
from plmbench.probe.logistic_reference import ReferencePath
from plmbench.probe.probe_type import ProbeType, metrics_to_choose_by
from plmbench.probe.selection import Examples, Fitted, Folds, chosen_among, require_pairs
from plmbench.probe.standardise import Standard, blocks

# Ways to the same minimum; the next one goes on where one does not come to it.
BACKENDS: dict[str, tuple[type[FastPath] | type[ReferencePath], ...]] = {
    "fast": (FastPath, ReferencePath),
    "reference": (ReferencePath,),
}


@dataclass(frozen=True)
class LogisticSettings:
    """The settings of logistic."""

    Cs: Sequence[float] = field(
        metadata={
            "description": "inverse penalties to choose from",
            "min_length": 1,
            "items": {"gt": 0},
        }
    )
    max_iter: int = field(default=1000, metadata={"description": "the most iterations", "ge": 1})
    backend: str = field(
        default="fast",
        metadata={
            "description": "what minimises: the program's own solver, or scikit-learn as a "
            "reference, which takes many times as long to the same minimum",
            "choices": tuple(BACKENDS),
        },
    )


def minimum(
    paths: Sequence[FastPath | ReferencePath], C: float, max_iter: int, weights: Weights
) -> Weights:
    """Return the fit for one C by the first of the paths that converges, from `weights`; the log
    says which one does not, and of several the next one goes on from there."""
    for path in paths:
        weights, converged = path.fit(C, max_iter, weights)
        if converged:
            break
        log.warning("C %g: no convergence in %d iterations of %s", C, max_iter, path.name)
    return weights


class LogisticPath:
    """Logistic fits for every C, each started where the one before ended."""

    def __init__(
        self, train: Examples, target: Target, Cs: Sequence[float], settings: LogisticSettings
    ) -> None:
        self.present, codes = np.unique(train.y, return_inverse=True)  # classes that are there
        self.classes, self.standard = len(target.classes), Standard(train.X)
        X = self.standard(train.X)
        paths = [path(X, codes, len(self.present)) for path in BACKENDS[settings.backend]]
        self.fits: list[Weights] = []
        for C in Cs:
            start = self.fits[-1] if self.fits else paths[0].start
            self.fits.append(minimum(paths, C, settings.max_iter, start))

    def probabilities(self, X: Array, fits: Sequence[Weights]) -> list[np.ndarray]:
        """Return [example, class] of all classes by each of some fits; a class absent from the
        training examples has 0."""
        found = [np.zeros((len(X), self.classes)) for _ in fits]
        W = np.hstack([weights.W for weights in fits])  # [feature, fit * column]
        b = np.hstack([weights.b for weights in fits])
        for part in blocks(X):
            standard = self.standard(X[part])
            logits = host(standard @ put(W, standard, standard.dtype)) + b
            for probabilities, own in zip(found, np.split(logits, len(fits), axis=1), strict=True):
                probabilities[part, self.present] = softmax(own.T)[0].T
        return found

    def candidates(self, X: Array) -> list[np.ndarray]:
        """Return probabilities [example, class] by each C."""
        return self.probabilities(X, self.fits)

    def predict(self, X: Array, index: int) -> np.ndarray:
        """Return probabilities [example, class] by the C of this index."""
        return self.probabilities(X, [self.fits[index]])[0]


def fit_logistic(
    folds: Folds, target: Target, settings: LogisticSettings, *, select: str, seed: int
) -> Fitted:
    """Fit logistic regression for every C (1 / penalty), choose one on the held-out parts.

    Start with the smallest C: each fit begins where the last one ended. The problem is convex and
    nothing is drawn: `seed` changes nothing.
    """
    Cs = settings.Cs
    if target.task_type == REGRESSION:
        raise InputError("the logistic probe is for classes; take ridge or mlp for numbers")
    require_pairs(folds, len(Cs), "C")
    fits = [LogisticPath(train, target, Cs, settings) for train, _ in folds.pairs]
    held_out = [f.candidates(part.X) for f, (_, part) in zip(fits, folds.pairs, strict=True)]
    chosen = chosen_among(held_out, folds, select, target) if len(Cs) > 1 else 0
    if folds.validation is None:
        # Anew along the path up to the chosen C, as the fits it was chosen on came to it.
        final = LogisticPath(folds.train, target, Cs[: chosen + 1], settings)
    else:
        final = fits[0]
    return Fitted(
        partial(final.predict, index=chosen),
        {"C": Cs[chosen]},
        [predictions[chosen] for predictions in held_out],
    )


PROBE = ProbeType(
    name="logistic",
    label="logistic regression",
    settings=LogisticSettings,
    chooses_by={
        task_type: metrics_to_choose_by(task_type, probabilities=True)
        for task_type in (CLASSIFICATION, RESIDUE_CLASSIFICATION)
    },
    fit=fit_logistic,
)
