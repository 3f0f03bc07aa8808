"""The panel "in short" of the page: the answer first, in sentences made of the numbers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.core.columns import NETWORK_ROW, TASK
from plmbench.core.facts import Models, TaskFacts
from plmbench.core.metrics import LOWER_IS_BETTER
from plmbench.core.noise_sources import TEST
from plmbench.core.verdicts import (
    BENEFITS,
    NO_BENEFIT,
    NOT_ASSESSABLE,
    TOO_FEW,
    UNCLEAR,
    WORSE,
)
from plmbench.report.cells import measure
from plmbench.report.heat_map import gains
from plmbench.report.notes import names_in
from plmbench.report.style import quantity, setting_label, with_minus_sign
from plmbench.report.subjects import anchor_of, metric_label, modality_of, of_task, title_of

NAMED = 3  # networks that a sentence names; of more it says how many


class Point(NamedTuple):
    """What is said of one task, and where the page shows it."""

    title: str
    anchor: str
    sentences: list[str]


class Group(NamedTuple):
    """The networks of one task and setting that share a verdict."""

    rows: pd.DataFrame  # of the verdicts table, with `gain`
    among: int  # networks compared in this setting
    metric: str
    unit: str  # the units of intervals in words
    about: Models

    @property
    def units(self) -> str:
        """Return the units of intervals in words, with their number."""
        return f"{int(self.rows['units'].max()):,} {self.unit}"

    @property
    def who(self) -> str:
        """Return which networks these are: how many of how many, and a few by name."""
        names = [title_of(model, self.about) for model in self.rows["model"]]
        if self.among == 1:
            return f"the one network ({names[0]})"
        if len(names) == self.among:
            return "both networks" if self.among == 2 else f"all {self.among} networks"
        some = f" ({', '.join(names)})" if len(names) <= NAMED else ""
        return f"{len(names)} of {self.among} networks{some}"


def number(value: float) -> str:
    """Return a number as a sentence has it: two decimals, or two digits of what is smaller."""
    if abs(value) >= 10:
        return measure(value)
    if value == 0 or abs(value) >= 0.005:
        return with_minus_sign(f"{value:.2f}")
    return with_minus_sign(np.format_float_positional(float(f"{value:.1e}"), trim="-"))


def span(values: pd.Series) -> str:
    """Return the least and the most of some numbers, or the one that they are; "" for none."""
    known = values[np.isfinite(values)]
    ends = [number(value) for value in (known.min(), known.max())] if len(known) else []
    return " to ".join(dict.fromkeys(ends))


def unit_of(metric: str) -> str:
    """Return a metric's name in a sentence."""
    lower = " (lower is better)" if metric in LOWER_IS_BETTER else ""
    return f"{metric_label(metric).partition(' (')[0]}{lower}"


def helps(group: Group) -> str:
    """Say for which networks pretraining helps, and by how much."""
    by = span(group.rows["gain"])
    return f"pretraining helps {group.who}" + (
        f", by {by} in {unit_of(group.metric)}" if by else ""
    )


def is_worse(group: Group) -> str:
    """Say what is better than the pretrained networks."""
    ahead = dict.fromkeys(name for text in group.rows["ahead"] for name in names_in(text))
    names = " or ".join(title_of(name, group.about) for name in ahead) or "a reference"
    return f"for {group.who}, {names} is clearly better than the pretrained network"


def helps_not(group: Group) -> str:
    """Say for which networks a gain worth having is excluded."""
    least = span(group.rows["min_effect"])
    worth = f" ({least} or more)" if least else ""
    return f"for {group.who}, a gain worth having{worth} is excluded"


def takes(group: Group) -> str:
    """Return what it takes to find a smaller gain, as a clause; "" where that is not known."""
    found = [name for name in dict.fromkeys(group.rows["most_noise"]) if name]
    sources = [group.unit if name == TEST else name for name in found]
    return f", and a smaller one takes more {' or '.join(sources)}" if sources else ""


def cannot_say(group: Group) -> str:
    """Say for which networks the data do not decide, and what they would have found."""
    found = span(group.rows["detectable_gain"])
    power = f"; 80 % power would have found a gain of {found}" if found else ""
    return f"{group.units} cannot say whether it helps {group.who}{power}{takes(group)}"


def are_too_few(group: Group) -> str:
    """Say that there are too few test examples or seeds, and how many or how large a gain it would
    take."""
    needed = int(group.rows["units_needed"].max())
    if (group.rows["units"] < group.rows["units_needed"]).any():
        return f"{group.units} are too few for {group.who}; a verdict needs {needed:,}"
    found = span(group.rows["detectable_gain"])
    power = f"; 80 % power takes a gain of {found}" if found else ""
    return f"not even a large gain would have been found for {group.who}{power}{takes(group)}"


