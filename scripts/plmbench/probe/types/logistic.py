"""The logistic probe: multinomial logistic regression on standardised features."""

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from plmbench.core.errors import InputError
from plmbench.core.logs import log
from plmbench.core.metrics import Target
from plmbench.core.task_types import CLASSIFICATION, REGRESSION, RESIDUE_CLASSIFICATION
from plmbench.probe.probe_type import ProbeType, metrics_to_choose_by
from plmbench.probe.selection import Examples, Fitted, Folds, chosen_among, require_pairs
from plmbench.probe.standardise import Standard

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression


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


def fit_one(model: "LogisticRegression", X: np.ndarray, y: np.ndarray) -> None:
    """Fit a model in place; the log says where it has not converged."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(X, y)
    if any(issubclass(warning.category, ConvergenceWarning) for warning in caught):
        log.warning("C %g: no convergence in %d iterations", model.C, model.max_iter)


class LogisticPath:
    """Logistic fits for every C, each started where the one before ended."""

    def __init__(self, train: Examples, target: Target, Cs: Sequence[float], max_iter: int) -> None:
        from sklearn.linear_model import LogisticRegression

        self.classes = len(target.classes)
        self.standard = Standard(train.X)
        X = self.standard(train.X)
        model, self.models = LogisticRegression(max_iter=max_iter, warm_start=True), []
        for C in Cs:
            fit_one(model.set_params(C=C), X, train.y)
            self.models.append(copy.copy(model))  # a fit makes new coefficients, so they stay

    def candidates(self, X: np.ndarray) -> list[np.ndarray]:
        """Return probabilities [example, class] by each C."""
        X = self.standard(X)
        return [self.probabilities(model, X) for model in self.models]

    def predict(self, X: np.ndarray, index: int) -> np.ndarray:
        """Return probabilities [example, class] by the C of this index."""
        return self.probabilities(self.models[index], self.standard(X))

    def probabilities(self, model: "LogisticRegression", X: np.ndarray) -> np.ndarray:
        """Return [example, class] of all classes; one absent from the training examples has 0."""
        probabilities = np.zeros((len(X), self.classes))
        probabilities[:, model.classes_] = model.predict_proba(X)
        return probabilities


def fit_logistic(
    folds: Folds, target: Target, settings: LogisticSettings, *, select: str, seed: int
) -> Fitted:
    """Fit logistic regression for every C (1 / penalty), choose one on the held-out parts.

    Start with the smallest C: each fit begins where the last one ended. The problem is convex and
    nothing is drawn: `seed` changes nothing.
    """
    Cs, max_iter = settings.Cs, settings.max_iter
    if target.task_type == REGRESSION:
        raise InputError("the logistic probe is for classes; take ridge or mlp for numbers")
    require_pairs(folds, len(Cs), "C")
    fits = [LogisticPath(train, target, Cs, max_iter) for train, _ in folds.pairs]
    held_out = [f.candidates(part.X) for f, (_, part) in zip(fits, folds.pairs, strict=True)]
    chosen = chosen_among(held_out, folds, select, target) if len(Cs) > 1 else 0
    if folds.validation is None:
        # Anew along the path up to the chosen C, as the fits it was chosen on came to it.
        final = LogisticPath(folds.train, target, Cs[: chosen + 1], max_iter)
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
