"""The page as its reader uses it: sorted, filtered, enlarged, without a script, in the dark."""

import re
import shutil
import subprocess

import pytest

from helpers.browser import CHROMIUM, WITHOUT_BROWSER, dom_of, told_by
from helpers.pages import Page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason=WITHOUT_BROWSER),
]
AXE = "axe-core@4.14.1"  # of npm, at the time of the test; no part of the page
HOSTILE = """<script>document.title='run'</script>"><img src=x onerror="document.title='run'">"""
VALUES = """
const table = document.querySelector("table.sortable");
const column = [...table.tHead.rows[0].cells].findIndex((cell) => cell.textContent === "%s");
const values = () => [...table.tBodies[0].rows].map((row) => row.cells[column].textContent);
const heading = table.tHead.rows[0].cells[column];
"""


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """Return the text of axe-core, which finds what keeps people from reading a page."""
    folder = tmp_path_factory.mktemp("axe")
    if shutil.which("npm") is None:
        pytest.skip("needs npm, for axe-core")
    command = ["npm", "pack", AXE, "--silent"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    if done.returncode:
        pytest.skip(f"npm has no {AXE} here")
    shutil.unpack_archive(next(folder.glob("*.tgz")), folder)
    return (folder / "package/axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--window-size=400,900"],
        ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"],
    ],
    ids=["wide", "narrow", "dark"],
)
def test_axe_finds_no_serious_and_no_critical_fault(write, tmp_path, axe, options):
    script = f"""{axe};
    const found = (await axe.run()).violations;
    return found.map((each) => [each.impact, each.id, each.nodes[0].html]);"""
    faults = told_by(tmp_path, write(), script, *options)
    assert [fault for fault in faults if fault[0] in ("serious", "critical")] == []


def test_a_click_on_a_heading_sorts_by_numbers_and_names(write, tmp_path):
    script = VALUES % "benefits" + "heading.click(); const up = values(); heading.click();"
    script += "return {up, down: values(), sort: heading.getAttribute('aria-sort')};"
    told = told_by(tmp_path, write(), script)
    assert told["up"] == sorted(told["up"], key=int)
    assert told["down"] == sorted(told["up"], key=int, reverse=True)
    assert told["sort"] == "descending"


def test_a_heading_is_sorted_by_keyboard_too(write, tmp_path):
    script = (
        VALUES % "probe"
        + """
    heading.focus();
    heading.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}));
    return {values: values(), focused: document.activeElement === heading};"""
    )
    told = told_by(tmp_path, write(), script)
    assert told["values"] == sorted(told["values"])
    assert told["focused"]


def test_a_choice_shows_its_rows_and_says_how_many(write, tmp_path):
    script = """
    for (const details of document.querySelectorAll("details")) details.open = true;
    const bar = document.querySelector(".filters"), select = bar.querySelector("select");
    const rows = [...bar.nextElementSibling.querySelectorAll("tbody tr")];
    select.selectedIndex = 1;
    select.dispatchEvent(new Event("change", {bubbles: true}));
    const shown = rows.filter((row) => row.checkVisibility()).map((row) => row.textContent);
    const words = bar.querySelector("output").textContent;
    return {shown, words, all: rows.length, chosen: select.value};"""
    told = told_by(tmp_path, write(), script)
    assert 0 < len(told["shown"]) < told["all"]
    assert all(told["chosen"] in text for text in told["shown"])
    assert told["words"] == f"{len(told['shown'])} of {told['all']} rows"


def test_a_figure_opens_large_and_goes_back_where_it_was(write, tmp_path):
    script = """
    const figure = document.querySelector("figure"), svg = figure.querySelector("svg");
    const before = svg.getBoundingClientRect().width;
    figure.querySelector("button").click();
    const dialog = document.querySelector("dialog");
    const large = svg.getBoundingClientRect().width, open = dialog.open && dialog.contains(svg);
    dialog.querySelector("button").click();
    await new Promise((after) => setTimeout(after, 50));
    return {open, larger: large > before, back: figure.contains(svg)};"""
    told = told_by(tmp_path, write(), script)
    assert told == {"open": True, "larger": True, "back": True}


@pytest.mark.parametrize("width", [400, 1300])
def test_the_page_is_no_wider_than_the_window(write, tmp_path, width):
    script = "return document.documentElement.scrollWidth - innerWidth;"
    assert told_by(tmp_path, write(), script, f"--window-size={width},900") <= 0


def test_hostile_names_run_nothing_in_choices_and_dialogs_either(study, write, tmp_path):
    models = {name: facts | {"title": HOSTILE + name} for name, facts in study.about.items()}
    tasks = [task | {"title": HOSTILE} for task in study.tasks]
    runs = study.runs.assign(model=HOSTILE + study.runs["model"])
    script = """
    for (const button of document.querySelectorAll("figure button")) {
      button.click(); document.querySelector("dialog").close();
    }
    const options = [...document.querySelectorAll("option")].map((each) => each.textContent);
    return {title: document.title, images: document.images.length, options};"""
    told = told_by(tmp_path, write(tasks, models, runs=runs), script)
    assert told["title"].startswith("plmbench")
    assert told["images"] == 0
    assert [text for text in told["options"] if HOSTILE in text]


def test_under_its_policy_the_page_sorts_and_no_foreign_script_runs(write, tmp_path):
    page = tmp_path / "page.html"
    foreign = "<script>document.title = 'run'</script></body>"
    page.write_text(write().replace("</body>", foreign), encoding="utf-8")
    dom = dom_of(page)
    assert "<title>plmbench" in dom
    assert 'role="columnheader"' in dom  # our own ran


def test_without_scripts_all_of_it_is_there(write, tmp_path):
    html = write()
    page = tmp_path / "page.html"
    off = re.sub('script-src[^;"]*', "script-src &#39;none&#39;", html)
    page.write_text(off, encoding="utf-8")
    shown = Page(dom_of(page))
    assert [len(table["rows"]) for table in shown.tables] == [
        len(table["rows"]) for table in Page(html).tables
    ]
    assert not {"select", "dialog", "button"} & {tag for tag, _, _ in shown.attributes}
