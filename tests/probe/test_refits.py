"""Refits: which rows they see, and that they are fits like any other."""

import numpy as np
import pandas as pd
import pytest

from helpers.embeddings import KINDS, SIZES, written_task
from plmbench.core.errors import InputError
from plmbench.probe import refits
from plmbench.probe.layerwise import Features, probe_of, score_layers
from plmbench.probe.plans import drawn
from plmbench.probe.problems import problem_of
from plmbench.probe.redraws import GROUP, redraw
from plmbench.probe.refits import COLUMNS, refit_layers, refits_of, write_refits
from plmbench.probe.scores import read_scores
from plmbench.store.embeddings import open_embeddings

FOLDED = {"train": 48, "test": 20}
SETTINGS = {
    "ridge": {"alphas": [0.01, 1, 100]},
    "logistic": {"Cs": [0.01, 1]},
    "mlp": {"hidden": [[4], [8]], "alphas": [0.1], "epochs": 6, "patience": 2, "seeds": [0, 1]},
}
PAIRS = [(kind, probe) for kind in KINDS for probe in SETTINGS]
PAIRS.remove(("regression", "logistic"))
NUMBERED = ["pooling", "layer", "seed", "subset", "n", "metric", "value", "reason"]


def probe_for(kind, probe="ridge", **settings):
    """Return the Probe of a kind of task."""
    return probe_of(task_type=kind, probe_type=probe, **SETTINGS[probe] | settings)


def refit(path, labels, probe, count=5):
    """Return the table of refits of an embedding file."""
    with open_embeddings(path) as embeddings:
        return pd.DataFrame(list(refit_layers(embeddings, labels, probe, count, "a/b")))


def seen_by(path, labels, probe, count=5):
    """Return the ids that each refit of a file fits on, and chooses on: [refit] of two sets."""
    with open_embeddings(path) as embeddings:
        problem = problem_of(embeddings, labels, probe)
        ids = labels["id"][~labels["id"].isin(embeddings.dropped)].unique()
        found = refits_of(problem, embeddings.dropped, count, probe, "a/b")
    unit = problem.examples.unit
    return [
        (set(ids[unit[each.plan.train]]), set(ids[unit[each.plan.validation]])) for each in found
    ]


def once_each(labels, task, number):
    """Return the redraw that draws every row once."""
    return dict.fromkeys(labels["id"], 1)


def table_of(sizes, group=None):
    """Return labels of so many sequences per subset, all of their own, or in families."""
    subsets = [name for name, count in sizes.items() for _ in range(count)]
    ids = [f"s{i:03d}" for i in range(len(subsets))]
    table = pd.DataFrame({"id": ids, "subset": subsets})
    return table if group is None else table.assign(**{GROUP: [group(i) for i in range(len(ids))]})


SIZES_DRAWN = [
    {"train": 40, "validation": 20, "test": 9},
    {"train": 7, "validation": 1},
    {"train": 12},
]


@pytest.mark.parametrize("sizes", SIZES_DRAWN, ids=["even", "odd", "without validation"])
def test_as_many_rows_of_each_subset_are_drawn_as_it_has_and_none_of_test(sizes):
    labels = table_of(sizes)
    for number in range(5):
        times = labels["id"].map(redraw(labels, "a/b", number))
        drawn = times.groupby(labels["subset"]).sum()
        assert drawn.to_dict() == sizes | ({"test": 0} if "test" in sizes else {})


def test_a_redraw_holds_two_thirds_of_the_rows():
    times = redraw(table_of({"train": 1000, "validation": 1000}), "a/b", 1).values()
    assert 0.6 < np.mean([count > 0 for count in times]) < 0.66
    assert max(times) > 2


def test_a_draw_depends_on_task_and_number_and_on_no_order_of_rows():
    labels = table_of({"train": 40, "validation": 20, "test": 9})
    first = redraw(labels, "a/b", 1)
    assert first == redraw(labels.sample(frac=1, random_state=3), "a/b", 1)
    others = [redraw(labels, "a/b", 2), redraw(labels, "a/c", 1)]
    assert all(first != other for other in others)


FAMILIES = {
    "within a subset": lambda i: f"f{i // 4}",
    "over both subsets": lambda i: f"f{i % 17}",
    "of unequal sizes": lambda i: "large" if i < 17 else f"f{i}",
}


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_family_is_drawn_as_often_in_each_of_its_members(family):
    labels = table_of({"train": 40, "validation": 24, "test": 8}, family)
    learned = labels[labels["subset"] != "test"]
    for number in range(20):
        times = learned["id"].map(redraw(labels, "a/b", number))
        assert times.groupby(learned[GROUP]).nunique().eq(1).all()
        assert times.gt(0).any()
        assert times.eq(0).any()


@pytest.mark.parametrize("copies", [1, 3])
def test_copies_of_a_sequence_are_drawn_together(copies):
    one = table_of({"train": 10, "validation": 6})
    labels = pd.concat([one] * copies, ignore_index=True)
    assert redraw(labels, "a/b", 1) == redraw(one, "a/b", 1)


