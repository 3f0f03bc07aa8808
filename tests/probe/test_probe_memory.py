"""A probe job holds the features of one layer and a constant, however large the file; the logistic
probe and the MLP hold them standardised, too."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.embeddings import write_embeddings

TESTS = Path(__file__).parents[1]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs the peak that Linux reports"),
]
ROWS, DIM, LAYERS, LENGTH = 100_000, 256, 3, 200
LAYER = ROWS * DIM * 4 / 2**20  # MiB of a layer as a probe is shown it
CONSTANT = 100  # MiB: blocks, libraries that are loaded late, labels and predictions

JOB = """
import json, re, sys
import sklearn.linear_model, sklearn.metrics, sklearn.neural_network  # a fit loads them
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
from plmbench.probe.examples import read_labels
from plmbench.probe.layerwise import probe_of, score_layers
from plmbench.store.embeddings import open_embeddings

def peak():  # of this process alone: getrusage counts what its parent had, too
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024

labels, before = read_labels(sys.argv[4]), peak()
with open_embeddings(sys.argv[3]) as embeddings:
    probe = probe_of(**json.loads(sys.argv[6]))
    rows = list(score_layers(embeddings, labels, sys.argv[5], probe))
assert {row["layer"] for row in rows} == {0, 1, 2}
print(peak() - before)
"""
SETTINGS = {
    "ridge": {"task_type": "regression", "alphas": [1]},
    "logistic": {"task_type": "classification", "Cs": [0.01], "max_iter": 2},
    "mlp": {"task_type": "regression", "hidden": [[2]], "alphas": [1], "epochs": 1},
}


def write(folder):
    """Write a large file of sequences and one of residues, and their labels."""
    folder.mkdir()
    layer = np.random.default_rng(0).normal(size=(ROWS, DIM)).astype(np.float16)
    values = np.broadcast_to(layer, (LAYERS, ROWS, DIM))
    ids = np.array([f"s{i}" for i in range(ROWS)])
    subset = np.array(["train"] * 8 + ["validation", "test"])[np.arange(ROWS) % 10]
    shared = {"name": ids, "id": ids, "subset": subset, "fold": -1}
    classes = np.where(layer[:, 0] > 0, "a", "b")
    write_embeddings(folder / "sequences.h5", ids, {"mean": values}, dtype="float16")
    for name, target in (("regression", layer[:, 0]), ("classification", classes)):
        table = pd.DataFrame(shared | {"target": target})
        table.to_csv(folder / f"{name}.tsv", sep="\t", index=False)
    chains = ROWS // LENGTH
    facts = {"lengths": [LENGTH] * chains, "dtype": "float16"}
    write_embeddings(folder / "residues.h5", ids[:chains], {"residues": values}, **facts)
    letters = list(map("".join, classes.reshape(chains, LENGTH)))
    table = pd.DataFrame(shared)[:chains].assign(target=letters, mask="1" * LENGTH)
    table.to_csv(folder / "residue_classification.tsv", sep="\t", index=False)


def grown(folder, output, embeddings, settings):
    """Return by how many MiB a probe job's memory grows at most."""
    files = folder / embeddings, folder / f"{settings['task_type']}.tsv", output
    paths = map(str, (TESTS.parent / "scripts", TESTS, *files))
    command = [sys.executable, "-c", JOB, *paths, json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


@pytest.mark.parametrize(
    ("probe", "layers"),
    [("ridge", 1), ("logistic", 2), ("mlp", 2)],
)
def test_a_job_on_sequences_holds_the_features_of_one_layer(once, tmp_path, probe, layers):
    settings = SETTINGS[probe] | {"probe_type": probe, "select": "r2"}
    settings |= {"select": "accuracy"} if probe == "logistic" else {}
    folder = once("large embeddings", write)
    found = grown(folder, tmp_path / "p.h5", "sequences.h5", settings)
    print(f"{probe} {found:.0f} MiB, layer {LAYER:.0f}")
    assert found < layers * LAYER + CONSTANT


@pytest.mark.parametrize("probe", SETTINGS)
def test_a_job_on_residues_holds_a_sample_and_never_a_layer(once, tmp_path, probe):
    settings = SETTINGS[probe] | {"probe_type": probe, "select": "accuracy", "max_residues": 5000}
    settings |= {"task_type": "residue_classification"}
    folder = once("large embeddings", write)
    found = grown(folder, tmp_path / "p.h5", "residues.h5", settings)
    print(f"{probe} {found:.0f} MiB, layer {LAYER:.0f}")
    assert found < CONSTANT
