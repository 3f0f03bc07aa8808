"""Refits in a run: jobs only where asked for, and reruns of what a changed setting touches."""

import pytest

from helpers.reruns import COMPARED
from helpers.studies import Study, new_study

ARMS = 7  # one-hot, and two networks with three weights each
ASKED = {"count": 5, "tasks": ["toy/first"], "probes": ["ridge"]}
ONE_TASK = COMPARED | {"compare": 1}


def ask(study, refits=ASKED):
    """Set `refits` in the configuration of a study; None takes it out."""

    def change(config):
        config.pop("refits", None)
        config.update({"refits": refits} if refits else {})

    study.edit("config", change)


@pytest.fixture(scope="module")
def refit(once):
    """Return the small study after a run with refits of one task under one probe."""

    def make(folder):
        study = new_study(folder)
        ask(study)
        study.run()

    return Study(once("refit study", make))


def by_task(study, name="differences"):
    """Return {(split, probe, role): what intervals take the training data for}."""
    found = {}
    for row in study.table(name):
        key = row["split"], row["probe"], row["role"]
        found.setdefault(key, set()).add(row["training_data"])
    return found


def test_a_study_plans_refits_where_they_are_asked_for_and_nowhere_else(tmp_path):
    study = new_study(tmp_path / "a study")
    assert "refit" not in study.counts()
    ask(study)
    jobs = [job for job in study.jobs() if job.rule == "refit"]
    assert len(jobs) == ARMS
    assert {(job.wildcards["split"], job.wildcards["probe"]) for job in jobs} == {
        ("first", "ridge")
    }
    ask(study, 6)
    assert study.counts()["refit"] == 2 * 2 * ARMS


def test_a_wrong_number_of_refits_ends_the_run_before_it_begins(tmp_path):
    study = new_study(tmp_path / "a study")
    ask(study, 4)
    assert "config: refits: 4 is less than the minimum of 5" in study.fail("--dry-run")


@pytest.mark.slow
def test_tables_say_which_intervals_hold_other_training_data(refit):
    found = by_task(refit)
    for (split, probe, role), words in found.items():
        own = (split, probe) == ("first", "ridge") and role in ("baseline", "ablation")
        assert words == {"redrawn" if own else "given"}
    assert {key[2] for key in found} >= {"baseline", "ablation", "control"}
    verdicts = {(r["split"], r["probe"]): r["training_data"] for r in refit.table("verdicts")}
    assert verdicts[("first", "ridge")] == "redrawn"
    assert set(verdicts.values()) == {"redrawn", "given"}
    assert "Intervals hold what other training data would give" in refit.read("results/study.html")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "counts"),
    [
        (ASKED, {}),
        (ASKED | {"count": 6}, {"refit": ARMS, **ONE_TASK}),
        (ASKED | {"probes": ["ridge", "ridge_flip"]}, {"refit": ARMS, **ONE_TASK}),
        (None, ONE_TASK),
    ],
    ids=["the same", "more of them", "another probe", "none"],
)
def test_a_changed_setting_refits_what_it_touches_and_no_plain_probe(
    refit, tmp_path, setting, counts
):
    study = refit.copy(tmp_path / "a study")
    ask(study, setting)
    assert study.counts() == counts


@pytest.mark.slow
def test_more_resamples_refit_nothing(refit, tmp_path):
    study = refit.copy(tmp_path / "a study")
    study.edit("config", lambda config: config["statistics"].update(n_bootstrap=200))
    assert study.counts() == COMPARED
