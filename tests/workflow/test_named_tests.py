"""Named test sets in a run: one fit for all of a split, and in every table a task for each."""

import csv

import pytest

from helpers.studies import Study, counts_of, new_study, toy_rows

pytestmark = pytest.mark.runs

TOY = "resources/datasets/toy"
CONFIG = {
    "models": ["onehot"],
    "probes": ["ridge"],
    "controls": [],
    "tasks": ["toy/first", "toy/alone"],
    "refits": {"count": 5, "tasks": ["toy/first@near"], "probes": ["ridge"]},
    "learning_curve": {
        "sizes": ["1/2", "1"],
        "draws": 1,
        "validation": "stays",
        "tasks": ["toy/first"],
    },
}
TASKS = ["first@own", "first@near", "first@far", "alone"]
TABLES = ("scores", "summary", "datasets", "arms", "identity_bins")
FITS = ("probe", "refit", "learning_curve")


def write_test(study, name, seed, count=24):
    """Write a table of test rows alone."""
    with (study.root / f"{TOY}/{name}.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ["id", "sequence", "target"])
        table.writeheader()
        table.writerows(toy_rows(count, seed=seed))


def declare(study, **tests):
    """Let the toy data have a split with named test sets, and one of them as a split alone."""
    first = {"path": f"{TOY}/first.csv"}
    near = {"path": f"{TOY}/near.csv"}

    def change(datasets):
        datasets["toy"]["splits"] = {
            "first": first | {"tests": {"own": {}, "near": near, **tests}},
            "alone": first | {"test": near},
        }

    study.edit("datasets", change)


def made(folder, **config):
    """Return a study of the toy data with test sets, not yet run."""
    study = new_study(folder, families=(), **CONFIG | config)
    write_test(study, "near", 1)
    write_test(study, "far", 2)
    declare(study, far={"path": f"{TOY}/far.csv"})
    return study


@pytest.fixture(scope="module")
def named(once):
    """Return the study after its run."""

    def make(folder):
        made(folder).run()

    return Study(once("named tests", make))


def rows_of(study, name, split):
    """Return the rows of a table of one split, without its name."""
    rows = [row for row in study.table(name) if row["split"] == split]
    return [{key: value for key, value in row.items() if key != "split"} for row in rows]


def test_one_job_fits_for_all_test_sets_and_each_is_a_task(tmp_path):
    jobs = made(tmp_path / "a study").jobs()
    fits = {rule: [j.wildcards["split"] for j in jobs if j.rule == rule] for rule in FITS}
    assert {rule: sorted(set(splits)) for rule, splits in fits.items()} == {
        "probe": ["alone", "first"],
        "refit": ["first"],
        "learning_curve": ["first"],
    }
    counts = counts_of(jobs)
    assert (counts["labels"], counts["compare"], counts["worth"]) == (4, 4, 3)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_rows_for_each_set_in_the_order_of_the_tasks(named, name):
    assert list(dict.fromkeys(row["split"] for row in named.table(name))) == TASKS


@pytest.mark.parametrize("name", ["scores", "summary", "datasets", "identity_bins"])
def test_a_set_has_the_rows_of_the_same_split_alone(named, name):
    assert rows_of(named, name, "first@near") == rows_of(named, name, "alone") != []
    assert rows_of(named, name, "first@near") != rows_of(named, name, "first@far")


def test_refits_learning_curves_and_the_page_have_each_set(named):
    for folder in ("learning_curves", "refits"):
        lines = named.read(f"results/{folder}/toy/first/onehot/none/ridge.tsv").splitlines()[1:]
        assert {line.split("\t")[1] for line in lines} == set(TASKS[:3])
    assert all(task in named.read("results/study.html") for task in TASKS)


def test_to_choose_or_add_a_set_that_is_at_hand_fits_nothing_again(named, tmp_path):
    study = named.copy(tmp_path / "a study")
    one = ["--config", "tasks=[toy/first@near]"]
    assert not set(FITS) & set(study.counts(*one))
    study.run("results/tables/scores.tsv", *one)
    assert {row["split"] for row in study.table("scores")} == {"first@near"}
    assert rows_of(study, "scores", "first@near") == rows_of(named, "scores", "first@near")
    assert not set(FITS) & set(study.counts())


def test_a_set_that_is_renamed_or_another_file_is_fit_again(named, tmp_path):
    study = named.copy(tmp_path / "a study")
    declare(study, other={"path": f"{TOY}/far.csv"})
    assert {j.wildcards["split"] for j in study.jobs() if j.rule in FITS} == {"first"}
    write_test(study, "far", 3)
    declare(study, far={"path": f"{TOY}/far.csv"})
    assert "probe" in study.counts()


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        ("toy/first@nea", "data set 'toy' has no split 'first@nea'; did you mean 'first@near'?"),
        ("toy/near", "data set 'toy' has no split 'near'; did you mean 'first@near'?"),
        ("toy/alone@near", "'alone@near'; it has one test set, without a name: write 'alone'"),
    ],
)
def test_a_set_that_is_not_there_is_named_with_what_was_meant(tmp_path, task, sentence):
    said = made(tmp_path / "a study", tasks=[task]).fail("--dry-run")
    assert f"config: tasks: {sentence}"[-60:] in said
