"""The table of learning curves: what a network is compared with, and what it is worth."""

import numpy as np
import pandas as pd
import pytest

from helpers.embeddings import written_task
from plmbench.compare.learning_curves import (
    COLUMNS,
    WORTH_COLUMNS,
    compare_curves,
    with_worth,
    worth_columns,
)
from plmbench.probe.layerwise import probe_of
from plmbench.probe.learning_curve import fit_curves, write_curves
from plmbench.store.embeddings import open_embeddings

KIND = "classification"
CURVE = {"sizes": ["1/64", "1/4", "1/2", "1"], "draws": 3, "validation": "stays"}
SIZES = {"train": 48, "validation": 16, "test": 36}
# The second layer knows the labels best: what may read that one is ahead of what may not.
ARMS = {
    ("net", "pretrained", "p"): [1],
    ("net", "reinit-0", "p"): [0],
    ("net", "reinit-1", "p"): [0],
    ("net", "shuffle-0", "p"): [2],
    ("onehot", "none", "p"): [0],
}
COMPARISON = {
    "arms": list(ARMS),
    "networks": ["net"],
    "in_verdict": {"reinit": True, "shuffle": False},
    "metric": "accuracy",
    "n_bootstrap": 200,
    "seed": 0,
}


def compared(folder, sizes=SIZES, **changes):
    """Return the table of a task on which every arm reads its layers of one file."""
    labels = written_task(folder / "x.h5", KIND, sizes=sizes)
    for number, ((model, weights, probe), layers) in enumerate(ARMS.items()):
        fitted = probe_of(
            task_type=KIND, probe_type="logistic", Cs=[0.1], select="accuracy", layers=layers
        )
        with open_embeddings(folder / "x.h5") as embeddings:
            output = folder / f"{number}.h5"
            rows = fit_curves(embeddings, labels, output, fitted, "accuracy", **CURVE)
        job = {"model": model, "weights": weights, "probe": probe}
        write_curves(folder / f"{number}.tsv", rows, dataset="d", split="s", **job)
    files = [[folder / f"{n}.{end}" for n in range(len(ARMS))] for end in ("tsv", "h5")]
    return compare_curves(*files, COMPARISON | changes)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return compared(tmp_path_factory.mktemp("curves"))


def test_every_arm_has_a_row_per_size_also_of_one_that_was_left_out(table):
    assert list(table) == COLUMNS
    assert table["arm"].value_counts().to_dict() == dict.fromkeys(
        ("pretrained", "reinit", "shuffle", "onehot"), 4
    )
    assert sorted(table["size"].unique()) == [1 / 64, 1 / 4, 1 / 2, 1]
    left_out = table[table["size"] == 1 / 64]
    assert left_out["value"].isna().all()
    assert left_out["reason"].str.contains("size 1/64: train would have 1 label").all()
    assert left_out["worth_reason"].tolist() == left_out["reason"].tolist()


def test_draws_seeds_and_labels_are_counted(table):
    rows = table[table["value"].notna()].set_index(["arm", "size"])
    assert rows["draws"].xs(0.25, level="size").tolist() == [3] * 4
    assert rows["draws"].xs(1, level="size").tolist() == [1] * 4
    assert rows["seeds"]["reinit", 1] == 2
    assert rows["labels"].xs("onehot").tolist() == [12, 24, 48]
    assert rows["sd"].xs(1, level="size").isna().all()
    assert ((rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"])).all()


def test_a_network_that_knows_more_with_the_least_labels_is_worth_at_least_all_others(table):
    rows = table.set_index(["arm", "size"])
    chosen = rows.loc["pretrained", 1]
    assert chosen["worth_text"].startswith(">= 4")
    assert np.isnan(chosen["worth"])
    assert chosen["best_reference"] in ("reinit", "onehot")  # shuffle bears on no verdict
    assert rows.loc[("shuffle", 1), "worth_text"]


def test_the_same_draws_and_resamples_give_the_same_table(table, tmp_path):
    pd.testing.assert_frame_equal(compared(tmp_path), table)


def test_arms_that_read_the_same_are_worth_1(tmp_path, monkeypatch):
    monkeypatch.setitem(ARMS, ("onehot", "none", "p"), [1])
    rows = compared(tmp_path).set_index(["arm", "size"])
    assert rows.loc[("onehot", 1), "worth"] == 1
    assert rows.loc[("onehot", 1), "worth_low"] == rows.loc[("onehot", 1), "worth_high"] == 1


def test_few_test_sequences_have_no_interval(tmp_path):
    table = compared(tmp_path, SIZES | {"test": 12})
    chosen = table[(table["arm"] == "pretrained") & (table["size"] == 1)].iloc[0]
    assert chosen["worth_reason"] == "12 test sequences: an interval needs 20"
    assert chosen[["low", "worth_low"]].isna().all()


def test_the_code_of_what_knows_more_is_shorter(table):
    bits = table.set_index(["arm", "size"])["description_length"]
    shares = table.set_index(["arm", "size"])["description_ratio"]
    assert bits["pretrained", 0.25] == pytest.approx(12)  # two classes: a bit each
    assert shares["pretrained", 0.25] == pytest.approx(1)
    assert bits["pretrained", 1] < bits["onehot", 1]
    assert shares["pretrained", 1] == pytest.approx(bits["pretrained", 1] / 48)


def test_verdicts_get_the_worth_of_the_largest_size(table):
    curves = table.assign(dataset="d", split="s")
    row = worth_columns(curves).iloc[0]
    assert row["worth_text"] == table[table["arm"] == "pretrained"]["worth_text"].iloc[-1]
    names = {"dataset": "d", "split": "s", "probe": "p", "pooling": "mean"}
    verdicts = pd.DataFrame([names | {"model": m, "verdict": "unclear"} for m in ("net", "x")])
    found = with_worth(verdicts, curves)
    assert list(found)[-1] == "verdict"
    assert {*WORTH_COLUMNS, "worth_reference"} <= set(found)
    assert found["worth_text"].tolist() == [row["worth_text"], ""]
    assert with_worth(verdicts, None) is verdicts
