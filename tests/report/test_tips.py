"""What a reader sees who points at a mark: the right text at each, and never markup."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from matplotlib import pyplot as plt

from plmbench.report.style import save
from plmbench.report.svg import inline_figure
from plmbench.report.tips import point_texts, set_tips, text_of, with_tips

HOSTILE = '</title><script>alert(\'x\')</script>",&%2C<g id="tips:a">'


def drawn(path, texts, values=(1.0, 2.0, 3.0)):
    """Write a figure of one line whose points have texts; return {x of a point: its text}."""

    def draw():
        figure, axis = plt.subplots()
        (line,) = axis.plot(range(len(values)), values, marker=".")
        set_tips(line, texts)
        return figure

    save(path, draw)
    root = ElementTree.parse(path).getroot()  # noqa: S314 - our own file
    marks = [node for node in root.iter() if node.tag.endswith("use") and len(node)]
    return [mark[0].text for mark in sorted(marks, key=lambda mark: float(mark.get("x")))]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((0.5, 0.25, 0.125), ["a, 1: 0.500", "a, 2: 0.250", "a, 3: 0.125"]),
        ((0.5, np.nan, 0.125), ["a, 1: 0.500", "a, 3: 0.125"]),
        ((np.nan, 0.25, 1e3), ["a, 2: 0.250", "a, 3: 1,000"]),
    ],
)
def test_each_point_that_is_drawn_has_its_own_text(tmp_path, values, texts):
    given = point_texts("a", ["1", "2", "3"], np.array(values))
    assert given == texts
    assert drawn(tmp_path / "figure.svg", given, values) == texts


def test_a_mark_has_its_value_and_its_interval():
    assert text_of("net", -0.5, -0.75, 0.25) == "net: −0.500 [−0.750, 0.250]"
    assert text_of("net", 0.5) == "net: 0.500"


def test_texts_that_do_not_fit_the_marks_are_left_out(tmp_path):
    assert drawn(tmp_path / "figure.svg", ["one", "two"]) == []


def test_a_hostile_name_is_text(tmp_path):
    path = tmp_path / "figure.svg"
    assert drawn(path, [HOSTILE, "b", "c"]) == [HOSTILE, "b", "c"]
    inlined = inline_figure(path, HOSTILE, "x-")
    assert "<script" not in inlined
    assert inlined.count("<title>") == 3


def test_a_figure_without_tips_stays_as_it_is():
    svg = '<svg><g id="line2d_1"><use x="1"/></g></svg>'
    assert with_tips(svg) == svg


def test_a_figure_with_links_is_no_image_and_its_shapes_take_no_focus(tmp_path):
    path = tmp_path / "figure.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<a xlink:href="#task-0" target="_blank"><path d=""/></a>'
        '<a xlink:href="#task-0"><text>0.1</text></a>'
        '<a xlink:href="#task-0"><text>The task</text></a></svg>'
    )
    inlined = inline_figure(path, "words", "x-")
    assert 'role="group"' in inlined
    assert "_blank" not in inlined
    assert inlined.count('href="#task-0"') == 3  # a part of the page, not of the figure
    assert inlined.count('tabindex="-1"') == 2
    assert '<a xlink:href="#task-0"><text>The task' in inlined  # the one by keyboard
