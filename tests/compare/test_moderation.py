"""The spread of all ablations of a task: what it tells of one of them."""

import numpy as np
import pytest
from scipy.special import polygamma

from plmbench.compare.moderation import Prior, inverse_trigamma, moderated, prior_of


@pytest.mark.parametrize("x", [0.05, 0.5, 1.0, 3.0, 200.0])
def test_the_inverse_of_trigamma(x):
    assert inverse_trigamma(float(polygamma(1, x))) == pytest.approx(x, rel=1e-6)


def test_variances_of_one_truth_tell_nearly_all_of_each_other():
    drawn = 0.02**2 * np.random.default_rng(0).chisquare(2, 200) / 2
    prior = prior_of(drawn, [2] * 200)
    assert prior.variance == pytest.approx(0.02**2, rel=0.2)
    assert prior.freedom > 10
    assert prior.most == 400


def test_variances_that_differ_tell_little_of_each_other():
    draw = np.random.default_rng(0)
    truths = np.exp(2 * draw.normal(size=200))
    prior = prior_of(truths * draw.chisquare(2, 200) / 2, [2] * 200)
    assert prior.freedom < 2


@pytest.mark.parametrize("variances", [[], [0.1], [0.0, 0.1], [0.0, 0.0]])
def test_one_variance_that_is_not_0_tells_of_no_other(variances):
    assert prior_of(variances, [2] * len(variances)) is None


@pytest.mark.parametrize(
    ("prior", "expected"),
    [
        (None, (3.0, 2)),
        (Prior(1.0, 2.0, 99.0), (2.0, 4)),
        (Prior(1.0, 6.0, 5.0), (1.5, 5)),  # no more than all seeds together know
        (Prior(1.0, np.inf, 8.0), (1.0, 8)),
    ],
)
def test_a_variance_is_drawn_to_the_middle_by_what_the_prior_counts_for(prior, expected):
    assert moderated(3.0, 2, prior) == pytest.approx(expected)
