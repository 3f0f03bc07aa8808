"""The report as its reader sees it: one file, in a browser, without a network."""

import re
import shutil
import subprocess

import pytest

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--virtual-time-budget=20000",
]


@pytest.fixture(scope="module")
def page(study_module):
    """Return the DOM of the small study's report as a browser builds it."""
    study_module.run("--report", "results/report.html")
    report = (study_module.root / "results/report.html").resolve().as_uri()
    profile = f"--user-data-dir={study_module.root / 'browser'}"
    command = [CHROMIUM, *QUIET, profile, "--dump-dom", report]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def study_module(finished, tmp_path_factory):
    """Return a copy of the finished study for this module."""
    return finished.copy(tmp_path_factory.mktemp("report") / "a study")


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium or Chrome")
def test_browser_shows_the_description_and_the_categories(page):
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.S)
    for words in ("How much of what a protein language model gives", "Layers", "Tables"):
        assert words in text
