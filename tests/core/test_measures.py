"""What metrics compute is, to the last bit, what scipy and scikit-learn compute."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from plmbench.core import measures

SIZES = (2, 3, 17, 128, 129, 678, 2509)
ROUNDED = (None, 1, 0)  # to so many decimals: many ties, or none


def cases(make):
    """Yield what `make` draws of so many examples, rounded or not."""
    draw = np.random.default_rng(0)
    for decimals in ROUNDED:
        for size in SIZES:
            for _ in range(5):
                yield make(draw, size, decimals)


def numbers(draw, size, decimals):
    """Return truth and prediction [example], of many magnitudes, both of which vary."""
    y_true = draw.normal(size=size) * 10.0 ** draw.integers(-1, 4)
    prediction = y_true * draw.normal() + draw.normal(size=size)
    if decimals is not None:
        y_true, prediction = y_true.round(decimals), prediction.round(decimals)
    y_true[0], prediction[-1] = y_true[1:].max() + 1, prediction[:-1].min() - 1
    return y_true, prediction


def classes(draw, size, decimals):
    """Return codes [example] of up to six classes, at least two, and scores [example, class]."""
    y_true = draw.integers(0, 6, size)
    y_true[:2] = [0, 5]
    scores = draw.normal(size=(size, 6)) + np.eye(6)[y_true] * draw.integers(0, 3)
    scores[0, 0] = scores[1, 5] = 9.0  # two classes are predicted, too
    return y_true, scores if decimals is None else scores.round(decimals)


OF_NUMBERS = {
    "rank_correlation": lambda y, p: stats.spearmanr(y, p).statistic,
    "correlation": lambda y, p: stats.pearsonr(y, p).statistic,
    "explained": metrics.r2_score,
    "mean_squared_error": metrics.mean_squared_error,
}
OF_COUNTS = {
    "mean_recall": metrics.balanced_accuracy_score,
    "mean_f1": lambda y, codes: metrics.f1_score(y, codes, average="macro"),
    "matthews": metrics.matthews_corrcoef,
}


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_of_numbers(name):
    for y_true, prediction in cases(numbers):
        found = getattr(measures, name)(y_true, prediction)
        assert found == OF_NUMBERS[name](y_true, prediction), (name, len(y_true))


def test_discounted_gain():
    for y_true, prediction in cases(numbers):
        gains = y_true - y_true.min()
        assert measures.discounted_gain(gains, prediction) == metrics.ndcg_score(
            [gains], [prediction]
        )
    assert measures.discounted_gain(np.zeros(3), np.arange(3)) == 0


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.parametrize("name", OF_COUNTS)
def test_of_classes(name):
    for y_true, scores in cases(classes):
        codes = scores.argmax(1)
        found = getattr(measures, name)(measures.confusion(y_true, codes))
        assert found == OF_COUNTS[name](y_true, codes), (name, len(y_true))


def test_area_under_the_curve():
    for y_true, scores in cases(classes):
        for code in np.unique(y_true):
            column = scores[:, code]  # as it lies among the others
            inside = y_true == code
            found = measures.area_under_curve(inside, column)
            assert found == metrics.roc_auc_score(inside, column)


@pytest.mark.parametrize("axis", [0, 1])
def test_ranks(axis):
    for y_true, prediction in cases(numbers):
        values = np.stack([y_true, prediction, np.full(len(y_true), np.nan)], 1 - axis)
        found = np.moveaxis(measures.mean_ranks(np.moveaxis(values, axis, -1)), -1, axis)
        assert np.array_equal(found, stats.rankdata(values, axis=axis), equal_nan=True)


@pytest.mark.parametrize(
    ("truth", "prediction", "expected"),
    [([1e-200, 0.0], [1e-200, 0.0], 1.0), ([1e-200, 0.0], [3.0, 1.0], 0.0)],
)
def test_a_spread_too_small_to_be_squared(truth, prediction, expected):
    found = measures.explained(np.array(truth), np.array(prediction))
    assert found == metrics.r2_score(truth, prediction) == expected
