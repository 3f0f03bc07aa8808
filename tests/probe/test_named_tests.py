"""Named test sets: one fit serves all of a split, and each has the numbers that it has alone."""

import numpy as np
import pandas as pd
import pytest

from helpers.embeddings import KINDS, written_task
from plmbench.core.errors import InputError
from plmbench.core.test_sets import Part, learned, of_task, set_of, with_set
from plmbench.probe import layerwise, learning_curve, refits
from plmbench.probe.layerwise import probe_of, score_layers
from plmbench.probe.learning_curve import fit_curves, read_curves, write_curves
from plmbench.probe.predictions import read_predictions, read_test_set
from plmbench.probe.refits import refit_layers, write_refits
from plmbench.probe.scores import of_tasks, read_scores, write_scores
from plmbench.store.embeddings import open_embeddings
from plmbench.supervised.arm import method_of, score_sequences
from plmbench.supervised.sequences import Sequences

SETTINGS = {
    "ridge": {"alphas": [0.01, 1, 100]},
    "logistic": {"Cs": [0.01, 1]},
    "mlp": {"hidden": [[4]], "alphas": [0.1], "epochs": 4, "patience": 2, "seeds": [0, 1]},
}
PAIRS = [(kind, probe) for kind in KINDS for probe in SETTINGS]
PAIRS.remove(("regression", "logistic"))
FOLDED = {"train": 48, "test": 20}
SETS = ("a", "B2", "c_3")
CURVE = {"sizes": ["1/2", "1"], "draws": 2, "validation": "stays"}
JOB = {"dataset": "d", "split": "s", "model": "m", "weights": "none", "probe": "p"}


def parted(labels, sets=SETS):
    """Return {name: the labels with its part of the test rows}, as if declared alone."""
    number = np.arange(len(labels)) % len(sets)
    test = labels["subset"] == "test"
    return {n: labels[~test | (number == i)].reset_index(drop=True) for i, n in enumerate(sets)}


def probe_for(kind, probe="ridge", **settings):
    """Return the Probe of a kind of task."""
    return probe_of(task_type=kind, probe_type=probe, **SETTINGS[probe] | settings)


def scored(folder, name, embeddings, labels, probe):
    """Write scores and predictions as the rule `probe` does."""
    rows = list(score_layers(embeddings, labels, folder / f"{name}.h5", probe, "d/s"))
    write_scores(folder / f"{name}.tsv", rows, **JOB)


def refit(folder, name, embeddings, labels, probe):
    """Write the scores of refits as the rule `refit` does."""
    rows = list(refit_layers(embeddings, labels, probe, 3, "d/s"))
    write_refits(folder / f"{name}.tsv", rows, **JOB)


def curved(folder, name, embeddings, labels, probe):
    """Write learning curves as the rule `learning_curve` does."""
    path, metric = folder / f"{name}.h5", layerwise.primary_metric(probe.task_type)
    rows = fit_curves(embeddings, labels, path, probe, metric, "d/s", **CURVE)
    write_curves(folder / f"{name}.tsv", rows, **JOB)


def same_numbers(folder, name, read=read_scores):
    """Assert that a set's part of `all` is to the last digit what its own file is."""
    (part,) = of_task([folder / "all.tsv"], with_set("s", name))
    alone = read(folder / f"{name}.tsv").assign(split=with_set("s", name))
    pd.testing.assert_frame_equal(read(part), alone, check_exact=True)
    if not (folder / f"{name}.h5").exists():
        return
    (part,) = of_task([folder / "all.h5"], with_set("s", name))
    for one, other in zip(read_test_set(part), read_test_set(folder / f"{name}.h5"), strict=True):
        assert np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other
    if read is read_scores:
        for pooling, layer in {*zip(alone["pooling"], alone["layer"], strict=True)}:
            files = part, folder / f"{name}.h5"
            assert np.array_equal(*(read_predictions(file, pooling, layer) for file in files))


def compared(folder, fit, tables, probe, read=read_scores):
    """Fit all test sets at once, and each alone, and compare them."""
    with open_embeddings(folder / "x.h5") as embeddings:
        fit(folder, "all", embeddings, tables, probe)
        for name, table in tables.items():
            fit(folder, name, embeddings, table, probe)
    for name in tables:
        same_numbers(folder, name, read)


@pytest.mark.parametrize("sizes", [{}, {"sizes": FOLDED}], ids=["validation", "folds"])
@pytest.mark.parametrize(("kind", "probe"), PAIRS)
def test_a_set_has_the_numbers_that_it_has_alone(tmp_path, kind, probe, sizes):
    labels = written_task(tmp_path / "x.h5", kind, **sizes)
    compared(tmp_path, scored, parted(labels, SETS[:2]), probe_for(kind, probe))