@pytest.mark.parametrize("kind", KINDS)
def test_no_row_is_in_train_and_validation_or_test(tmp_path, kind):
    labels = written_task(tmp_path / "x.h5", kind)
    tested = set(labels["id"][labels["subset"] == "test"])
    for train, validation in seen_by(tmp_path / "x.h5", labels, probe_for(kind)):
        assert train
        assert validation
        assert not train & validation
        assert not (train | validation) & tested


def test_every_arm_has_the_same_draws_also_where_a_model_leaves_sequences_out(tmp_path):
    labels = written_task(tmp_path / "x.h5", "regression")
    whole = seen_by(tmp_path / "x.h5", labels, probe_for("regression"))
    learned = labels[labels["subset"] == "train"]["id"].tolist()
    longer = pd.concat([labels, labels[:3].assign(id=["l0", "l1", "l2"], subset="test")])
    assert seen_by(tmp_path / "x.h5", longer[: len(labels)], probe_for("regression")) == whole
    with open_embeddings(tmp_path / "x.h5") as embeddings:
        embeddings.dropped = set(learned[:5])
        problem = problem_of(embeddings, labels, probe_for("regression"))
        ids = labels["id"][~labels["id"].isin(embeddings.dropped)].unique()
        found = refits_of(problem, embeddings.dropped, 5, probe_for("regression"), "a/b")
    for each, (train, _) in zip(found, whole, strict=True):
        own = set(ids[problem.examples.unit[each.plan.train]])
        assert own == train - embeddings.dropped


@pytest.mark.parametrize("sizes", [SIZES, FOLDED], ids=["validation", "folds"])
@pytest.mark.parametrize(
    ("kind", "probe", "most"),
    [(*pair, None) for pair in PAIRS] + [(*pair, 30) for pair in PAIRS if pair[0] == KINDS[2]],
)
def test_a_refit_of_all_rows_is_the_plain_fit(tmp_path, monkeypatch, kind, probe, sizes, most):
    labels = written_task(tmp_path / "x.h5", kind, sizes=sizes)
    chosen = probe_for(kind, probe, **({"max_residues": most} if most else {}))
    monkeypatch.setattr(refits, "redraw", once_each)
    monkeypatch.setattr(refits, "drawn", lambda positions, most, seed: drawn(positions, most))
    again = refit(tmp_path / "x.h5", labels, chosen, count=1)
    with open_embeddings(tmp_path / "x.h5") as embeddings:
        plain = pd.DataFrame(list(score_layers(embeddings, labels, tmp_path / "p.h5", chosen)))
    plain = plain[plain["subset"].isin(["validation", "test"])]
    plain = plain[plain["metric"].isin(again["metric"].unique())]
    keys = ["pooling", "layer", "seed", "subset", "metric"]
    both = [table.sort_values(keys)[NUMBERED].reset_index(drop=True) for table in (again, plain)]
    pd.testing.assert_frame_equal(*both, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_refit_learns_from_its_own_rows_alone(tmp_path, kind):
    labels = written_task(tmp_path / "x.h5", kind)
    before = refit(tmp_path / "x.h5", labels, probe_for(kind))
    left_out = labels["id"].map(redraw(labels, "a/b", 1)) == 0
    turned = labels.copy()
    own = labels["target"][left_out]
    turned.loc[left_out, "target"] = (
        own.str.translate(str.maketrans("ab", "ba")) if kind != "regression" else own[::-1].tolist()
    )
    after = refit(tmp_path / "x.h5", turned, probe_for(kind))
    same = [table[table["refit"] == 1]["value"].to_numpy() for table in (before, after)]
    np.testing.assert_allclose(*same, rtol=1e-6, atol=1e-9)
    others = [table[table["refit"] != 1]["value"].to_numpy() for table in (before, after)]
    assert not np.allclose(*others)


def test_each_layer_is_read_once_to_learn_from_it(tmp_path, monkeypatch):
    labels, reads = written_task(tmp_path / "x.h5", "regression"), []
    take = Features.take
    monkeypatch.setattr(Features, "take", lambda *args: reads.append(1) or take(*args))
    refit(tmp_path / "x.h5", labels, probe_for("regression"), count=7)
    assert len(reads) == 3


def test_a_draw_with_nothing_to_learn_is_refused_with_its_number(tmp_path):
    labels = written_task(tmp_path / "x.h5", "classification")
    train = np.flatnonzero(labels["subset"] == "train")
    labels.loc[labels.index[train], "target"] = "a"
    labels.loc[labels.index[train[:2]], "target"] = "b"
    with pytest.raises(InputError, match=r"^refit \d+ of 60: train holds 48 example\(s\), all of"):
        refit(tmp_path / "x.h5", labels, probe_for("classification"), count=60)


def test_a_table_of_refits_is_read_as_scores_are(tmp_path):
    rows = [{"refit": 1, "pooling": "NA", "layer": 0, "seed": 0, "subset": "test", "n": 3}]
    rows[0] |= {"metric": "spearman", "value": np.nan, "reason": "constant"}
    job = {"dataset": "a", "split": "1e3", "model": "m", "weights": "none", "probe": "ridge"}
    write_refits(tmp_path / "r.tsv", rows, **job)
    table = read_scores(tmp_path / "r.tsv")
    assert list(table.columns) == COLUMNS
    assert table["split"][0] == "1e3"
    assert table["pooling"][0] == "NA"
    assert np.isnan(table["value"][0])
