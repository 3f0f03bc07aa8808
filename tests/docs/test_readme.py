"""README and the pages of docs/ are short, hold what their files say, and lead somewhere."""

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from docs import generate
from helpers.configurations import study
from helpers.studies import ROOT, copy_workflow
from plmbench.compare.tables import read_table
from plmbench.core.verdicts import VERDICTS

README = generate.README.read_text(encoding="utf-8")
PAGES = sorted(generate.DOCS.glob("*.md"))
INTRODUCTIONS = [ROOT / f"{folder}/README.md" for folder in ("config", "profiles", "results")]
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)
RECIPE = "## Your own data and your own model"
FILE = re.compile(r"`((?:\w+/)+\w+\.(?:py|smk|yaml|toml|sh|tsv))\b")
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)


def anchors_of(text):
    """Return the anchors that GitHub gives the headings of a page."""
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in plain}


def recipe():
    """Return the commands of README's recipe, in order."""
    _, _, rest = README.partition(RECIPE)
    section, _, _ = rest.partition("\n## ")
    return "".join(BLOCK.findall(section))


@pytest.mark.parametrize(
    ("page", "most"),
    # settings.md is a reference, one row per key, and read by search
    [(generate.README, 160), *((page, 260 if page.stem == "settings" else 150) for page in PAGES)],
    ids=lambda value: value.stem if isinstance(value, Path) else None,
)
def test_a_page_is_short(page, most):
    assert len(page.read_text(encoding="utf-8").splitlines()) <= most


@pytest.mark.parametrize(
    "document", generate.PARTS, ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_generated_parts_equal_their_files(document):
    text = document.read_text(encoding="utf-8")
    assert generate.filled(document) == text, "run `make readme` and commit what it changes"


def test_demo_table_shows_every_arm_of_the_demo_and_its_verdict():
    header = generate.demo().splitlines()[0]
    for column in ("task", "one-hot", "reinit", "resample", "pretrained", "verdict"):
        assert f" {column} " in header


def test_readme_shows_several_verdicts_in_at_most_eight_rows():
    header, _, *rows = [line.split("|") for line in generate.demo().splitlines()]
    column = [name.strip() for name in header].index("verdict")
    verdicts = {row[column].strip() for row in rows}
    assert len(rows) <= 8
    assert len(verdicts) >= 2
    assert verdicts <= {*VERDICTS, "scales"}  # that of tables of earlier versions


def test_demo_table_holds_the_numbers_of_its_arms():
    arms, made = read_table(generate.DEMO / "arms.tsv"), study()
    shown = (generate.DEMO / "overview.md").read_text(encoding="utf-8")
    best = arms[(arms["layer_selection"] == "validation") & (arms["model"] == "mini_carp_600k")]
    best = best[~best["probe"].isin(made.config["controls"])]
    assert set(best["dataset"]) == {task.dataset for task in made.tasks}
    for value in best["value"].dropna():
        assert f" {value:.3f} " in shown


@pytest.mark.parametrize("page", [generate.README, *PAGES], ids=lambda path: path.stem)
def test_figures_that_a_page_shows_are_there(page):
    for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        ElementTree.parse(page.parent / name)  # noqa: S314 - our own file


@pytest.mark.parametrize(
    "page",
    [generate.README, *PAGES, *INTRODUCTIONS],
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_links_of_a_page_lead_to_files_and_headings(page):
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), f"{page}: {link}"
        if anchor:
            assert anchor in anchors_of(target.read_text(encoding="utf-8")), f"{page}: {link}"


@pytest.mark.parametrize("page", [generate.README, *PAGES], ids=lambda path: path.stem)
def test_files_of_the_code_that_a_page_names_are_there(page):
    for name in FILE.findall(page.read_text(encoding="utf-8")):
        if not name.startswith("results/"):
            found = [folder / name for folder in (ROOT, ROOT / "scripts/plmbench")]
            assert any(path.exists() for path in found), f"{page}: there is no {name}"


def test_readme_leads_to_every_page():
    assert {f"docs/{page.name}" for page in PAGES} <= set(LINK.findall(README))


@pytest.mark.slow
@pytest.mark.skipif(" " in sys.prefix, reason="a script in .venv/bin breaks on a path with a space")
def test_the_recipe_for_own_data_and_an_own_model_works_as_printed(tmp_path):
    root = tmp_path / "plmbench"
    root.mkdir()
    copy_workflow(root)
    network = "resources/weights/mini_carp_100k"
    shutil.copytree(ROOT / network, root / network)
    (root / ".venv").symlink_to(sys.prefix)
    environment = os.environ | {"HOME": str(tmp_path)}
    command = ["bash", "-euo", "pipefail", "-c", recipe()]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    row = done.stdout.splitlines()[-1]
    assert "my_assay/random" in row
    assert "my_net" in row
    assert "too few" in row
