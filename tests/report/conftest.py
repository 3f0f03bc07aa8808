"""A made-up study that the tests of figures share, and figures as objects and as text."""

import xml.etree.ElementTree as ElementTree

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from helpers.tables import Plausible
from plmbench.report.bars import write_bars
from plmbench.report.figure_files import FigureFiles
from plmbench.report.heat_map import write_heat_map
from plmbench.report.page import write_page
from plmbench.report.style import SETTINGS
from plmbench.report.subjects import Subject, of_task, task_key

TABLES = ("task_verdicts", "verdicts", "differences", "networks", "architectures")
TABLES += ("datasets", "runs")


@pytest.fixture(scope="session")
def study():
    """Return a study of two networks, one with earlier checkpoints, on one task of each type."""
    return Plausible(networks=2, tasks=3)


@pytest.fixture
def draw():
    """Return a function that calls another one under the settings of figures."""
    with mpl.rc_context(SETTINGS):
        yield lambda function, *arguments: function(*arguments)
        plt.close("all")


@pytest.fixture
def text_of(tmp_path):
    """Return a function that writes a figure and returns its text; it must be well-formed."""

    def text(write, *arguments):
        path = tmp_path / "figure.svg"
        write(path, *arguments)
        root = ElementTree.parse(path).getroot()  # noqa: S314 - our own file
        texts = [node for node in root.iter() if node.tag.endswith("text")]
        return "\n".join("".join(node.itertext()) for node in texts)

    return text


@pytest.fixture(scope="session")
def figures(study, tmp_path_factory):
    """Return the paths of the map, and of one figure of the first task."""
    folder = tmp_path_factory.mktemp("figures")
    task = study.tasks[0]
    write_heat_map(folder / "map", study.differences, study.verdicts, study.about, study.tasks)
    arms = of_task(study.arms, task["dataset"], task["split"])
    write_bars(folder / "bars", arms, Subject(task["metric"], study.about, task))
    return FigureFiles(
        {"bars": "every arm"},
        {task_key(task): {"bars": folder / "bars"}},
        {"heat_map": folder / "map"},
    )


@pytest.fixture
def write(study, figures, tmp_path):
    """Return a function that writes the page, with tables or `about` changed, and its HTML."""

    def html(tasks=None, models=None, shown=figures, **changed):
        tables = {name: getattr(study, name) for name in TABLES} | changed
        page = tmp_path / "page.html"
        write_page(page, tables, shown, models or study.about, tasks or study.tasks)
        return page.read_text(encoding="utf-8")

    return html
