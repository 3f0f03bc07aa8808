"""Learning curves: at size 1 the main probe's numbers, and smaller sizes see no other label."""

import numpy as np
import pandas as pd
import pytest

from helpers.embeddings import KINDS, written_task
from plmbench.core.errors import InputError
from plmbench.core.metrics import Target
from plmbench.probe.description_length import code_bits, uniform_bits, with_escape
from plmbench.probe.layerwise import probe_of, score_layers
from plmbench.probe.learning_curve import CURVE_COLUMNS, fit_curves, read_curves, write_curves
from plmbench.probe.nested_subsets import nested_subsets
from plmbench.probe.predictions import read_predictions
from plmbench.store.embeddings import open_embeddings

SETTINGS = {
    "regression": {"probe_type": "ridge", "alphas": [0.01, 1, 100], "select": "spearman"},
    "classification": {"probe_type": "logistic", "Cs": [0.01, 1], "select": "cross_entropy"},
    "residue_classification": {"probe_type": "logistic", "Cs": [0.01, 1], "select": "mcc"},
}
METRIC = {"regression": "spearman", "classification": "accuracy", "residue_classification": "mcc"}
CURVE = {"sizes": ["1/4", "1/2", "1"], "draws": 2, "validation": "stays"}
FOLDED = {"train": 48, "test": 20}
TASKS = pytest.mark.parametrize("kind", KINDS)


def curves(folder, labels, kind, settings=(), name="c", **curve):
    """Return the rows of the curves on the embeddings of a folder, as they are written and read."""
    probe = probe_of(task_type=kind, **SETTINGS[kind] | dict(settings))
    with open_embeddings(folder / "x.h5") as embeddings:
        rows = fit_curves(
            embeddings, labels, folder / f"{name}.h5", probe, METRIC[kind], **CURVE | curve
        )
    write_curves(folder / f"{name}.tsv", rows, dataset="d", split="s")
    return read_curves(folder / f"{name}.tsv")


@pytest.mark.parametrize("sizes", [None, FOLDED], ids=["validation", "folds"])
@pytest.mark.parametrize(
    ("kind", "most"), [*((kind, 100_000) for kind in KINDS), ("residue_classification", 60)]
)
def test_size_1_has_the_numbers_of_the_main_probe_to_the_last_digit(kind, sizes, most, tmp_path):
    labels = written_task(tmp_path / "x.h5", kind, **({"sizes": sizes} if sizes else {}))
    settings = {"max_residues": most}
    found = curves(tmp_path, labels, kind, settings).query("size == '1'")
    probe = probe_of(task_type=kind, **SETTINGS[kind] | settings)
    with open_embeddings(tmp_path / "x.h5") as embeddings:
        main = pd.DataFrame(score_layers(embeddings, labels, tmp_path / "p.h5", probe))
    main = main[main["metric"] == METRIC[kind]]
    for subset in ("validation", "test"):
        expected = main[main["subset"] == subset].set_index("layer")["value"]
        assert found.set_index("layer")[subset].to_dict() == expected.to_dict()
    chosen = found.query("chosen == 1")
    layer, fit, pooling = chosen[["layer", "fit", "pooling"]].iloc[0]
    assert layer == found.set_index("layer")["validation"].idxmax()
    kept = [
        read_predictions(tmp_path / name, pooling, n)
        for name, n in (("c.h5", fit), ("p.h5", layer))
    ]
    assert np.array_equal(*kept)


@pytest.mark.parametrize("kind", ["regression", "residue_classification"])  # not stratified
def test_a_size_learns_from_its_labels_alone(kind, tmp_path):
    labels = written_task(tmp_path / "x.h5", kind)
    before = curves(tmp_path, labels, kind)
    assert list(before.columns[5:]) == CURVE_COLUMNS
    other = labels.copy()
    hidden = ~labels["id"].isin(drawn(labels, kind, "1/2", 0)) & (labels["subset"] == "train")
    other.loc[hidden, "target"] = labels.loc[hidden, "target"].map(turned(kind))
    after = curves(tmp_path, other, kind, name="other")
    smaller = [each.query("draw == 0 and size != '1'")["test"] for each in (before, after)]
    # The offset of numbers is the mean of all labels of train.
    assert smaller[0].round(9).tolist() == smaller[1].round(9).tolist()
    whole = [each.query("size == '1'")["test"].tolist() for each in (before, after)]
    assert whole[0] != whole[1]


