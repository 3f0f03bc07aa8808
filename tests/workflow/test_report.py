"""The report as its reader sees it: one file, in a browser, without a network."""

import base64
import re

import pytest

from helpers.browser import CHROMIUM, WITHOUT_BROWSER, dom_of

TABLES = ("scores", "summary", "datasets", "runs", "verdicts", "task_verdicts")
FIGURES = ("curves", "bars", "scaling")
SPLITS = ("first", "second")


@pytest.fixture(scope="module")
def reported(finished, tmp_path_factory):
    """Return a copy of the finished study with its report."""
    study = finished.copy(tmp_path_factory.mktemp("report") / "a study")
    study.run("--report", "results/report.html")
    return study


@pytest.fixture(scope="module")
def report(reported):
    """Return the text of the study's report."""
    return reported.read("results/report.html")


@pytest.fixture(scope="module")
def page(reported):
    """Return the DOM of the small study's report as a browser builds it."""
    return dom_of(reported.root / "results/report.html")


def test_the_report_has_every_caption(report, finished):
    words = " ".join(re.sub(r"\\n|<[^>]*>", " ", report).split())
    for caption in (*TABLES, *FIGURES, "heat_map", "page", "workflow"):
        text = finished.read(f"resources/report/{caption}.rst")
        for split in SPLITS:
            task = {"dataset": "toy", "split": split}
            filled = re.sub(r"{{ snakemake\.wildcards\.(\w+) }}", lambda m: task[m[1]], text)  # noqa: B023
            sentence = re.split(r"[:,?.(*]", filled)[0]
            assert " ".join(sentence.split()) in words


def test_the_report_has_every_table_figure_and_page_as_it_is(report, finished):
    files = [f"tables/{name}.tsv" for name in TABLES]
    files += [f"figures/toy/{split}.{name}.svg" for split in SPLITS for name in FIGURES]
    for path in [*files, "figures/heat_map.svg", "study.html"]:
        content = (finished.root / "results" / path).read_bytes()
        assert base64.b64encode(content).decode() in report, path


def test_the_report_loads_nothing_from_elsewhere(report):
    tags = re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", report)
    remote = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""")
    assert len(tags) > 5
    assert not [tag for tag in tags if remote.search(tag)]


@pytest.mark.skipif(CHROMIUM is None, reason=WITHOUT_BROWSER)
def test_browser_shows_the_description_and_the_categories(page):
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.S)
    words = ("Study", "Arms", "Layers", "Scaling", "Tables")
    for category in ("How much of what a protein language model gives", *words):
        assert category in text
