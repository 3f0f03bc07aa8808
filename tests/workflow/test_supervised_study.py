"""A study with models that predict by themselves, probes of all residues, and control tasks."""

import csv

import h5py
import pytest

from helpers.classes import new_study_of_classes
from helpers.studies import Study

pytestmark = pytest.mark.slow  # a study of its own takes a minute or two

SMALL = {"epochs": 2, "seeds": [0, 1], "channels": 8}
CONFIG = {
    "tasks": ["places/mine", "helices/mine"],
    "models": ["onehot", "cnn", "attention", "tiny_carp"],
    "probes": ["logistic", "light"],
    "controls": ["logistic_shuffled", "logistic_selectivity"],
    "weights": ["pretrained", "reinit-0"],
}


def baseline(family):
    return {"family": family, "about": {"role": "baseline"}, **SMALL}


@pytest.fixture(scope="module")
def finished(once):
    """Return the study after its run."""

    def make(folder):
        study = new_study_of_classes(folder)
        study.edit("config", lambda c: c.update(CONFIG))
        study.edit("models", lambda c: c.update(cnn=baseline("cnn")))
        study.edit("models", lambda c: c.update(attention=baseline("light_attention")))
        study.edit("probes", lambda c: c.update(light={"type": "light_attention", **SMALL}))
        control = {"selectivity_of": "logistic"}
        study.edit("probes", lambda c: c.update(logistic_selectivity=control))
        study.run()

    return Study(once("supervised study", make))


def test_baselines_without_embeddings_have_scores_and_stand_in_every_comparison(finished):
    rows = [row for row in finished.table("scores") if row["probe"] == "direct"]
    direct = {(row["dataset"], row["model"]) for row in rows}
    assert direct == {("places", "cnn"), ("places", "attention"), ("helices", "cnn")}
    found = {
        (row["dataset"], row["probe"], row["role"])
        for row in finished.table("differences")
        if row["reference"] == "cnn"
    }
    probes = [("places", "logistic"), ("places", "light"), ("helices", "logistic")]
    assert found == {(*names, "baseline") for names in probes}
    assert "minus_cnn" in finished.table("verdicts")[0]
    assert not (finished.root / "results/embeddings/places/cnn").exists()


def test_residues_are_stored_for_the_probe_that_reads_them(finished):
    path = finished.root / "results/embeddings/places/tiny_carp/pretrained.h5"
    with h5py.File(path) as file:
        assert file.attrs["poolings"] == "mean residues"
    poolings = {
        (row["probe"], row["pooling"])
        for row in finished.table("scores")
        if (row["dataset"], row["model"]) == ("places", "tiny_carp")
    }
    assert {("logistic", "mean"), ("light", "residues")} <= poolings
    assert ("logistic", "residues") not in poolings


def test_selectivity_is_a_table_a_figure_and_a_section(finished):
    rows = finished.table("selectivity")
    assert {(row["dataset"], row["probe"], row["ablation"]) for row in rows} == {
        (dataset, "logistic", "pretrained") for dataset in ("places", "helices")
    }
    for row in rows:
        difference = float(row["score"]) - float(row["control_score"])
        assert float(row["selectivity"]) == pytest.approx(difference)
    assert "logistic_selectivity" not in finished.read("results/tables/scores.tsv")
    for dataset in ("places", "helices"):
        assert finished.read(f"results/figures/{dataset}/mine.selectivity.svg")
    page = finished.read("results/study.html")
    assert '<h2 id="selectivity">' in page
    assert page.count("on task and control task") >= 2


def test_a_control_task_has_the_rows_of_the_task_and_one_class_per_letter(finished):
    def labels(name):
        text = finished.read(f"results/labels/helices/mine.{name}tsv")
        return list(csv.DictReader(text.splitlines(), delimiter="\t"))

    own, control = labels(""), labels("control_task.")
    assert [row | {"target": ""} for row in own] == [row | {"target": ""} for row in control]
    assert [row["target"] for row in own] != [row["target"] for row in control]


def test_another_setting_of_one_method_trains_that_one_again(finished, tmp_path):
    study = finished.copy(tmp_path / "study")
    assert study.counts() == {}
    study.edit("models", lambda c: c["cnn"].update(epochs=3))
    assert study.counts()["fit_sequences"] == 2
    assert not {"embed", "join", "probe", "probe_residues"} & set(study.counts())
