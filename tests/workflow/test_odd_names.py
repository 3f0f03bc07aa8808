"""Ids, classes and paths of any letters: a study of them runs to its tables, they come back as they
were given, and none of them becomes a path, a command, or a piece of a page."""

import csv

import h5py
import pytest

from helpers.networks import TINY
from helpers.studies import Study, copy_workflow, tiny_models, toy_rows, write_catalogues
from plmbench.probe.examples import read_labels

ODD = (
    "../../up",
    "/absolute",
    "..",
    "a/b",
    "a b  c",
    "$(touch canary)",
    "`touch canary`",
    "; touch canary",
    "' ; touch canary ; '",
    '"quoted"',
    "two\nlines",
    "tab\there",
    "{dataset}",
    "{input.split}",
    "%s",
    "NA",
    "007",
    "Ångström 🧬",
    "<script>alert(1)</script>",
    "-rf",
)
CLASSES = ("a place/of its own", "<b>$(touch canary)</b>", 'the "third"; one')
FOLDER = 'my data\'s "$(touch canary)"'
TABLE, CHECKPOINT = f"{FOLDER}/first; touch canary .csv", f"{FOLDER}/carp's `touch canary`.pt"
CONFIG = {
    "tasks": ["odd/mine"],
    "models": ["onehot", "tiny_carp"],
    "checkpoints": [],
    "weights": ["pretrained"],
    "probes": ["ridge"],
    "controls": [],
    "statistics": {"n_bootstrap": 100},
}
PROBES = {"ridge": {"type": "ridge", "alphas": [1]}}
DATASETS = {"odd": {"task_type": "classification", "splits": {"mine": {"path": TABLE}}}}


def odd_rows():
    """Return rows whose ids and classes are odd: each class is in train and in test."""
    rows = toy_rows(3 * len(ODD))
    for i, row in enumerate(rows):
        row["id"] = ODD[i // 3] + " again" * (i % 3)
        row["target"] = CLASSES[i % 3]
        row["set"] = "test" if i % 4 == 0 else "train"
    return rows


def new_odd_study(root):
    """Return a Study of odd names in the new folder `root`, not yet run."""
    copy_workflow(root)
    models = tiny_models(root, ["carp"])
    (root / FOLDER).mkdir()
    (root / models["tiny_carp"]["path"]).rename(root / CHECKPOINT)
    models["tiny_carp"]["path"] = CHECKPOINT
    with (root / TABLE).open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ["id", "sequence", "target", "set"])
        table.writeheader()
        table.writerows(odd_rows())
    write_catalogues(root, config=CONFIG, models=models, datasets=DATASETS, probes=PROBES)
    return Study(root)


def files_in(folder):
    """Return the files below a folder but what Snakemake and Python keep for themselves."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(p) for p in paths if not {".snakemake", "__pycache__"} & set(p.parts)}


@pytest.mark.slow
def test_a_study_of_odd_names_runs_to_its_tables_and_makes_nothing_else(tmp_path):
    study = new_odd_study(tmp_path / "a study")
    before = files_in(tmp_path)
    study.run("results/tables/verdicts.tsv", "results/tables/datasets.tsv", "results/study.html")
    made = files_in(tmp_path) - before
    assert {path for path in made if not path.startswith(("a study/results/", "home/"))} == set()
    assert not [path for path in made if "canary" in path or "up" in path.split("/")]

    given = {row["id"]: row for row in odd_rows()}
    labels = read_labels(study.root / "results/labels/odd/mine.tsv").set_index("name")
    assert {name: row["target"] for name, row in given.items()} == labels["target"].to_dict()
    sequences = csv.DictReader(study.read("results/sequences/odd.tsv").splitlines(), delimiter="\t")
    by_id = {row["id"]: row["sequence"] for row in sequences}
    for name, row in given.items():
        assert by_id[labels["id"][name]] == row["sequence"]

    path = "results/predictions/odd/mine/tiny_carp/pretrained/ridge.h5"
    with h5py.File(study.root / path) as file:
        tested = file["names"].asstr()[:].tolist()
        assert len(file["mean"]) == TINY["carp"]["num_layers"] + 1
    assert sorted(tested) == sorted(name for name, row in given.items() if row["set"] == "test")
    page = study.read("results/study.html")
    assert "<script>alert" not in page
    assert "<b>$(touch" not in page
