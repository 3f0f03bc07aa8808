"""What makes the page one to work with: anchors, links to tasks, hooks of scripts, its size."""

import re
from html import unescape

import pytest

from helpers.pages import Page
from plmbench.report.cells import FILTERED_FROM, Cell, Table
from plmbench.report.page_code import scripts

LARGEST = 256 * 1024  # bytes of style and scripts together; the issue allows a library of 1 MB
OWN = 64  # and of the markup of one cell


def links(page):
    """Return where the page's links lead, without those of figures' patterns."""
    return [value for tag, name, value in page.attributes if tag == "a" and name.endswith("href")]


def test_every_anchor_of_the_page_leads_to_an_element(write):
    page = Page(write())
    ids = {value for _, name, value in page.attributes if name == "id"}
    named = [v for _, name, v in page.attributes if name in ("aria-labelledby", "for")]
    assert {link[1:] for link in links(page)} | {*named} <= ids
    assert all(link.startswith("#") for link in links(page))


def test_the_verdicts_the_map_and_the_panel_lead_to_every_task(study, write):
    html = write()
    for place, task in enumerate(study.tasks):
        link = f'<a href="#task-{place}">{task["title"]}</a>'
        assert html.count(link) >= 3  # contents, in short, verdicts
        assert f'<a xlink:href="#task-{place}"' in html  # a cell of the map


def test_the_answer_comes_first_then_the_evidence_then_the_detail(write):
    found = re.findall(r'<h2 id="([\w-]+)">', write())
    order = ["short", "contents", "verdicts", "map", "method", "networks", "tasks", "distance"]
    assert [name for name in found if name in order] == order
    assert found[-2:] == ["data", "runs"]


def test_no_script_runs_but_those_whose_digests_the_page_names(write):
    html = write()
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1])
    assert "default-src 'none'" in policy
    sources = re.search(r"script-src ([^;]*)", policy)[1].split()
    assert sources == [script.source for script in scripts()]


def test_style_and_scripts_are_small_and_hold_no_end_of_theirs(write, study):
    assert sum(len(script.text.encode()) for script in scripts()) < LARGEST
    assert not [script for script in scripts() if "</script" in script.text]
    cells = sum(len(table["rows"]) * len(table["rows"][0]) for table in Page(write()).tables)
    text = len(Page(write()).text("body"))
    svg = sum(map(len, re.findall(r"<svg.*?</svg>", write(), re.S)))
    assert len(write()) < LARGEST + text + svg + OWN * cells


def test_a_table_says_which_columns_are_numbers_and_which_choose_rows(study, write):
    html = write()
    tasks = re.search(r"<table[^>]*>\s*<caption><span>Verdict per task.*?</table>", html, re.S)[0]
    headings = re.findall(r"<th scope=\"col\"([^>]*)>([^<]*)</th>", tasks)
    kinds = {name: marks.split() for marks, name in headings}
    filters = ["data-filter"] if len(study.task_verdicts) >= FILTERED_FROM else []
    assert tasks.startswith('<table class="sortable">')
    assert kinds["networks"] == ['data-sort-method="number"']
    assert kinds["task"] == kinds["probe"] == kinds["verdict"] == filters
    networks = study.task_verdicts["models"].iloc[0]
    assert f'<td data-sort="{networks}">{networks}</td>' in tasks
    assert "data-filter" in html  # of a table with more rows


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+0.072\n[−0.037, 0.181]", "0.072"),
        ("−0.500", "-0.500"),
        ("12,345", "12345"),
        ("≥ 31 [12, ≥ 31]", "31"),
        ("0 %", "0"),
        ("–", ""),
        ("not compared", ""),
        ("3di_network", ""),
        ("2024-01-01", ""),
    ],
)
def test_a_cell_is_sorted_by_the_number_that_it_begins_with(text, number):
    assert Cell(text).number == number


@pytest.mark.parametrize(
    ("texts", "numeric"),
    [
        (["1", "2"], True),
        (["1.5", "–", "not compared"], True),
        (["–", "–"], False),
        (["3di", "7"], False),
        (["net", "other"], False),
    ],
)
def test_a_column_of_names_that_begin_with_digits_is_none_of_numbers(texts, numeric):
    assert Table("", ["x"], [[Cell(text)] for text in texts]).numeric == [numeric]
