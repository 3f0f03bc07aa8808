"""Something new of each kind is declared in one place, and the rest of the workflow knows it."""

import re

import numpy as np
import pytest

from helpers.additions import ADDITIONS, add
from helpers.studies import ROOT, new_study


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """Return a study of a clone to which one thing of each kind was added, after its run."""
    study = new_study(
        tmp_path_factory.mktemp("extended") / "a study",
        models=["onehot", "tiny_carp", "hydropathy"],
        weights=["pretrained", "reinit-0", "resample-0", "resample_beside-0"],
        probes=["ridge", "neighbours"],
        controls=[],
        tasks=["toy/first"],
    )
    for kind in ADDITIONS:
        add(study.root, kind)
    study.edit("models", lambda models: models["tiny_carp"].update(pooling=["mean", "first"]))
    study.edit("datasets", lambda datasets: datasets["toy"].update(metric="mae"))
    study.run()
    return study


def values(study, table, column):
    """Return the distinct values of a column of a table."""
    return {row[column] for row in study.table(table)}


@pytest.mark.slow
def test_additions_are_in_the_tables(extended):
    assert "mae" in values(extended, "scores", "metric")
    assert values(extended, "verdicts", "metric") == {"mae"}
    assert {"mean", "first"} <= values(extended, "arms", "pooling")
    assert values(extended, "arms", "probe") == {"ridge", "neighbours"}
    assert "hydropathy" in values(extended, "arms", "model")
    assert "resample_beside" in values(extended, "arms", "ablation")


@pytest.mark.slow
def test_an_ablation_beside_the_verdict_has_differences_and_no_test(extended):
    for row in extended.table("verdicts"):
        assert np.isfinite(float(row["minus_resample_beside"]))
        assert "minus_resample_beside_p" not in row
        assert "minus_resample_p" in row


@pytest.mark.slow
def test_additions_are_on_the_page(extended):
    page = extended.read("results/study.html")
    assert "MAE" in page
    assert "test examples of every arm" in page


def test_the_documentation_counts_the_files_of_each_addition():
    text = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    counts = dict(re.findall(r"^\| ([a-z ]+) \| (\d) \|", text, re.M))
    counts["figure"] = counts.pop("figure per task")
    assert counts.pop("model") == "1"  # an entry
    assert counts == {kind: str(len(files)) for kind, files in ADDITIONS.items()}
