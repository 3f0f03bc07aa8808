"""A part of a study by its name: all embeddings, then all scores."""

import shutil

import pytest

from helpers.reruns import ALL, embedded
from helpers.studies import new_study


def test_embeddings_are_all_of_them_and_nothing_else(study):
    shutil.rmtree(study.root / "results")
    assert study.counts("embeddings") == {"sequences": 1, "join": 7, "embeddings": 1}


def test_a_finished_study_has_no_embeddings_and_no_scores_to_make(study):
    assert study.jobs("embeddings") == study.jobs("scores") == []


def test_a_missing_embedding_is_made_although_its_scores_are_there(study):
    shutil.rmtree(study.root / "results/embeddings/toy/tiny_carp/pretrained")
    (study.root / "results/embeddings/toy/tiny_carp/pretrained.h5").unlink()
    assert study.counts("embeddings") == {**embedded(1), "embeddings": 1}


def test_scores_are_made_from_embeddings_that_are_there(study):
    for folder in ("scores", "predictions", "tables", "labels"):
        shutil.rmtree(study.root / "results" / folder)
    assert study.counts("scores") == {"labels": 2, "probe": ALL, "scores": 1}


@pytest.mark.parametrize("rule", ["embed", "join"])
def test_to_stop_where_nothing_would_be_embedded_is_an_error(rule, tmp_path):
    study = new_study(tmp_path / "a study", families=(), models=["onehot"])
    output = study.fail("--until", rule)
    assert f"\n--until {rule}: Snakemake would end before anything is embedded" in output
    assert "say: snakemake embeddings" in output
    assert "Traceback" not in output
    assert not (study.root / "results").exists()


@pytest.mark.slow
def test_embeddings_are_made_and_then_scores(tmp_path):
    study = new_study(tmp_path / "a study", families=(), models=["onehot"], controls=[])
    study.run("embeddings")
    assert len(list((study.root / "results/embeddings").rglob("*.h5"))) == 2  # a shard, and joined
    assert not (study.root / "results/scores").exists()
    study.run("scores")
    assert study.table("scores")
