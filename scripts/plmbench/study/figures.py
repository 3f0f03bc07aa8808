"""The figures of a study: one declaration per kind, and the files that it makes of each."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from plmbench.study import perturbations, targets
from plmbench.study.catalogues import Study

OF_TASK = "results/figures/{task}.{name}.svg"
OF_STUDY = "results/figures/{name}.svg"


def all_tasks(study: Study) -> list[str]:
    """Return every task, as `dataset/split`."""
    return targets.of_tasks(study, "{dataset}/{split}")


def tasks_with_parts(study: Study) -> list[str]:
    """Return the tasks whose networks are ablated in part."""
    return all_tasks(study) if targets.part_tables(study) else []


class Figure(NamedTuple):
    """A kind of figure: a module of plmbench.report draws it."""

    module: str  # and the end of the file's name
    section: str  # of Snakemake's report
    tables: tuple[str, ...]  # that it is drawn from
    tasks: Callable[[Study], list[str]] | None = all_tasks  # None: one figure of the whole study
    words: str = ""  # under each task of the page; "" where another section shows it
    caption: str = ""  # a file of resources/report, where it is not named like the module


# In the order of the page.
FIGURES = (
    Figure(
        "curves",
        "Layers",
        ("scores",),
        words="the metric on test against the layer, one panel per network",
    ),
    Figure(
        "bars",
        "Arms",
        ("arms",),
        words="every arm, at the layer chosen on validation and at the last, with 95 % intervals",
    ),
    Figure(
        "scaling",
        "Scaling",
        ("gains", "correlations"),
        words="what pretraining gives against size, depth and share of the pretraining",
    ),
    Figure("heat_map", "Study", ("differences", "verdicts"), None),
    Figure("networks", "Study", ("networks",), None),
    Figure("distances", "Study", ("identity_bins",), None),
    Figure("learning_curves", "Labels", ("learning_curves",), targets.curve_tasks),
    Figure("selectivity", "Layers", ("selectivity",), targets.with_control_tasks),
    Figure("parts", "Parts", ("critical_depth", "parts"), tasks_with_parts, caption="parts_figure"),
)
NUDGES = tuple(
    Figure(name, "Nudges", (name,), None)
    for name in ("spread", "profile", "response_map", "contact_map")
)


class Drawn(NamedTuple):
    """One file of a kind of figure."""

    figure: Figure
    path: str
    task: str  # `dataset/split`; "" where it is of the whole study


def files_of(figure: Figure, study: Study) -> list[Drawn]:
    """Return the files of one kind of figure, one per task that has it."""
    if figure.tasks is None:
        return [Drawn(figure, OF_STUDY.format(name=figure.module), "")]
    return [
        Drawn(figure, OF_TASK.format(task=task, name=figure.module), task)
        for task in figure.tasks(study)
    ]


def drawn(study: Study) -> list[Drawn]:
    """Return every figure of a study, in the order of the page."""
    nudges = {figure.module: figure for figure in NUDGES}
    return [
        *(file for figure in FIGURES for file in files_of(figure, study)),
        *(Drawn(nudges[name], path, "") for name, path in perturbations.figures(study).items()),
    ]


def paths(study: Study) -> list[str]:
    """Return the files of every figure."""
    return [file.path for file in drawn(study)]


def tables(study: Study) -> list[str]:
    """Return the tables that the figures are drawn from, each once."""
    names = dict.fromkeys(name for file in drawn(study) for name in file.figure.tables)
    return [f"results/tables/{name}.tsv" for name in names]


def modules(figures: Iterable[Figure]) -> list[str]:
    """Return the modules that draw figures, each once."""
    return list(dict.fromkeys(f"plmbench.report.{figure.module}" for figure in figures))


def modules_of(study: Study) -> list[str]:
    """Return the modules that draw the figures of a study."""
    return modules(file.figure for file in drawn(study))


def described(study: Study) -> list[dict]:
    """Return what the job that draws them is told of each figure."""
    return [
        {"figure": file.figure.module, "tables": list(file.figure.tables), "task": file.task}
        for file in drawn(study)
    ]


def words() -> list[tuple[str, str]]:
    """Return what the page says of the figures under each task, in their order."""
    return [(figure.module, figure.words) for figure in FIGURES if figure.words]
