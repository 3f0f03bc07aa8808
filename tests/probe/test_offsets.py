"""Targets far from 0, or of another size: ranks, choices and errors stay what they are."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.embeddings import sequence_task
from plmbench.compare.bootstrap import bootstrapped, resamples
from plmbench.core.metrics import METRICS, measured
from plmbench.probe.examples import offset_of
from plmbench.probe.layerwise import probe_of, score_layers
from plmbench.probe.predictions import read_predictions, read_test_set
from plmbench.store.embeddings import open_embeddings

UNITS = {"rmse": 1}  # metrics in the unit of the target; others have none
SIZES = {
    "validation": {"train": 48, "validation": 16, "test": 20},
    "folds": {"train": 48, "test": 20},
}
SETTINGS = {
    "ridge": {"alphas": [10.0**k for k in range(-8, 7)]},
    "mlp": {"hidden": [[4]], "alphas": [0.1], "epochs": 4},
}


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Return a function that gives the scores of targets made other by scale and offset, and the
    folder with the predictions."""
    tasks = {}
    for name, sizes in SIZES.items():
        folder = tmp_path_factory.mktemp(name)
        tasks[name] = folder, sequence_task(folder / "x.h5", "regression", sizes)

    def scores(subsets, scale=1.0, offset=0.0, probe="ridge"):
        folder, labels = tasks[subsets]
        other = (labels["target"].astype(float) * scale + offset).map(repr)
        entry = {"probe_type": probe, "select": "spearman"} | SETTINGS[probe]
        probe = probe_of(task_type="regression", **entry)
        with open_embeddings(folder / "x.h5") as embeddings:
            rows = list(
                score_layers(embeddings, labels.assign(target=other), folder / "p.h5", probe)
            )
        index = ["pooling", "layer", "seed", "subset", "metric"]
        return pd.DataFrame(rows).set_index(index)["value"], folder / "p.h5"

    return scores


@pytest.fixture(scope="module")
def plain(scored):
    """Return a function that gives the scores of the targets as they are, from memory."""
    return cache(lambda subsets, probe="ridge": scored(subsets, probe=probe)[0])


def in_the_plain_unit(scores, scale):
    """Return scores with those in the unit of the target divided by the scale."""
    metric = scores.index.get_level_values("metric")
    return scores / np.where(metric.isin(UNITS), abs(scale), 1.0)


NUMBERS = st.sampled_from([1e6, 1e7, 1e9, -1e9, 12345.678])
SCALES = st.sampled_from([1e-12, 1e12, 0.37, 1e-6])


@settings(max_examples=12)
@given(subsets=st.sampled_from(sorted(SIZES)), offset=NUMBERS, scale=SCALES)
def test_metrics_and_choices_of_ridge_do_not_depend_on_offset_and_scale(
    scored, plain, subsets, offset, scale
):
    moved, _ = scored(subsets, offset=offset)
    np.testing.assert_allclose(moved, plain(subsets), rtol=1e-5, atol=1e-6)
    scaled, _ = scored(subsets, scale=scale)
    np.testing.assert_allclose(in_the_plain_unit(scaled, scale), plain(subsets), rtol=1e-7)


@pytest.mark.parametrize("offset", [1e6, 1e9, -1e9])
@pytest.mark.parametrize("subsets", SIZES)
def test_ranks_and_choices_are_the_same_to_the_last_digit(scored, plain, subsets, offset):
    moved, _ = scored(subsets, offset=offset)
    for name in ("spearman", "alpha"):
        pd.testing.assert_series_equal(
            moved.xs(name, level="metric"), plain(subsets).xs(name, level="metric"), rtol=1e-12
        )


@pytest.mark.parametrize("offset", [1e6, 1e9, -1e9])
def test_an_mlp_is_as_good_with_an_offset(scored, plain, offset):
    moved, _ = scored("validation", offset=offset, probe="mlp")
    np.testing.assert_allclose(moved, plain("validation", "mlp"), rtol=0.01, atol=0.01)


@pytest.mark.parametrize("metric", ["spearman", "pearson", "r2", "rmse", "ndcg", "ndcg_corrected"])
def test_every_metric_of_the_predictions_that_are_kept_is_that_of_the_plain_target(scored, metric):
    assert METRICS[metric].applies_to == ("regression",)
    found = []
    for offset in (0.0, 1e9):
        _, path = scored("validation", offset=offset)
        test, (prediction,) = read_test_set(path), read_predictions(path, "mean", 1)
        value = measured(metric, test.y_true, prediction, test.target)[0]
        counts = resamples(len(test.y_true), 50, 0)
        many = bootstrapped(metric, test.y_true, prediction, test.target, counts)
        found.append([value, *many])
        assert test.target.offset == pytest.approx(offset, abs=20)
    np.testing.assert_allclose(*found, rtol=1e-5)


def test_targets_and_predictions_with_the_offset_are_in_the_users_unit(scored):
    _, path = scored("validation", offset=1e6)
    test, (prediction,) = read_test_set(path), read_predictions(path, "mean", 1)
    assert np.all(abs(test.y_true + test.target.offset - 1e6) < 100)
    assert np.all(abs(prediction + test.target.offset - 1e6) < 100)


def test_the_offset_is_the_mean_of_train_where_it_keeps_targets_apart():
    subset = np.array(["train", "train", "test"])
    assert offset_of(np.array([1.0, 3.0, 50.0]), subset) == 2.0
    assert offset_of(np.array([1e-30, 1e-20, 1.0]), subset) == pytest.approx(5e-21)
    assert offset_of(np.array([1.0, 1e-20, 1e-30]), subset) == 0.0  # beside 0.5 they are the same
    assert offset_of(np.array([1e308, 1e308, 1e308]), subset) == 1e308
