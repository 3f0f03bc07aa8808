"""Learning curves within a study: run when asked for, on embeddings that are there."""

import csv

import pytest

from helpers.reruns import COMPARED, DECIDED, VERDICTS, values
from helpers.studies import Study, counts_of

pytestmark = pytest.mark.runs

CURVE = {"sizes": ["1/4", "1/2", 1], "draws": 2, "tasks": ["toy/first"], "validation": "stays"}
ARMS = 2 * 7  # probes, and one-hot and two networks under three weights
SHOWN_CURVES = {"learning_curves": 1, "worth": 1}


def asking(**changes):
    """Return the change of a configuration that asks for learning curves."""
    return lambda config: config.update(learning_curve=CURVE | changes)


@pytest.fixture(scope="module")
def finished_curves(finished, once):
    """Return the small study with learning curves after its run; copy it to change it."""

    def make(folder):
        study = finished.copy(folder)
        study.edit("config", asking())
        study.run()

    return Study(once("study with learning curves", make))


@pytest.fixture
def curves(finished_curves, tmp_path):
    """Return a copy of it, for one test alone."""
    return finished_curves.copy(tmp_path / "a study")


def test_a_study_that_asks_for_none_has_none(finished):
    assert finished.jobs() == []
    assert not (finished.root / "results/learning_curves").exists()
    assert "worth_text" not in finished.table("verdicts")[0]
    assert "in labels" not in finished.read("results/study.html")


def test_asking_for_them_embeds_and_probes_nothing_again(study):
    study.edit("config", asking())
    jobs = study.jobs()
    assert counts_of(jobs) == {"learning_curve": ARMS, **SHOWN_CURVES, **VERDICTS}
    assert values(jobs, "learning_curve", "split") == {"first"}
    assert values(jobs, "learning_curve", "probe") == {"ridge", "ridge_flip"}


def test_a_run_says_what_pretraining_is_worth(finished_curves):
    rows = finished_curves.table("learning_curves")
    assert {row["arm"] for row in rows} == {"pretrained", "reinit", "resample", "onehot"}
    assert {row["size"] for row in rows} == {"0.25", "0.5", "1.0"}
    assert {row["split"] for row in rows} == {"first"}
    for row in finished_curves.table("verdicts"):
        assert bool(row["worth_text"]) == (row["split"] == "first")
    assert "pretraining is worth a factor in labels" in finished_curves.read("results/study.html")
    assert "worth in labels" in finished_curves.read("results/tables/overview.md")
    assert finished_curves.jobs() == []


def test_with_all_labels_an_arm_has_the_score_of_the_arms(finished_curves):
    with (finished_curves.root / "results/tables/arms.tsv").open() as file:
        arms = list(csv.DictReader(file, delimiter="\t"))
    for row in finished_curves.table("learning_curves"):
        if row["arm"] == "pretrained" and row["size"] == "1.0":
            key = ("split", "probe", "pooling", "model")
            [arm] = [
                each
                for each in arms
                if all(each[name] == row[name] for name in key)
                and (each["ablation"], each["layer_selection"]) == ("pretrained", "validation")
            ]
            assert row["value"] == arm["value"]
            assert float(row["layer"]) == float(arm["layer"])


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({"draws": 3}, {"learning_curve": ARMS, **SHOWN_CURVES}),
        ({"sizes": ["1/2", 1]}, {"learning_curve": ARMS, **SHOWN_CURVES}),
        ({"validation": "grows"}, {"learning_curve": ARMS, **SHOWN_CURVES}),
        ({"sizes": [1.0, 0.5, "2/8"]}, {}),  # the same sizes
    ],
    ids=["draws", "sizes", "validation", "another way to write it"],
)
def test_an_edited_setting_fits_the_curves_again_and_nothing_else(curves, change, counts):
    curves.edit("config", asking(**change))
    assert curves.counts() == counts | (VERDICTS if counts else {})


def test_another_seed_of_the_resamples_fits_nothing_again(curves):
    curves.edit("config", lambda config: config["statistics"].update(seed=1))
    assert curves.counts() == {**COMPARED, **SHOWN_CURVES}


def test_a_second_task_leaves_the_first_as_it_is(curves):
    curves.edit("config", asking(tasks=["toy"]))
    jobs = curves.jobs()
    assert counts_of(jobs)["learning_curve"] == ARMS
    assert values(jobs, "learning_curve", "split") == values(jobs, "worth", "split") == {"second"}
    assert set(DECIDED) <= set(counts_of(jobs))
