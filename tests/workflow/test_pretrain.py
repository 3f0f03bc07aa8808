"""`snakemake pretrain`: apart from the study, whole, and gone on with after a kill."""

import os
import random
import signal
import time

import pytest
import yaml

from helpers.studies import ROOT, new_study, shipped
from plmbench.core.digests import sha256_of_file

RECIPE = {
    "family": "carp",
    "architecture": {
        "num_layers": 2,
        "hidden_size": 16,
        "embedding_size": 8,
        "dilation": 2,
        "slim": True,
    },
    "data": "resources/data.fasta",
    "held_out": "resources/held_out.fasta",
    "steps": 16,
    "tokens": 256,
    "max_length": 64,
    "learning_rate": 0.01,
    "warmup": 2,
    "about": {"series": "toy", "licence": "MIT"},
}
CHOSEN = ("--config", "recipes=[toy_network]")
FOLDER = "results/pretraining/toy_network"
NAMES = ["toy_network_12", "toy_network_25", "toy_network_50", "toy_network"]


def study_with(root, **changes):
    """Return a study whose catalogue holds one recipe, and its FASTA files."""
    study, draw = new_study(root), random.Random(0)
    for name in ("data", "held_out"):
        made = ("".join(draw.choices("ACDEFGHIKL", k=60)) for _ in range(30))
        study.write(f"resources/{name}.fasta", "".join(f">{i}\n{s}\n" for i, s in enumerate(made)))
    study.write("config/recipes.yaml", yaml.safe_dump({"toy_network": RECIPE | changes}))
    return study


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    study = study_with(tmp_path_factory.mktemp("pretrain") / "study")
    study.run("pretrain", *CHOSEN)
    return study


def test_nothing_of_the_study_asks_for_a_training(trained):
    assert not {"train", "pretrain"} & set(trained.counts())


def test_provenance_names_data_recipe_losses_and_files(trained):
    made = yaml.safe_load(trained.read(f"{FOLDER}/provenance.yaml"))
    assert made["data"]["sha256"] == sha256_of_file(trained.root / RECIPE["data"])
    assert made["data"]["residues"] == 1800
    assert made["recipe"]["steps"] == RECIPE["steps"]
    assert made["licence"] == "MIT"
    assert "torch" in made["versions"]
    assert [part["pretraining"] for part in made["checkpoints"].values()] == [0.125, 0.25, 0.5, 1]
    for part in made["checkpoints"].values():
        assert part["sha256"] == sha256_of_file(trained.root / FOLDER / part["file"])
        assert 1 < part["held_out_loss"] < 5


@pytest.mark.slow
def test_its_entries_run_a_study(trained, tmp_path):
    study = trained.copy(tmp_path / "study")
    study.append("config/models.yaml", study.read(f"{FOLDER}/models.yaml"))
    models = "--config", f"models=[onehot, {NAMES[3]}]", f"checkpoints=[{', '.join(NAMES[:3])}]"
    study.run("results/tables/correlations.tsv", *models)
    found = {(row["axis"], row["model"]) for row in study.table("correlations")}
    assert any(axis == "pretraining" for axis, _ in found), found


@pytest.mark.slow
def test_a_killed_training_goes_on_and_a_second_run_does_nothing(trained, tmp_path):
    study = study_with(tmp_path / "published_verdict", steps=1600)
    process = study.start("pretrain", *CHOSEN)
    saved = study.root / f"{FOLDER}.unfinished" / "state.pt"
    deadline = time.monotonic() + 120
    while not saved.exists():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    study.run("--unlock")
    study.run("pretrain", *CHOSEN)
    assert "going on from step" in study.read("results/logs/train/toy_network.log")
    assert not (study.root / f"{FOLDER}.unfinished").exists()
    assert "Nothing to be done" in study.run("pretrain", *CHOSEN)


HUB = {
    "family": "transformers",
    "architecture": {
        **{"model_type": "t5", "num_layers": 2, "decoder_layers": 1},
        **{"hidden_size": 16, "num_heads": 2, "intermediate_size": 32},
    },
}


@pytest.mark.slow
def test_a_network_of_transformers_comes_out_as_folders_whose_entries_run_a_study(tmp_path):
    study = study_with(tmp_path / "study", **HUB)
    study.run("pretrain", *CHOSEN)
    for name in NAMES:
        assert (study.root / FOLDER / name / "model.safetensors").exists()
    made = yaml.safe_load(study.read(f"{FOLDER}/provenance.yaml"))
    assert [part["file"] for part in made["checkpoints"].values()] == NAMES
    assert made["recipe"]["objective"] == "spans"
    assert study.counts("pretrain", *CHOSEN) == {}
    study.append("config/models.yaml", study.read(f"{FOLDER}/models.yaml"))
    few = ("tasks=[toy/first]", "weights=[pretrained, reinit-0]", "controls=[]")
    models = (f"models=[onehot, {NAMES[3]}]", f"checkpoints=[{NAMES[0]}]")
    study.run("results/tables/verdicts.tsv", "--config", *models, *few)
    assert {row["model"] for row in study.table("verdicts")} == {NAMES[3]}


def test_a_title_of_a_recipe_trains_nothing_anew_and_a_step_does(trained, tmp_path):
    study = trained.copy(tmp_path / "study")
    study.edit("recipes", lambda recipes: recipes["toy_network"]["about"].update(series="other"))
    assert "train" not in study.counts("pretrain", *CHOSEN)
    study.edit("recipes", lambda recipes: recipes["toy_network"].update(steps=24))
    assert study.counts("pretrain", *CHOSEN)["train"] == 1


def test_an_unknown_recipe_and_a_wrong_size_are_named(trained, tmp_path):
    assert "did you mean 'toy_network'" in trained.fail(
        "-n", "pretrain", "--config", "recipes=[toy_netwrk]"
    )
    study = trained.copy(tmp_path / "study")
    study.edit(
        "recipes", lambda recipes: recipes["toy_network"]["architecture"].update(num_heads=2)
    )
    assert "num_heads" in study.fail("-n", "pretrain", *CHOSEN)


@pytest.mark.slow
def test_the_smallest_recipe_gives_the_loss_of_its_shipped_network_to_one_percent(tmp_path):
    name = "mini_carp_100k"
    study = shipped(tmp_path)
    code, output = study.snakemake("pretrain", "--config", f"recipes=[{name}]", timeout=1800)
    assert code == 0, output
    again = yaml.safe_load(study.read(f"results/pretraining/{name}/provenance.yaml"))
    text = (ROOT / "resources/weights" / name / "provenance.yaml").read_text(encoding="utf-8")
    before = yaml.safe_load(text)
    for mark, part in before["checkpoints"].items():
        found = again["checkpoints"][mark]["held_out_loss"]
        assert found == pytest.approx(part["held_out_loss"], rel=0.01)
