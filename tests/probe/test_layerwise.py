"""Every layer through a probe: nothing of test is learned, and all that is written is true."""

import logging
from dataclasses import replace

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.embeddings import KINDS, SIZES, written_task
from plmbench.core.errors import InputError
from plmbench.core.metrics import Target, measured, metrics_of
from plmbench.core.poolings import RESIDUES
from plmbench.probe import layerwise
from plmbench.probe.layerwise import Features, probe_of, score_layers
from plmbench.probe.predictions import read_predictions, read_test_set
from plmbench.store import layer_digests
from plmbench.store.embeddings import open_embeddings

FOLDED = {"train": 48, "test": 20}
SETTINGS = {
    "ridge": {"alphas": [0.01, 1, 100]},
    "logistic": {"Cs": [0.01, 1]},
    "mlp": {"hidden": [[4], [8]], "alphas": [0.1], "epochs": 6, "patience": 2},
}
SELECTED = {"regression": "spearman", "classification": "mcc", "residue_classification": "mcc"}
PAIRS = [(kind, probe) for kind in KINDS for probe in SETTINGS]
PAIRS.remove(("regression", "logistic"))
TASKS = pytest.mark.parametrize(("kind", "probe"), PAIRS)
SUBSETS = pytest.mark.parametrize("sizes", [SIZES, FOLDED], ids=["validation", "folds"])


def scored(folder, labels, kind, probe="ridge", name="p.h5", **settings):
    """Return the score table of the embeddings in `folder`."""
    settings = {"select": SELECTED[kind]} | SETTINGS[probe] | settings
    return scored_by(probe_of(task_type=kind, probe_type=probe, **settings), folder, labels, name)


def scored_by(probe, folder, labels, name="p.h5"):
    """Return the score table of the embeddings in `folder` by a Probe."""
    with open_embeddings(folder / "x.h5") as embeddings:
        return pd.DataFrame(list(score_layers(embeddings, labels, folder / name, probe)))


def kept(path, layers=(0, 1, 2), pooling="mean"):
    """Return the predictions that a file keeps, [layer, seed, example, ...]."""
    return np.stack([read_predictions(path, pooling, layer) for layer in layers])


def pooling_of(kind):
    """Return the pooling under which `written_task` stores a kind of task."""
    return RESIDUES if kind == "residue_classification" else "mean"


def other_labels(labels, kind):
    """Return the labels with every one of test changed, and no other."""
    turned = labels.copy()
    tested = labels["subset"] == "test"
    own = labels["target"][tested]
    turned.loc[tested, "target"] = (
        [f"-{abs(float(text)) * 1000 + 7}" for text in own]
        if kind == "regression"
        else own.str.translate(str.maketrans("ab", "ba"))
    )
    assert (turned["target"] != labels["target"]).equals(tested)
    return turned


CHOICES = [(kind, probe, SELECTED[kind]) for kind, probe in PAIRS]
CHOICES += [("regression", probe, "ndcg") for probe in ("ridge", "mlp")]  # gains have a floor


@SUBSETS
@pytest.mark.parametrize(("kind", "probe", "select"), CHOICES)
def test_changing_every_test_label_changes_no_choice_and_no_prediction(
    tmp_path, kind, probe, sizes, select
):
    labels, tables = written_task(tmp_path / "x.h5", kind, sizes=sizes), []
    for i, table in enumerate((labels, other_labels(labels, kind))):
        found = scored(tmp_path, table, kind, probe, f"{i}.h5", select=select, layers=[0, 1])
        tables.append(found)
    tested = [table["subset"] == "test" for table in tables]
    first, second = (table[~rows] for table, rows in zip(tables, tested, strict=True))
    pd.testing.assert_frame_equal(first, second)
    pooling = pooling_of(kind)
    assert np.array_equal(*(kept(tmp_path / f"{i}.h5", [0, 1], pooling) for i in (0, 1)))
    first, second = (table["value"][rows] for table, rows in zip(tables, tested, strict=True))
    assert not np.array_equal(first, second)


@TASKS
@SUBSETS
def test_test_scores_are_those_of_the_predictions_that_are_kept(tmp_path, kind, probe, sizes):
    labels = written_task(tmp_path / "x.h5", kind, sizes=sizes)
    table = scored(tmp_path, labels, kind, probe, seeds=[0, 1])
    test, path = read_test_set(tmp_path / "p.h5"), tmp_path / "p.h5"
    rows = table[(table["subset"] == "test")]
    assert len(rows) == 3 * 2 * len(metrics_of(kind))
    for _, row in rows.iterrows():
        predictions = read_predictions(path, row["pooling"], row["layer"])[row["seed"]]
        value, reason = measured(row["metric"], test.y_true, predictions, test.target)
        assert value == row["value"] or (np.isnan(value) and np.isnan(row["value"]))
        assert (reason, len(test.y_true)) == (row["reason"], row["n"])