@pytest.mark.parametrize(
    ("kind", "settings"), [*((kind, {}) for kind in KINDS), (KINDS[2], {"max_residues": 60})]
)
def test_so_have_its_refits_and_learning_curves(tmp_path, kind, settings):
    labels = written_task(tmp_path / "x.h5", kind)
    probe = probe_for(kind, **settings)
    compared(tmp_path, refit, parted(labels), probe)
    (tmp_path / "curves").mkdir()
    (tmp_path / "x.h5").rename(tmp_path / "curves/x.h5")
    compared(tmp_path / "curves", curved, parted(labels), probe, read_curves)


@pytest.mark.parametrize("kind", KINDS)
def test_a_permuted_control_and_a_method_without_embeddings_do_the_same(tmp_path, kind):
    labels = written_task(tmp_path / "x.h5", kind)
    compared(tmp_path, scored, parted(labels), probe_for(kind, permute_labels=True))
    if kind == "residue_classification":
        return
    draw, letters = np.random.default_rng(0), np.array(list("ACDEFGHIKLMNPQRSTVWY"))
    texts = ["".join(draw.choice(letters, 9)) for _ in labels["id"]]
    sequences = Sequences(labels[["id"]].assign(sequence=texts).drop_duplicates("id"))
    method = method_of(task_type=kind, method="nearest")
    for name, tables in {"all": parted(labels), **parted(labels)}.items():
        rows = list(score_sequences(sequences, tables, tmp_path / f"{name}.h5", method))
        write_scores(tmp_path / f"{name}.tsv", rows, **JOB)
    for name in SETS:
        same_numbers(tmp_path, name)


@pytest.mark.parametrize(
    ("module", "fit"), [(layerwise, scored), (refits, refit), (learning_curve, curved)]
)
def test_sets_that_learn_alike_are_fit_once(tmp_path, monkeypatch, module, fit):
    labels, folds = written_task(tmp_path / "x.h5", "classification"), []
    folds_of = module.folds_of
    monkeypatch.setattr(module, "folds_of", lambda *args: folds.append(1) or folds_of(*args))
    counts = []
    with open_embeddings(tmp_path / "x.h5") as embeddings:
        for name, tables in {"alone": labels, "all": parted(labels)}.items():
            folds.clear()
            fit(tmp_path, name, embeddings, tables, probe_for("classification"))
            counts.append(len(folds))
    assert counts[0] == counts[1] > 0


@pytest.mark.parametrize("kind", ["classification", "residue_classification"])
def test_a_set_with_a_class_of_its_own_is_fit_by_itself(tmp_path, kind):
    tables = parted(written_task(tmp_path / "x.h5", kind))
    place = tables["B2"].index[tables["B2"]["subset"] == "test"][0]
    text = tables["B2"].loc[place, "target"]
    tables["B2"].loc[place, "target"] = "Z" + text[1:] if kind.startswith("residue") else "Z"
    if kind.startswith("residue"):
        tables["B2"].loc[place, "mask"] = "1" * len(text)
    compared(tmp_path, scored, tables, probe_for(kind, "logistic"))
    classes = {
        name: len(read_test_set(Part(tmp_path / "all.h5", with_set("s", name))).target.classes)
        for name in SETS
    }
    assert classes == {"a": 2, "B2": 3, "c_3": 2}


def test_numbers_that_would_round_away_in_one_set_bear_on_no_other(tmp_path):
    tables = parted(written_task(tmp_path / "x.h5", "regression"))
    test = tables["a"].index[tables["a"]["subset"] == "test"]
    tables["a"].loc[test[:2], "target"] = ["1e-30", "1e-31"]  # less than the mean has digits for
    compared(tmp_path, scored, tables, probe_for("regression"))


def test_a_set_of_which_nothing_is_left_is_named(tmp_path):
    tables = parted(written_task(tmp_path / "x.h5", "regression"))
    with open_embeddings(tmp_path / "x.h5") as embeddings:
        table = tables["B2"]
        embeddings.dropped = set(table["id"][table["subset"] == "test"])
        with pytest.raises(InputError, match=r"^test set B2: nothing is left of test: every seq"):
            scored(tmp_path, "all", embeddings, tables, probe_for("regression"))
    assert not (tmp_path / "all.h5").exists()


def test_names_of_tasks_with_a_set_are_put_together_and_taken_apart():
    for split, name in [("s", "a"), ("cb513", "cb513"), ("s", "")]:
        task = with_set(split, name)
        assert (learned(task), set_of(task)) == (split, name)
        (place,) = of_task(["x.h5"], task)
        assert place == (Part("x.h5", task) if name else "x.h5")


def test_a_table_has_the_rows_of_the_tasks_in_their_order():
    names = [("d", "s@a"), ("d", "s@b"), ("d", "s@a"), ("e", "t"), ("d", "s@b")]
    table = pd.DataFrame(names, columns=["dataset", "split"]).assign(value=range(5))
    assert of_tasks(table, [("e", "t"), ("d", "s@a")])["value"].tolist() == [3, 0, 2]
