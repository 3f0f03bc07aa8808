"""The page speaks of sequences and residues where data sets are of proteins, and nowhere else."""

import re

import pytest

from helpers.pages import Page
from helpers.tables import Plausible
from plmbench.report.figure_files import FigureFiles

NONE = FigureFiles({}, {}, {})
OF_PROTEINS = {"masked_residues": 0, "nonstandard_residues": "error", "families_by": "no program"}
FACTS = OF_PROTEINS | {"residues": 640, "long_sequences": "error", "units_are": "sequences"}
OF_RUNS = {"masked_residues": "0", "nonstandard_residues": "error"}
KNOWN = "Families, and distances from training, are known of proteins alone."


@pytest.fixture(scope="session")
def study():
    """Return a study of two tasks, neither of which labels residues."""
    return Plausible(networks=2, tasks=2)


@pytest.fixture
def page_of(study, write):
    """Return a function that gives the page of a study whose tasks are of these modalities."""

    def page(*modalities):
        pairs = zip(study.tasks, modalities, strict=True)
        tasks = [task | {"modality": modality} for task, modality in pairs]
        tables = {"datasets": study.datasets.assign(**FACTS), "runs": study.runs.assign(**OF_RUNS)}
        return Page(write(tasks, shown=NONE, **tables))

    return page


@pytest.mark.parametrize(
    ("modalities", "examples", "measured"),
    [
        (["image"] * 2, "images", "pixels"),
        (["text"] * 2, "texts", "characters"),
        (["image", "text"], "images or texts", "pixels or characters"),
    ],
)
def test_a_page_without_proteins_speaks_of_no_residue(page_of, modalities, examples, measured):
    page = page_of(*modalities)
    text = " ".join(data for tags, data in page.texts if not {"script", "style"} & {*tags})
    text = text.replace(KNOWN, "")
    assert not re.findall("residue|sequence|protein|amino", text)
    assert f"the choice of test {examples} and of seeds" in text.replace("\n", " ")
    rows = {row[""] for row in page.rows("What each split holds")}
    assert {f"unique {examples}", f"long {examples}", measured, "units are"} <= rows


def test_a_page_of_proteins_and_images_speaks_of_each_where_it_is_meant(study, page_of):
    page = page_of("protein", "image")
    captions = [table["caption"] for table in page.tables]
    for task, words in zip(study.tasks, ("sequences", "images"), strict=True):
        (own,) = [caption for caption in captions if caption.startswith(task["title"])]
        assert f" test {words}, 95 % intervals" in own
    rows = {row[""]: list(row.values())[1:] for row in page.rows("What each split holds")}
    assert rows["residues or pixels"] == ["640"] * 2
    assert rows["units are"] == ["sequences", "images"]
    assert "masked residues" in rows


def test_the_page_of_proteins_has_the_words_of_proteins(page_of):
    text = page_of(*["protein"] * 2).text("body").replace("\n", " ")
    assert "It covers the choice of test sequences and of seeds" in text
    assert "a test sequence, or a family of related sequences" in text
    assert "Homologues are no independent examples" in text
