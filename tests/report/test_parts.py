"""The figure and the section of the page on networks that are ablated in part."""

import numpy as np
import pandas as pd
import pytest

from plmbench.compare.critical_depth import COLUMNS
from plmbench.core.facts import TaskFacts
from plmbench.report.figure_files import FigureFiles
from plmbench.report.parts import write_figure
from plmbench.report.parts_section import parts_section, sentences

TASK: TaskFacts = {
    "dataset": "toy",
    "split": "first",
    "title": "Toy, first",
    "task_type": "residue_classification",
    "metric": "accuracy",
}
JOB = ["toy", "first", "net", "parts", "reinit", "logistic", "residues", "accuracy"]
FACTS = [3, 900, 60]
NO_GAIN = "y(0) - y(N) = 0.01 [-0.1, 0.1] includes 0: there is no gain to take a share of"


def depth_of(top, bottom, reason=""):
    """Return critical_depth.tsv of curves with these areas, each (value, low, high)."""
    rows = []
    for direction, area in (("top", top), ("bottom", bottom)):
        for k in range(5):
            y = [0.6 - k / 50, 0.58 - k / 50, 0.62 - k / 50]
            left = [1 - k / 4] * 3
            k50 = [4 * area[0], 4 * area[1], 4 * area[2]]
            rows.append([*JOB, direction, k, 4, *y, *left, *area, *k50, *FACTS, reason])
    return pd.DataFrame(rows, columns=COLUMNS["critical_depth"])


def parts_of(norm=(-0.2, -0.4, -0.1), reason=""):
    """Return parts.tsv in which a role's share is this."""
    shares = {"none": ("whole", (0, 0, 0)), "all": ("whole", (1, 1, 1))}
    shares |= {"mixing": ("roles", (0.8, 0.7, 0.9)), "norm": ("roles", norm)}
    shares |= {"blocks 1-2": ("window", (0.3, 0.2, 0.4))}
    rows = [
        [*JOB, kind, part, 0.5, 0.4, 0.6, *([np.nan] * 3 if reason else share), *FACTS, reason]
        for part, (kind, share) in shares.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS["parts"])


HIGH, LOW, MIDDLE = (0.8, 0.7, 0.9), (0.3, 0.2, 0.4), (0.5, 0.3, 0.7)
UNKNOWN = (np.nan, np.nan, np.nan)
WORDS = [
    (HIGH, LOW, "it lies in the lower blocks"),
    (LOW, HIGH, "it lies in the upper blocks"),
    (LOW, LOW, "blocks of both ends are needed"),
    (MIDDLE, MIDDLE, "the intervals do not tell where it lies"),
    (HIGH, MIDDLE, "the intervals do not tell where it lies"),
]


@pytest.mark.parametrize(("top", "bottom", "words"), WORDS)
def test_words_follow_from_the_areas(top, bottom, words):
    (sentence,) = sentences(depth_of(top, bottom), parts_of(), {})
    assert words in sentence
    assert "of the roles, mixing costs most, a share of 0.800" in sentence
    assert "better without: norm" in sentence


def test_words_do_not_call_a_part_harmful_that_may_not_be():
    (sentence,) = sentences(depth_of(HIGH, LOW), parts_of((-0.2, -0.4, 0.1)), {})
    assert "better without" not in sentence


def test_words_say_why_there_is_nothing_to_divide():
    (sentence,) = sentences(depth_of(UNKNOWN, UNKNOWN, NO_GAIN), parts_of(reason=NO_GAIN), {})
    assert sentence == f"net, parts, logistic: {NO_GAIN}."


@pytest.mark.parametrize(
    ("depth", "parts", "shown"),
    [
        (depth_of(HIGH, LOW), parts_of(), ["blocks ablated, of 4", "mixing", "blocks 1-2"]),
        (depth_of(HIGH, LOW), parts_of()[:0], ["blocks ablated, of 4", "No parts were asked for"]),
        (depth_of(HIGH, LOW)[:0], parts_of(), ["No sweep over the depth", "norm"]),
        (depth_of(UNKNOWN, UNKNOWN, NO_GAIN), parts_of(reason=NO_GAIN), ["there is no gain"]),
        (depth_of(HIGH, LOW)[:0], parts_of()[:0], ["No network was ablated in part"]),
    ],
)
def test_the_figure_shows_what_there_is_and_says_what_is_not(text_of, depth, parts, shown):
    tables = {"critical_depth": depth, "parts": parts}
    text = text_of(lambda path: write_figure(path, tables, [TASK], {}))
    assert all(words in text for words in shown)


def test_the_page_has_the_section_where_networks_are_ablated_in_part(write, study, figures):
    task = study.tasks[0]
    names = {"dataset": task["dataset"], "split": task["split"]}
    depth, parts = depth_of(HIGH, LOW).assign(**names), parts_of().assign(**names)
    drawn = {"parts": figures.study["heat_map"]}
    tasks = {f"{t['dataset']}/{t['split']}": drawn for t in study.tasks}
    shown = FigureFiles(figures.words, tasks, figures.study)
    page = write(shown=shown, critical_depth=depth, parts=parts)
    assert 'id="parts"' in page
    assert "it lies in the lower blocks" in page
    assert page.count("it lies in the lower blocks") == 1  # of one task
    assert 'id="parts"' not in write()


def test_a_study_without_parts_has_no_section():
    assert parts_section({}, {}, {}, [TASK]) == []
