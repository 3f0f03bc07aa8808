"""Metrics: the numbers of scikit-learn and scipy, and a reason where there is none."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, spearmanr
from sklearn import metrics as sklearn_metrics

from plmbench.core.errors import InputError
from plmbench.core.metrics import (
    LABELS,
    LOWER_IS_BETTER,
    METRICS,
    Target,
    Undefined,
    better_first,
    chance_ndcg,
    measured,
    metrics_of,
    primary_metric,
)
from plmbench.core.task_types import TASK_TYPES

ROOT = Path(__file__).parents[2]
NUMBERS = Target("regression", floor=-2.0)
CLASSES = Target("classification", ("A", "B", "C", "D"))


def value(name, y_true, prediction, target):
    """Return a metric's value, by its name."""
    return METRICS[name].function(np.asarray(y_true), np.asarray(prediction), target)


def numbers(count=200):
    """Return truth and prediction [example], both with ties."""
    draw = np.random.default_rng(0)
    y_true = draw.integers(-2, 5, count).astype(float)
    return y_true, (y_true + draw.normal(0, 2, count)).round(1)


def classes(count=200):
    """Return codes [example] and probabilities [example, class] of four classes, all present."""
    draw = np.random.default_rng(0)
    y_true = draw.integers(0, 4, count)
    logits = draw.normal(size=(count, 4)) + np.eye(4)[y_true]
    return y_true, np.exp(logits) / np.exp(logits).sum(1, keepdims=True)


def test_regression_metrics_are_those_of_scipy_and_scikit_learn():
    y_true, prediction = numbers()
    expected = {
        "spearman": spearmanr(y_true, prediction).statistic,
        "pearson": pearsonr(y_true, prediction).statistic,
        "r2": sklearn_metrics.r2_score(y_true, prediction),
        "rmse": sklearn_metrics.root_mean_squared_error(y_true, prediction),
        "ndcg": sklearn_metrics.ndcg_score([y_true + 2.0], [prediction]),
    }
    found = {name: value(name, y_true, prediction, NUMBERS) for name in expected}
    assert found == pytest.approx(expected, rel=1e-12)
    assert set(metrics_of("regression")) - set(expected) == {"ndcg_corrected"}


@pytest.mark.parametrize("kind", ["classification", "residue_classification"])
def test_classification_metrics_are_those_of_scikit_learn(kind):
    y_true, probabilities = classes()
    codes = probabilities.argmax(1)
    expected = {
        "accuracy": sklearn_metrics.accuracy_score(y_true, codes),
        "balanced_accuracy": sklearn_metrics.balanced_accuracy_score(y_true, codes),
        "macro_f1": sklearn_metrics.f1_score(y_true, codes, average="macro"),
        "mcc": sklearn_metrics.matthews_corrcoef(y_true, codes),
        "cross_entropy": sklearn_metrics.log_loss(y_true, probabilities),
        "roc_auc": sklearn_metrics.roc_auc_score(y_true, probabilities, multi_class="ovr"),
    }
    target = CLASSES._replace(task_type=kind)
    found = {name: value(name, y_true, probabilities, target) for name in metrics_of(kind)}
    assert found == pytest.approx(expected, rel=1e-12)


def test_two_classes_have_the_area_under_the_curve_of_the_second():
    y_true, probabilities = np.array([0, 1, 1, 0, 1]), np.array([0.2, 0.7, 0.1, 0.3, 0.4])
    both = np.stack([1 - probabilities, probabilities], 1)
    expected = sklearn_metrics.roc_auc_score(y_true, probabilities)
    found = value("roc_auc", y_true, both, Target("classification", ("no", "yes")))
    assert found == pytest.approx(expected)


def test_numbers_of_float32_files_are_those_of_float64():
    y_true, prediction = numbers()
    codes, probabilities = classes()
    for name in metrics_of("regression"):
        single = value(name, y_true, prediction.astype(np.float32), NUMBERS)
        assert single == pytest.approx(value(name, y_true, prediction, NUMBERS), rel=1e-6)
    for name in metrics_of("classification"):
        single = value(name, codes, probabilities.astype(np.float32), CLASSES)
        assert single == pytest.approx(value(name, codes, probabilities, CLASSES), rel=1e-6)


@pytest.mark.parametrize(("split", "chance"), [("low_vs_high", 0.903), ("two_vs_rest", 0.830)])
def test_reference_chance_of_ndcg_on_gb1(split, chance):
    table = pd.read_csv(ROOT / f"resources/datasets/gb1/{split}.csv.gz")
    target = Target("regression", floor=table["target"].min())
    test = table.loc[table["set"] == "test", "target"].to_numpy()
    assert chance_ndcg(test, target) == pytest.approx(chance, abs=5e-4)


