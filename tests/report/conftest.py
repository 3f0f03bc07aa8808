"""A made-up study that the tests of figures share, and figures as objects and as text."""

import xml.etree.ElementTree as ElementTree

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from helpers.tables import Plausible
from plmbench.report.style import SETTINGS


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
