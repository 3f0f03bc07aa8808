"""A user's file is known by its content: neither its path nor its date reruns or hides anything."""

import csv
import os
import shutil
from pathlib import Path

import pytest

from helpers.marks import mostly_slow
from helpers.networks import save_tiny
from helpers.reruns import values
from helpers.studies import DATASETS, WILD_TYPE, Study, counts_of, new_study

pytestmark = pytest.mark.runs

TABLE = DATASETS["toy"]["splits"]["first"]["path"]
CHECKPOINT = "resources/weights/carp.pt"
LIMIT = 1_000_000  # bytes up to which Snakemake compares contents by itself
OLD = 10**9  # seconds: a day in 2001


def enlarge(path):
    """Give a table a column of notes, so that Snakemake itself compares dates alone."""
    rows = list(csv.reader(path.read_text().splitlines()))
    with path.open("w", newline="") as file:
        notes = ["note"] + [f"{'x' * 20_000}"] * (len(rows) - 1)
        csv.writer(file).writerows([*row, note] for row, note in zip(rows, notes, strict=True))
    assert path.stat().st_size > LIMIT


@pytest.fixture(scope="module")
def apart(once):
    """Return the folder of a finished study, `results`, and of its `workflow` beside it."""

    def make(folder):
        config = {"tasks": ["toy/first"], "models": ["tiny_carp"], "weights": ["pretrained"]}
        config |= {"probes": ["ridge"], "controls": []}
        study = new_study(folder / "workflow", families=["carp"], **config)
        enlarge(study.root / TABLE)
        Study(study.root, "--directory", "../results").run()

    return Path(once("study apart", make))


def plan(results, workflow):
    """Return {rule: jobs} of what the study in one folder would run by the workflow in another."""
    return Study(results, "--snakefile", str(workflow / "Snakefile")).counts()


def move_results(folder):
    (folder / "a/b").mkdir(parents=True)
    (folder / "results").rename(folder / "a/b/results")
    return folder / "a/b/results", folder / "workflow"


def link_workflow(folder):
    (folder / "a").mkdir()
    (folder / "a/link").symlink_to(folder / "workflow")
    return folder / "results", folder / "a/link"


def rename_workflow(folder):
    (folder / "workflow").rename(folder / "another name")
    return folder / "results", folder / "another name"


def copy_workflow_without_dates(folder):
    shutil.copytree(folder / "workflow", folder / "clone", copy_function=shutil.copyfile)
    return folder / "results", folder / "clone"


def name_files_by_absolute_paths(folder):
    workflow = Study(folder / "workflow")
    (folder / "data").mkdir()
    shutil.copyfile(workflow.root / TABLE, folder / "data/mine.csv")

    def change(datasets):
        datasets["toy"]["splits"]["first"]["path"] = str(folder / "data/mine.csv")

    workflow.edit("datasets", change)
    return folder / "results", workflow.root


def touch_everything(folder):
    for number, path in enumerate(sorted((folder / "workflow").rglob("*"))):
        if number % 2:
            os.utime(path)
        else:
            os.utime(path, (OLD, OLD))
    return folder / "results", folder / "workflow"


MOVES = [
    move_results,
    link_workflow,
    rename_workflow,
    copy_workflow_without_dates,
    name_files_by_absolute_paths,
    touch_everything,
]


@pytest.mark.parametrize(
    "move", mostly_slow(MOVES, [move_results, touch_everything]), ids=lambda move: move.__name__
)
def test_a_study_that_is_moved_or_touched_has_nothing_to_do(move, apart, tmp_path):
    shutil.copytree(apart, tmp_path / "x", symlinks=True)
    assert plan(*move(tmp_path / "x")) == {}


def write_table(root):
    (root / TABLE).write_text((root / TABLE).read_text().replace(",train,", ",test,", 1))


def write_wild_type(root):
    (root / WILD_TYPE).write_text(f">another\n{'C' * 12}\n")


def write_checkpoint(root):
    save_tiny("carp", root / CHECKPOINT, seed=1)


CONTENTS = {
    TABLE: (write_table, {"sequences", "labels", "probe"}),
    WILD_TYPE: (write_wild_type, {"sequences"}),
    CHECKPOINT: (write_checkpoint, {"embed", "join", "probe"}),
}


@pytest.mark.parametrize("path", mostly_slow(CONTENTS, [TABLE]))
def test_other_content_with_an_older_date_is_computed_anew(path, study):
    write, rules = CONTENTS[path]
    write(study.root)
    os.utime(study.root / path, (OLD, OLD))
    assert rules <= set(study.counts())


def test_a_network_is_embedded_again_after_its_file_was_replaced_by_an_older_one(study):
    write_checkpoint(study.root)
    os.utime(study.root / CHECKPOINT, (OLD, OLD))
    jobs = study.jobs()
    assert values(jobs, "embed", "model") == {"tiny_carp"}
    assert "sequences" not in counts_of(jobs)


@pytest.mark.slow
def test_a_study_copied_without_dates_has_nothing_to_do_once_they_are_set(apart, tmp_path):
    folder = tmp_path / "x"
    shutil.copytree(apart, folder)
    files = [path for path in (folder / "results/results").rglob("*") if path.is_file()]
    for number, path in enumerate(sorted(files, reverse=True)):
        os.utime(path, (OLD + number, OLD + number))
    study = Study(folder / "results", "--snakefile", str(folder / "workflow/Snakefile"))
    study.run("--touch")
    assert study.counts() == {}
