"""Probes: simple models fit on each layer.

A probe of a kind is a function `(folds, target, select, seed, **settings) -> Fitted`. It takes the
candidate with the best mean over pairs of the metric `select` on held-out parts, ties to the first.
"""

from plmbench.probe.logistic import fit_logistic
from plmbench.probe.mlp import fit_mlp
from plmbench.probe.ridge import SCALES, SELECTIONS, fit_ridge
from plmbench.probe.selection import Examples, Fitted, Folds

__all__ = ["PROBES", "SCALES", "SELECTIONS", "Examples", "Fitted", "Folds"]

PROBES = {"ridge": fit_ridge, "logistic": fit_logistic, "mlp": fit_mlp}
