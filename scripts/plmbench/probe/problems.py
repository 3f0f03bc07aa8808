"""Problems: what a task asks of a probe on every layer, made from its labels.

Tasks that learn from the same examples and differ in what they are tested on are one Problem, which
is fit once.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
import pandas as pd

from plmbench.core.errors import about
from plmbench.core.logs import log
from plmbench.core.metrics import Target
from plmbench.core.test_sets import with_set
from plmbench.probe.examples import (
    LABELLED,
    Labelled,
    Source,
    shuffled,
    test_set_of,
    without_test,
)
from plmbench.probe.plans import Plan, for_permuted, plan_of
from plmbench.probe.predictions import TestSet

Labels: TypeAlias = pd.DataFrame | Mapping[str, pd.DataFrame]  # of a task, or {test set: with it}


class Asking(Protocol):
    """What of a probe decides what it is asked."""

    @property
    def task_type(self) -> str:
        """Return the type of its tasks."""

    @property
    def max_examples(self) -> int | None:
        """Return how many examples a fit may see at most; None for all."""

    @property
    def permute_labels(self) -> bool:
        """Tell whether it is a control that has nothing to learn."""


class Tested(NamedTuple):
    """A test set, and the rows of its examples in the layers of an embedding file."""

    test: TestSet
    rows: np.ndarray  # int64 [example]


class Problem(NamedTuple):
    """What is asked of every layer."""

    target: Target  # as a choice may know it
    examples: Labelled
    plan: Plan
    tests: dict[str, Tested]  # by the name of the set; that of a split's only one is ""
    labels: pd.DataFrame  # from which it was made


def problem_of(
    source: Source, labels: pd.DataFrame, probe: Asking, task: str = "this task", name: str = ""
) -> Problem:
    """Return the Problem that a table of labels and what holds their sequences pose to a probe; the
    log calls it `task`. name: of its test set."""
    target, examples = LABELLED[probe.task_type](labels, source, probe.task_type)
    test, test_positions = test_set_of(examples, target)
    tests = {name: Tested(test, examples.rows[test_positions])}
    target = without_test(target, examples)  # before labels are permuted
    plan = plan_of(examples, probe.max_examples or len(labels), target, task)
    if probe.permute_labels:
        examples = shuffled(examples)
        plan = for_permuted(plan, examples)
    log.info(
        "learning from %d examples, choosing on %d in %d part(s), testing on %d",
        len(plan.train),
        sum(len(held_out) for _, held_out in plan.pairs),
        len(plan.pairs),
        len(test_positions),
    )
    return Problem(target, examples, plan, tests, labels)


def seen(problem: Problem) -> list[np.ndarray]:
    """Return all that a fit of a problem sees: rows and targets of the parts of its plan."""
    examples, plan = problem.examples, problem.plan
    parts = [plan.train, plan.validation, *(part for pair in plan.pairs for part in pair)]
    return [values[part] for part in parts for values in (examples.rows, examples.y)]


def learn_alike(first: Problem, second: Problem) -> bool:
    """Tell whether a fit of one problem is one of the other: the same examples in the same order,
    with the same classes."""
    pairs = seen(first), seen(second)
    return (
        first.target == second.target
        and len(pairs[0]) == len(pairs[1])
        and all(map(np.array_equal, *pairs))
    )


def problems_of(
    source: Source, labels: Labels, probe: Asking, task: str = "this task"
) -> list[Problem]:
    """Return the Problems of a task, or of the test sets of a split, each as it would be alone.

    Sets that learn alike are one. Another one has a class that these have not, for the number of
    classes bears on a fit.
    """
    tables = labels if isinstance(labels, Mapping) else {"": labels}
    problems: list[Problem] = []
    for name, table in tables.items():
        with about(f"test set {name}") if name else nullcontext():
            problem = problem_of(source, table, probe, with_set(task, name), name)
        same = next((other for other in problems if learn_alike(other, problem)), None)
        if same is not None:
            same.tests.update(problem.tests)
            continue
        if problems:
            log.info("%s: learns from other examples or classes, and is fit by itself", name)
        problems.append(problem)
    return problems


def tests_of(problems: list[Problem]) -> dict[str, TestSet]:
    """Return {name: TestSet} of all test sets of problems."""
    return {name: own.test for problem in problems for name, own in problem.tests.items()}