@pytest.mark.parametrize("kind", KINDS)
def test_shuffled_labels_are_learned_from_and_test_stays_untouched(tmp_path, kind):
    labels, found = written_task(tmp_path / "x.h5", kind), {}
    metric = "r2" if kind == "regression" else "macro_f1"
    for name in ("true", "shuffled"):
        table = scored(tmp_path, labels, kind, name=name, permute_labels=name == "shuffled")
        rows = (table["subset"] == "train") & (table["metric"] == metric)
        found[name] = table["value"][rows & (table["layer"] == 1)].iloc[0]
    assert np.array_equal(*(read_test_set(tmp_path / name).y_true for name in found))
    assert found["true"] > 0.8 > 0.7 > found["shuffled"]


@given(
    rows=st.lists(st.integers(0, 39), min_size=1, max_size=60), block=st.sampled_from([1, 7, 64])
)
@pytest.mark.parametrize("kind", ["regression", "residue_classification"])
def test_rows_are_taken_in_the_order_asked_for_whatever_the_block(once, kind, rows, block):
    path = once(f"features of {kind}", lambda folder: made(folder, kind)) / "x.h5"
    with pytest.MonkeyPatch.context() as patch, open_embeddings(path) as embeddings:
        whole = embeddings.part(pooling_of(kind), 1, 0, 40)
        patch.setattr(layer_digests, "BLOCK", block * whole[0].nbytes)
        found = Features(embeddings, pooling_of(kind), 1).take(np.array(rows), np.array(rows[:1]))
        patch.setattr(layerwise, "BLOCK", block)
        features, target = Features(embeddings, pooling_of(kind), 1), Target("classification")
        again = features.predicted(lambda X: X, np.array(rows), target)
    assert np.array_equal(found[0], whole[rows].astype(np.float32))
    assert np.array_equal(found[1], found[0][:1])
    assert np.array_equal(again, found[0])


@pytest.mark.parametrize("row", [0, 17, -1])
@pytest.mark.parametrize("kind", ["regression", "residue_classification"])
def test_a_layer_that_is_damaged_in_any_row_is_refused_before_it_is_learned_from(
    tmp_path, kind, row
):
    labels = written_task(tmp_path / "x.h5", kind)
    with h5py.File(tmp_path / "x.h5", "r+") as file:
        values = layer_digests.values_of(file, pooling_of(kind))
        values[1, row] = values[1, row] + 1
    with pytest.raises(InputError, match="damaged since it was written: the checksum of stored la"):
        scored(tmp_path, labels, kind)


def made(folder, kind):
    """Write a task's embeddings into a new folder."""
    folder.mkdir()
    written_task(folder / "x.h5", kind)


@TASKS
def test_probing_by_blocks_equals_probing_in_memory(tmp_path, kind, probe, monkeypatch):
    labels, tables = written_task(tmp_path / "x.h5", kind), []
    for block in (1 << 20, 5):
        monkeypatch.setattr(layerwise, "BLOCK", block)
        tables.append(scored(tmp_path, labels, kind, probe, f"{block}.h5"))
    pd.testing.assert_frame_equal(*tables, rtol=1e-4)
    files = (kept(tmp_path / f"{block}.h5", pooling=pooling_of(kind)) for block in (1 << 20, 5))
    np.testing.assert_allclose(*files, rtol=1e-4, atol=1e-5)


def sizes_of(table):
    """Return {subset: n} of a score table; each subset has one."""
    found = table.groupby("subset")["n"].unique()
    return {subset: int(n[0]) for subset, n in found.items() if len(n) == 1}


@pytest.mark.parametrize("probe", SETTINGS)
def test_learning_from_a_sample_of_residues_every_counted_one_is_scored(tmp_path, probe):
    kind = "residue_classification"
    labels = written_task(tmp_path / "x.h5", kind)
    counted = labels["mask"].str.count("1").groupby(labels["subset"]).sum().to_dict()
    tables = [scored(tmp_path, labels, kind, probe, max_residues=70) for _ in range(2)]
    pd.testing.assert_frame_equal(*tables)
    metrics = tables[0][tables[0]["metric"].isin(metrics_of(kind))]
    assert sizes_of(metrics) == counted | {"train": 70}
    chosen = tables[0][~tables[0]["metric"].isin(metrics_of(kind))]
    assert set(chosen["n"]) == {70}
    whole = scored(tmp_path, labels, kind, probe)
    assert not whole["value"].equals(tables[0]["value"])