def test_random_orders_have_the_chance_level_of_ndcg_on_average():
    y_true, _ = numbers(50)
    draw = np.random.default_rng(1)
    orders = [draw.permutation(50) for _ in range(2000)]
    mean = np.mean([value("ndcg", y_true, order, NUMBERS) for order in orders])
    assert mean == pytest.approx(chance_ndcg(y_true, NUMBERS), abs=3e-3)


def test_ndcg_above_chance_is_one_for_the_ideal_order_and_zero_for_no_order():
    y_true, _ = numbers()
    assert value("ndcg_corrected", y_true, y_true * 3, NUMBERS) == pytest.approx(1)
    assert value("ndcg_corrected", y_true, np.ones(200), NUMBERS) == pytest.approx(0, abs=1e-12)
    assert value("ndcg_corrected", y_true, -y_true, NUMBERS) < -0.1


def test_tied_predictions_have_the_same_ndcg_in_any_order_of_examples():
    y_true, prediction = numbers()
    order = np.random.default_rng(2).permutation(200)
    shuffled = value("ndcg", y_true[order], prediction[order], NUMBERS)
    assert shuffled == pytest.approx(value("ndcg", y_true, prediction, NUMBERS), rel=1e-12)


def test_the_gains_of_ndcg_start_at_the_floor_of_the_data_set():
    y_true, prediction = numbers()
    upper = y_true >= 0
    found = value("ndcg", y_true[upper], prediction[upper], NUMBERS)
    gains = [y_true[upper] + 2.0]  # not less the least target of these examples, which is 0
    assert found == pytest.approx(sklearn_metrics.ndcg_score(gains, [prediction[upper]]))


@pytest.mark.parametrize("metric", ["ndcg", "ndcg_corrected"])
def test_a_target_below_the_floor_is_an_error(metric):
    with pytest.raises(InputError, match=r"-3\.0 is below the floor of -2\.0"):
        value(metric, [-3.0, 1.0], [0.0, 1.0], NUMBERS)


@pytest.mark.parametrize("metric", sorted(set(metrics_of("regression")) - {"rmse"}))
def test_a_constant_truth_has_no_value_but_an_error(metric):
    for count in (1, 5):
        found, reason = measured(metric, np.ones(count), np.arange(float(count)), NUMBERS)
        assert np.isnan(found)
        assert reason == "the truth is constant"


@pytest.mark.parametrize("metric", ["spearman", "pearson"])
def test_a_correlation_with_a_constant_prediction_is_undefined(metric):
    with pytest.raises(Undefined, match="the prediction is constant"):
        value(metric, np.arange(5.0), np.ones(5), NUMBERS)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_prediction_that_is_no_number_leaves_every_metric_undefined(metric, wrong):
    kind = "regression" if metric in metrics_of("regression") else "classification"
    y_true, prediction = numbers() if kind == "regression" else classes()
    prediction[3] = wrong
    target = {"regression": NUMBERS, "classification": CLASSES}[kind]
    found, reason = measured(metric, y_true, prediction, target)
    assert np.isnan(found)
    assert "not a finite number" in reason


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("metric", METRICS)
def test_no_examples_leave_every_metric_undefined(metric):
    kind = "regression" if metric in metrics_of("regression") else "classification"
    y_true, prediction = numbers() if kind == "regression" else classes()
    target = {"regression": NUMBERS, "classification": CLASSES}[kind]
    assert measured(metric, y_true[:0], prediction[:0], target)[1] == "there are no examples"


@pytest.mark.filterwarnings("error")
def test_classes_that_are_only_predicted_count_for_f1_and_not_for_recall():
    y_true, prediction = np.array([0, 0, 1, 1]), np.eye(4)[[0, 3, 1, 1]]
    assert value("balanced_accuracy", y_true, prediction, CLASSES) == (1 / 2 + 1) / 2
    assert value("macro_f1", y_true, prediction, CLASSES) == pytest.approx((2 / 3 + 1 + 0) / 3)


def test_equal_columns_predict_the_first_class():
    assert value("accuracy", [0, 1], np.full((2, 4), 0.25), CLASSES) == 0.5


