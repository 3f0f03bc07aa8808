"""Probes on tensors of torch, on a CPU in a GPU's place, against the same probes on numpy."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from threadpoolctl import threadpool_limits

from helpers.draws import CLASSES, NUMBER, classes, fit_of, in_folds, numbers, with_validation
from helpers.embeddings import KINDS, written_task
from helpers.studies import ROOT
from plmbench.core.metrics import measured, metrics_of
from plmbench.probe.arrays import host, on_device
from plmbench.probe.layerwise import probe_of, score_layers
from plmbench.probe.logistic_path import FastPath
from plmbench.probe.mlp_heads import head_of
from plmbench.probe.mlp_stack import Stack
from plmbench.probe.selection import Examples
from plmbench.probe.standardise import Standard
from plmbench.store.embeddings import open_embeddings

CPU = torch.device("cpu")
PAIR = CLASSES._replace(classes=("a", "b"))
RIDGE = {"alphas": [0.1, 10.0]}
MLP = {"hidden": [[8], [6, 4]], "alphas": [1e-3, 1.0], "epochs": 8, "batch_size": 32}
# a probe, its task, settings, examples, features
PROBES = {
    "ridge": ("ridge", NUMBER, RIDGE, 150, 10),
    "ridge, more features than examples": ("ridge", NUMBER, RIDGE, 40, 60),
    "ridge, refit": ("ridge", CLASSES, RIDGE | {"scale": "l2", "refit": True}, 150, 10),
    "ridge, standardised": ("ridge", NUMBER, RIDGE | {"scale": "standard"}, 150, 10),
    "logistic": ("logistic", CLASSES, {"Cs": [1e-3, 0.1, 1.0]}, 160, 10),
    "logistic of two": ("logistic", PAIR, {"Cs": [1e-3, 0.1]}, 150, 10),
    "logistic, more features": ("logistic", CLASSES, {"Cs": [1e-3, 0.1]}, 40, 60),
    "logistic, reference": ("logistic", PAIR, {"Cs": [0.1], "backend": "reference"}, 80, 10),
    "mlp of a number": ("mlp", NUMBER, MLP, 150, 10),
    "mlp of two classes": ("mlp", PAIR, MLP, 150, 10),
    "mlp of classes": ("mlp", CLASSES, MLP, 150, 10),
    "mlp, reference": ("mlp", CLASSES, MLP | {"backend": "reference", "epochs": 2}, 80, 10),
}
DECIDED = ("accuracy", "mcc", "balanced_accuracy")


@pytest.fixture(autouse=True)
def one_thread():
    """Let small products not wait for threads of other tests."""
    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield


def examples(target, count, width):
    """Return Examples with a feature that is constant."""
    part = (numbers if target is NUMBER else classes)(count, width)
    X = np.array(part.X, np.float32)
    X[:, 1] = 0.1
    return Examples(X, np.minimum(part.y, 1) if target is PAIR else part.y)


def placed(part):
    """Return Examples on a device."""
    return Examples(on_device(part.X, CPU), part.y)


def folds_of(part, in_parts):
    """Return Folds, by validation or in parts, and the same on a device."""
    if in_parts:
        made, others = in_folds(part, 3), in_folds(placed(part), 3)
        return made, others
    half = [Examples(part.X[i::2], part.y[i::2]) for i in (0, 1)]
    return with_validation(*half), with_validation(*map(placed, half))


@pytest.mark.parametrize("in_parts", [False, True], ids=["validation", "folds"])
@pytest.mark.parametrize("kind", PROBES)
def test_a_probe_chooses_and_scores_the_same_on_a_device(kind, in_parts):
    name, target, settings, count, width = PROBES[kind]
    part = examples(target, count, width)
    select = "r2" if target is NUMBER else "accuracy"
    fit = fit_of(name, target=target, select=select, seed=0)
    ours, on_it = (fit(folds, **settings) for folds in folds_of(part, in_parts))
    assert ours.choices == on_it.choices
    found, expected = on_it.predict(on_device(part.X, CPU)), ours.predict(part.X)
    assert isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
    for metric in metrics_of(target.task_type):
        a, b = (measured(metric, part.y, each, target)[0] for each in (found, expected))
        limit = 1e-6 if metric in DECIDED or name == "ridge" else 1e-5
        assert a == pytest.approx(b, abs=limit, nan_ok=True), metric


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_features_are_standardised_alike(dtype):
    X = np.array(numbers(50, 6).X, dtype)
    X[:, 2] = 7
    found, expected = Standard(on_device(X, CPU)), Standard(X)
    limit = {"float32": 1e-6, "float64": 1e-12}[dtype]
    scaled = host(found(on_device(X, CPU)))
    assert scaled.dtype == dtype
    np.testing.assert_allclose(scaled, expected(X), atol=limit)
    np.testing.assert_allclose(host(found.deviations()), expected.deviations(), rtol=1e-10)


@pytest.mark.parametrize("shape", [(300, 12), (40, 60)], ids=["primal", "dual"])
def test_logistic_regression_ends_at_the_same_weights_in_float64(shape):
    part = classes(*shape)
    X = Standard(part.X)(part.X)
    paths = FastPath(X, part.y, 3), FastPath(on_device(X, CPU), part.y, 3)
    for C in (1e-3, 1.0):
        ours, on_it = (path.fit(C, 500, path.start) for path in paths)
        assert ours[1]
        assert on_it[1]
        np.testing.assert_allclose(on_it[0].W, ours[0].W, atol=1e-6 * np.abs(ours[0].W).max())


@pytest.mark.parametrize("target", [NUMBER, PAIR, CLASSES], ids=["number", "two", "classes"])
def test_networks_are_the_same_in_float64_over_20_epochs(target):
    part = examples(target, 150, 8)
    X = Standard(part.X)(part.X.astype(np.float64))
    given = part.y, head_of(part.y, target), [16, 4], [1e-3, 1.0], 0, 32, 0.01
    ours, on_it = Stack(X, *given), Stack(on_device(X, CPU), *given)
    for epoch in range(20):
        ours.train_epoch()
        on_it.train_epoch()
        if epoch == 10:
            ours.keep([1])
            on_it.keep([1])
    for a, b in zip(on_it.predictions(on_device(X, CPU)), ours.predictions(X), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9 * np.abs(b).max())


SETTINGS = {
    "ridge": {"alphas": [0.01, 1]},
    "logistic": {"Cs": [0.01, 0.1]},
    "mlp": {"hidden": [[4]], "alphas": [0.1], "epochs": 4},
}
ON_FILES = [(kind, name) for kind in KINDS for name in SETTINGS]
ON_FILES.remove(("regression", "logistic"))


@pytest.mark.parametrize(("kind", "name"), ON_FILES)
def test_a_file_of_embeddings_has_the_same_scores_on_a_device(tmp_path, kind, name):
    labels, tables = written_task(tmp_path / "x.h5", kind), []
    probe = probe_of(task_type=kind, probe_type=name, **SETTINGS[name])
    for device in (None, CPU):
        with open_embeddings(tmp_path / "x.h5") as embeddings:
            on_it, output = replace(probe, device=device), tmp_path / f"{device}.h5"
            tables.append(pd.DataFrame(score_layers(embeddings, labels, output, on_it)))
    pd.testing.assert_frame_equal(*tables, rtol=1e-4, atol=1e-6)


WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None  # to import it is an error
import numpy as np
from helpers.draws import CLASSES, classes, fit_of, with_validation
from plmbench.probe.devices import device_of
import plmbench.probe.layerwise, plmbench.probe.learning_curve, plmbench.probe.refits
with device_of({"probe_device": "cpu", "device": "auto"}, {"gpu": 1}) as device:
    assert device is None
folds = with_validation(classes(60, 4), classes(40, 4, seed=1))
for name, settings in {"ridge": {"alphas": [1]}, "logistic": {"Cs": [1]},
                       "mlp": {"hidden": [[4]], "alphas": [1], "epochs": 2}}.items():
    fit_of(name, target=CLASSES, select="accuracy", seed=0)(folds, **settings).predict(folds[0].X)
"""


def test_on_a_cpu_no_probe_loads_torch():
    paths = f"import sys; sys.path[:0] = {[str(ROOT / 'scripts'), str(ROOT / 'tests')]!r}\n"
    subprocess.run([sys.executable, "-c", paths + WITHOUT_TORCH], check=True)
