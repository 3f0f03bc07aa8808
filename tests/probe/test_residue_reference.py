"""Secondary structure from the letter of a residue alone, on the whole of FLIP's data."""

from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from plmbench.data.splits import read_split, unique_sequences
from plmbench.embed.dataset import embed_dataset
from plmbench.embed.settings import Compute, Files, Job, Names, Network, Storage
from plmbench.probe.examples import read_labels
from plmbench.probe.layerwise import probe_of, score_layers
from plmbench.probe.predictions import read_test_set
from plmbench.store.embeddings import open_embeddings

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared/data/flip_secondary_structure"
FILES = {"path": "sampled", "sequences": "sequences", "mask": "mask"}
CS = yaml.safe_load((ROOT / "config/probes.yaml").read_text())["logistic"]["Cs"]
RESIDUES = {"validation": 262_853, "test": 75_402}
# Of a multinomial fit without context, computed elsewhere. The largest class has 0.3953 and 0.3840.
REFERENCE = {
    ("validation", "accuracy"): 0.4912,
    ("validation", "cross_entropy"): 1.0167,
    ("test", "accuracy"): 0.4893,
    ("test", "cross_entropy"): 1.0187,
}


@pytest.fixture(scope="module")
def one_hot(once):
    """Return the folder with labels and one-hot embeddings of every residue."""
    if not DATA.exists():
        pytest.skip(f"{DATA} is not there")
    return once("one-hot residues", embed)


def embed(folder):
    """Read FLIP's files, as the rules do, and embed every chain whole."""
    torch.set_num_threads(1)  # threads wait for each other where tests share the cores
    folder.mkdir()
    files = {role: DATA / f"{name}.fasta.gz" for role, name in FILES.items()}
    reading = {
        "task_type": "residue_classification",
        "format": "residue_fasta",
        "nonstandard_residues": "mask",
    }
    table = read_split(**files, **reading)
    table.drop(columns="sequence").to_csv(folder / "labels.tsv", sep="\t", index=False)
    unique_sequences([table]).to_csv(folder / "sequences.tsv", sep="\t", index=False)
    embed_dataset(
        Files(folder / "sequences.tsv", folder / "onehot.h5"),
        Job(
            Names("secondary_structure", "onehot", "none"),
            Network("baselines.OneHot"),
            Storage(["residues"], "all", "float16", "float32", "mask", "windows"),
            ablation=None,
            code="",
        ),
        Compute("cpu", "fast", "auto"),
    )


def test_one_hot_of_the_residue_alone_gives_the_reference_numbers(one_hot, tmp_path):
    labels, predictions = read_labels(one_hot / "labels.tsv"), tmp_path / "p.h5"
    probe = probe_of(
        task_type="residue_classification", probe_type="logistic", select="cross_entropy", Cs=CS
    )
    with open_embeddings(one_hot / "onehot.h5") as embeddings:
        rows = list(score_layers(embeddings, labels, predictions, probe))
    table = pd.DataFrame(rows).set_index(["subset", "metric"])
    for subset, count in RESIDUES.items():
        assert table.loc[(subset, "accuracy"), "n"] == count
    for key, value in REFERENCE.items():
        assert table.loc[key, "value"] == pytest.approx(value, abs=1e-3), key
    test = read_test_set(predictions)
    assert (len(test.names), len(test.y_true)) == (364, RESIDUES["test"])