def test_a_correlation_of_classes_is_undefined_not_zero_where_one_side_has_one_class():
    y_true, prediction = np.array([0, 1, 2]), np.eye(4)[[0, 1, 1]]
    assert measured("mcc", y_true * 0, prediction, CLASSES)[1] == "the truth holds one class only"
    assert measured("mcc", y_true, prediction[:1].repeat(3, 0), CLASSES)[1].startswith("one class")


def test_decision_values_have_an_area_under_the_curve_and_no_cross_entropy():
    y_true, probabilities = classes()
    decisions = np.log(probabilities) * 2 + 1
    area = value("roc_auc", y_true, probabilities, CLASSES)
    assert value("roc_auc", y_true, decisions, CLASSES) == pytest.approx(area, abs=0.05)
    assert "decision values" in measured("cross_entropy", y_true, decisions, CLASSES)[1]


@pytest.mark.parametrize("row", [[1.2, -0.2, 0, 0], [0.5, 0.3, 0, 0], [0.5, 0.51, 0, 0]])
def test_a_row_that_is_no_probability_distribution_has_no_cross_entropy(row):
    prediction = np.array([[0.25] * 4, row])
    found, reason = measured("cross_entropy", np.array([3, 0]), prediction, CLASSES)
    assert np.isnan(found)
    assert "decision values" in reason


def test_cross_entropy_is_a_mean_over_examples_in_nats():
    prediction = np.array([[0.5, 0.5, 0, 0], [0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0]])
    expected = (np.log(2) + np.log(4) + 0) / 3
    assert value("cross_entropy", np.array([1, 2, 0]), prediction, CLASSES) == pytest.approx(
        expected
    )


def test_a_class_that_was_given_no_probability_is_named():
    prediction = np.array([[1.0, 0, 0, 0], [0.5, 0.5, 0, 0]])
    found, reason = measured("cross_entropy", np.array([2, 1]), prediction, CLASSES)
    assert np.isnan(found)
    assert "an example of C has probability 0" in reason


def test_classes_absent_from_the_truth_leave_the_area_under_the_curve_undefined():
    y_true, probabilities = classes()
    present = y_true % 2 == 0
    found, reason = measured("roc_auc", y_true[present], probabilities[present], CLASSES)
    assert np.isnan(found)
    assert reason == "absent from the truth: B, D"


def test_a_value_has_no_reason_and_equals_the_metric():
    y_true, prediction = numbers()
    expected = spearmanr(y_true, prediction).statistic
    assert measured("spearman", y_true, prediction, NUMBERS) == (expected, "")


def test_a_metric_of_another_kind_of_task_is_an_error_that_lists_the_right_ones():
    with pytest.raises(InputError, match=r"'spearman' is no metric of a classification .*accuracy"):
        measured("spearman", *classes(), CLASSES)


@pytest.mark.parametrize("metric", METRICS)
def test_a_better_prediction_comes_first_by_every_metric(metric):
    kind = "regression" if metric in metrics_of("regression") else "classification"
    y_true, worse = numbers() if kind == "regression" else classes()
    ideal = y_true if kind == "regression" else np.eye(4)[y_true]
    target = {"regression": NUMBERS, "classification": CLASSES}[kind]
    values = [value(metric, y_true, prediction, target) for prediction in (ideal, worse)]
    assert better_first(metric) * (values[0] - values[1]) > 0


def test_the_order_of_metrics_is_that_of_rows_in_score_tables_the_primary_one_first():
    assert list(metrics_of("regression")) == [
        *("spearman", "pearson", "r2", "rmse", "ndcg", "ndcg_corrected")
    ]
    of_classes = ["accuracy", "balanced_accuracy", "macro_f1", "mcc", "cross_entropy", "roc_auc"]
    assert list(metrics_of("classification")) == of_classes
    assert list(metrics_of("residue_classification")) == of_classes
    primary = ["spearman", "accuracy", "accuracy"]
    assert [primary_metric(task_type) for task_type in TASK_TYPES] == primary


def test_what_is_said_of_a_metric_stands_in_its_declaration():
    assert {"rmse", "cross_entropy"} == LOWER_IS_BETTER
    assert {name for name, metric in METRICS.items() if metric.needs_probabilities} == {
        "cross_entropy"
    }
    assert LABELS["r2"] == "R²"
    for name, metric in METRICS.items():
        assert metric.name == name
        assert metric.label
        assert set(metric.applies_to) <= set(TASK_TYPES)


def test_listing_the_metrics_loads_neither_scipy_nor_scikit_learn():
    code = (
        "import sys, plmbench.core.metrics; print({'scipy', 'sklearn', 'torch'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "set()"), done.stderr