def drawn(labels, kind, size, draw):
    """Return the training ids of a size and draw."""
    subsets = nested_subsets(labels, kind, **CURVE)
    return next(each.train for each in subsets if (each.size, each.draw) == (size, draw))


def turned(kind):
    """Return a function that changes a label to another."""
    swap = str.maketrans("ab", "ba")
    return (lambda text: text.translate(swap)) if kind != "regression" else lambda text: "3.25"


@TASKS
def test_sizes_that_are_left_out_are_rows_with_a_reason(kind, tmp_path):
    labels = written_task(tmp_path / "x.h5", kind)
    found = curves(tmp_path, labels, kind, sizes=["1/64", "1/2", "1"])
    [row] = found[found["fit"] < 0].to_dict("records")
    assert (row["size"], row["chosen"]) == ("1/64", 0)
    assert "size 1/64: train would have" in row["reason"]
    assert set(found["size"]) == {"1/64", "1/2", "1"}


def test_a_sequence_that_one_model_leaves_out_changes_no_other_ids(tmp_path):
    labels = written_task(
        tmp_path / "x.h5", "residue_classification", max_length=8, long_sequences="truncate"
    )
    found = curves(tmp_path, labels, "residue_classification")
    assert (found.query("size != '1'")["labels"] > 0).all()


@TASKS
def test_the_code_of_labels_is_that_of_what_the_next_size_adds(kind, tmp_path):
    labels = written_task(tmp_path / "x.h5", kind)
    found = curves(tmp_path, labels, kind).query("layer == 1")
    counts = found.set_index(["size", "draw"])["labels"]
    coded = found.set_index(["size", "draw"])["coded"]
    for draw in (0, 1):
        assert coded["1/4", draw] == counts["1/2", draw] - counts["1/4", draw]
        assert coded["1/2", draw] == counts["1", 0] - counts["1/2", draw]
    if kind == "regression":
        assert found["bits"].isna().all()
        assert found["bits_reason"].str.contains("of classes").all()
    else:
        bits = found[found["size"] != "1"]
        assert (bits["bits"] < uniform_bits(bits["coded"].to_numpy(), 2)).all()  # it has learned


@pytest.mark.parametrize(
    ("prediction", "seen", "bits"),
    [
        ([[0.5, 0.5]], 9, 1.0),  # what knows nothing takes a bit
        ([[1.0, 0.0]], 9, -np.log2(9.5 / 10)),
        ([[0.0, 1.0]], 9, np.log2(20)),  # a class never seen has a code, too
    ],
)
def test_code_length_of_one_label(prediction, seen, bits):
    target = Target("classification", ("a", "b"))
    assert code_bits(np.array([0]), np.array(prediction), target, seen) == (pytest.approx(bits), "")
    assert with_escape(np.array(prediction), seen).sum() == pytest.approx(1)


def test_decision_values_have_no_code_length():
    target = Target("classification", ("a", "b"))
    bits, reason = code_bits(np.array([0]), np.array([[2.0, -2.0]]), target, 9)
    assert np.isnan(bits)
    assert "decision values" in reason


def test_folds_in_which_nothing_can_be_chosen_are_an_error(tmp_path):
    labels = written_task(tmp_path / "x.h5", "classification", sizes=FOLDED)
    labels.loc[labels["subset"] == "train", "fold"] = 0  # one fold holds all
    with pytest.raises(InputError, match=r"fold|choose"):
        curves(tmp_path, labels, "classification")