def has_none(group: Group) -> str:
    """Say why there is no verdict."""
    reasons = [reason for reason in dict.fromkeys(group.rows["reason"]) if reason]
    more = f" and {quantity(len(reasons) - 1, 'other reason')}" if len(reasons) > 1 else ""
    why = f": {reasons[0]}{more}" if reasons else ""
    return f"there is no verdict for {group.who}{why}"


# In the order of sentences.
CLAUSES: dict[str, Callable[[Group], str]] = {
    BENEFITS: helps,
    WORSE: is_worse,
    NO_BENEFIT: helps_not,
    UNCLEAR: cannot_say,
    TOO_FEW: are_too_few,
    NOT_ASSESSABLE: has_none,
}


def unit_text(units: int, test_units: float, examples: str) -> str:
    """Return what so many units of intervals are; test_units: the distinct test examples."""
    related = np.isfinite(test_units) and units < test_units
    return f"{'families of ' if related else ''}test {examples}"


def setting_sentences(
    rows: pd.DataFrame, task: TaskFacts, test_units: float, about: Models
) -> Iterator[str]:
    """Yield one sentence per verdict that networks have under one probe and pooling."""
    unit = unit_text(int(rows["units"].max()), test_units, modality_of(task).examples)
    for verdict, clause in CLAUSES.items():
        own = rows[rows["verdict"] == verdict]
        if len(own):
            words = clause(Group(own, len(rows), task["metric"], unit, about))
            yield f"{words[0].upper()}{words[1:]}."


def task_sentences(
    rows: pd.DataFrame, task: TaskFacts, test_units: float, about: Models
) -> Iterator[str]:
    """Yield the sentences of one task; where there are several settings, each begins with its
    own."""
    settings = list(rows.groupby(["probe", "pooling"], sort=False))
    for setting, own in settings:
        found = " ".join(setting_sentences(own, task, test_units, about))
        yield f"{setting_label(*setting)}: {found}" if len(settings) > 1 else found


def points(
    tables: Mapping[str, pd.DataFrame], tasks: Sequence[TaskFacts], about: Models
) -> Iterator[Point]:
    """Yield what is said of each task that has a verdict, in the order of the tasks."""
    verdicts, datasets = tables["verdicts"], tables["datasets"]
    if verdicts.empty:
        return
    metric_of = {(task["dataset"], task["split"]): task["metric"] for task in tasks}
    gain = gains(tables["differences"], verdicts, metric_of)[[*NETWORK_ROW, "gain"]]
    verdicts = verdicts.merge(gain, on=NETWORK_ROW, how="left")
    for place, task in enumerate(tasks):
        names = task["dataset"], task["split"]
        rows, counts = of_task(verdicts, *names), of_task(datasets, *names)
        if len(rows):
            test_units = float(pd.to_numeric(counts["test_units"]).max())
            found = task_sentences(rows, task, test_units, about)
            yield Point(task["title"], anchor_of(place), [*found])


def answer_of(verdicts: set[str]) -> str:
    """Return the answer of a task, from the verdicts that most networks have under each probe."""
    if verdicts == {BENEFITS}:
        return BENEFITS
    if BENEFITS in verdicts:
        return "depends"
    return NO_BENEFIT if verdicts <= {NO_BENEFIT, WORSE} else UNCLEAR


ANSWERS = {
    BENEFITS: "on {n} of {of} pretraining helps {whom}",
    "depends": "on {n} of {of} this depends on probe or pooling",
    NO_BENEFIT: "on {n} of {of} it gives {whom} nothing worth having",
    UNCLEAR: "on {n} of {of} the data cannot say",
}


def headline(task_verdicts: pd.DataFrame, tasks: Sequence[TaskFacts]) -> str:
    """Return the answer of the study in one sentence; "" where nothing was compared."""
    if task_verdicts.empty:
        return ""
    titles = {(task["dataset"], task["split"]): task["title"] for task in tasks}
    answers: dict[str, list[str]] = {name: [] for name in ANSWERS}
    for key, rows in task_verdicts.groupby(TASK, sort=False):
        answers[answer_of(set(rows["verdict"]))].append(titles.get(key, "/".join(key)))
    of = quantity(sum(map(len, answers.values())), "task")
    whom = "the network" if task_verdicts["models"].max() == 1 else "most networks"
    text = "; ".join(
        ANSWERS[name].format(n=len(own) or "none", of=of, whom=whom)
        + (f" ({'; '.join(own)})" if own else "")
        for name, own in answers.items()
        if own or name == BENEFITS
    )
    return f"{text[0].upper()}{text[1:]}."
