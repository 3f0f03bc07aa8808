"""README's generated parts are what their files say."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from docs import generate
from helpers.configurations import study
from plmbench.compare.tables import read_table

README = generate.README.read_text(encoding="utf-8")


@pytest.mark.parametrize("document", generate.PARTS, ids=lambda path: path.parent.name)
def test_generated_parts_equal_their_files(document):
    text = document.read_text(encoding="utf-8")
    assert generate.filled(document) == text, "run `make readme` and commit what it changes"


def test_demo_table_shows_every_arm_of_the_demo_and_its_verdict():
    header = generate.demo().splitlines()[0]
    for column in ("task", "one-hot", "reinit", "resample", "pretrained", "verdict"):
        assert f" {column} " in header


def test_demo_table_holds_the_numbers_of_its_arms():
    arms, shown, made = read_table(generate.DEMO / "arms.tsv"), generate.demo(), study()
    best = arms[(arms["layer_selection"] == "validation") & (arms["model"] == "mini_carp_600k")]
    best = best[~best["probe"].isin(made.config["controls"])]
    assert set(best["dataset"]) == {task.dataset for task in made.tasks}
    for value in best["value"].dropna():
        assert f" {value:.3f} " in shown


def test_figure_that_readme_shows_is_there():
    for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        ElementTree.parse(generate.ROOT / name)  # noqa: S314 - our own file


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^):#]+)\)", README))))
def test_links_of_readme_lead_to_files(link):
    assert Path(generate.ROOT / link).exists()