def test_a_fit_anew_is_not_scored_on_what_it_has_learned_from(tmp_path):
    kind = "residue_classification"
    labels = written_task(tmp_path / "x.h5", kind)
    table = scored(tmp_path, labels, kind, max_residues=70, refit=True)
    assert sizes_of(table) == {"train": 70, "validation": 70, "test": sizes_of(table)["test"]}
    first = scored(tmp_path, labels, kind, max_residues=70, alphas=[1])
    again = scored(tmp_path, labels, kind, max_residues=70, alphas=[1], refit=True)
    tested = first["subset"] == "test"
    assert not first["value"][tested].equals(again["value"][tested])


def test_a_score_of_folds_is_the_mean_over_them(tmp_path):
    labels = written_task(tmp_path / "x.h5", "regression", sizes=FOLDED)
    settings = {"select": "spearman", "layers": [1], **SETTINGS["ridge"]}
    probe, folds = probe_of(task_type="regression", probe_type="ridge", **settings), []

    def noted(given, **settings):
        folds.append((given, probe.type.fit(given, **settings)))
        return folds[-1][1]

    table = scored_by(replace(probe, type=replace(probe.type, fit=noted)), tmp_path, labels)
    row = table[(table["subset"] == "validation") & (table["metric"] == "rmse")].iloc[0]
    (given, fitted), target = folds[0], read_test_set(tmp_path / "p.h5").target
    pairs = zip(given.pairs, fitted.held_out, strict=True)
    values = [measured("rmse", part.y, found, target)[0] for (_, part), found in pairs]
    assert len(values) == 4
    assert row["value"] == pytest.approx(np.mean(values))
    assert row["n"] == 48


def test_a_fold_without_a_score_leaves_the_mean_undefined(tmp_path):
    labels = written_task(tmp_path / "x.h5", "regression", sizes=FOLDED)
    labels.loc[labels["fold"] == 2, "target"] = "1.5"
    table = scored(tmp_path, labels, "regression", select="rmse").set_index(["subset", "metric"])
    rows = table.loc[("validation", "spearman")]
    assert rows["value"].isna().all()
    assert set(rows["reason"]) == {"the truth is constant"}
    assert table.loc[("validation", "rmse"), "value"].notna().all()


@pytest.mark.parametrize("kind", KINDS)
def test_half_precision_on_disk_is_single_precision_in_a_probe(tmp_path, kind):
    tables = []
    for dtype in ("float32", "float16"):
        labels = written_task(tmp_path / "x.h5", kind, dtype=dtype)
        tables.append(scored(tmp_path, labels, kind))
        with open_embeddings(tmp_path / "x.h5") as embeddings:
            assert embeddings.part(pooling_of(kind), 0, 0, 2).dtype == dtype
            features = Features(embeddings, pooling_of(kind), 0)
            assert all(b.dtype == np.float32 for _, b in features.blocks(np.arange(4)))
    first, second = (table[table["subset"] == "test"] for table in tables)
    metric = SELECTED[kind]
    values = [table["value"][table["metric"] == metric] for table in (first, second)]
    np.testing.assert_allclose(*values, atol=0.02)


def test_every_pooling_layer_and_seed_has_its_rows(tmp_path):
    labels = written_task(tmp_path / "x.h5", "regression", poolings=("mean", "max"))
    table = scored(tmp_path, labels, "regression", "mlp", seeds=[3, 1], layers={"every": 2})
    keys = table[["pooling", "layer", "seed"]].drop_duplicates()
    expected = [(p, layer, seed) for p in ("mean", "max") for layer in (0, 2) for seed in (3, 1)]
    assert list(keys.itertuples(index=False, name=None)) == expected
    first, second = read_predictions(tmp_path / "p.h5", "max", 2)
    assert not np.array_equal(first, second)


def test_layers_that_are_not_stored_are_refused(tmp_path):
    labels = written_task(tmp_path / "x.h5", "regression")
    with pytest.raises(InputError, match="has no layer of this model"):
        scored(tmp_path, labels, "regression", layers=[3])


def test_an_undefined_score_is_nan_with_its_reason(tmp_path):
    labels = written_task(tmp_path / "x.h5", "classification")
    table = scored(tmp_path, labels, "classification")
    rows = table[table["metric"] == "cross_entropy"]
    assert rows["value"].isna().all()
    assert rows["reason"].str.contains("decision values").all()
    assert (table["reason"] == "").equals(table["value"].notna())


def test_the_log_says_how_many_examples_are_learned_from_chosen_on_and_tested(tmp_path, caplog):
    labels = written_task(tmp_path / "x.h5", "regression")
    with caplog.at_level(logging.INFO, "plmbench"):
        scored(tmp_path, labels, "regression")
    assert "learning from 48 examples, choosing on 16 in 1 part(s), testing on 20" in caplog.text


def test_a_job_that_fails_leaves_no_predictions(tmp_path):
    labels = written_task(tmp_path / "x.h5", "regression")
    with pytest.raises(InputError):
        scored(tmp_path, labels, "regression", alphas=[1, 2], select="accuracy")
    assert not (tmp_path / "p.h5").exists()
