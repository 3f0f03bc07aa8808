"""Drawn examples for the tests of probes."""

from collections.abc import Callable
from dataclasses import fields

import numpy as np

from plmbench.core.metrics import Target
from plmbench.probe.selection import Examples, Fitted, Folds
from plmbench.probe.types import probe_type

NUMBER = Target("regression", (), -100.0)
CLASSES = Target("classification", ("a", "b", "c"))
RESIDUES = Target("residue_classification", ("a", "b", "c"))
TARGETS = {target.task_type: target for target in (NUMBER, CLASSES, RESIDUES)}


def features(count, width, seed=0):
    """Return features with an offset and unequal scales, and scores [example] they determine."""
    weights = np.random.default_rng(99).normal(size=width)
    X = np.random.default_rng(seed).normal(size=(count, width)) * np.linspace(0.1, 3, width)
    return X + 5, X @ weights


def numbers(count, width, seed=0, noise=1.0):
    """Return examples of a number that depends on the features."""
    X, scores = features(count, width, seed)
    return Examples(X, scores + noise * np.random.default_rng([seed, 1]).normal(size=count) + 2)


def classes(count, width, seed=0, noise=1.0):
    """Return examples of three classes, by where the noisy score lies."""
    X, scores = features(count, width, seed)
    scores = scores + noise * np.random.default_rng([seed, 1]).normal(size=count)
    return Examples(X, np.digitize(scores, [-2.0, 2.0]))


def examples(target, *shape, **settings):
    """Return examples of a target's kind."""
    return (numbers if target.task_type == "regression" else classes)(*shape, **settings)


def with_validation(train, validation):
    """Return the folds of a data set that has a validation subset."""
    return Folds(train, [(train, validation)])


def in_folds(train, count):
    """Return the folds of a data set without validation: every count-th example held out."""
    fold_of = np.arange(len(train.y)) % count
    parts = [(fold_of != fold, fold_of == fold) for fold in range(count)]
    return Folds(train, [tuple(Examples(train.X[m], train.y[m]) for m in pair) for pair in parts])


def fit_of(name: str, **defaults: object) -> Callable[..., Fitted]:
    """Return a function (folds, **settings) that fits a probe of a type; `defaults` and its
    settings hold target, select and seed too."""
    declared = probe_type(name)

    def fit(folds: Folds, **given: object) -> Fitted:
        given = defaults | given
        names = given.keys() & {each.name for each in fields(declared.settings)}
        settings = declared.settings(**{name: given.pop(name) for name in names})
        return declared.fit(folds, settings=settings, **given)

    return fit
