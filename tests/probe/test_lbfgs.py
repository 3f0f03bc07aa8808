"""The search for the minimum of a smooth convex function."""

import numpy as np
import pytest

from plmbench.probe.lbfgs import MEMORY, minimised

CURVATURES = {
    "equal": np.ones(5),
    "spread": np.logspace(-2, 2, 30),
    "more directions than steps are kept": np.linspace(0.5, 50, 3 * MEMORY),
}


def parabola(curvature):
    """Return a function whose minimum is 1 at x = 1, and its gradient."""
    return lambda x: (1 + 0.5 * curvature @ (x - 1) ** 2, curvature * (x - 1))


@pytest.mark.parametrize("kind", CURVATURES)
def test_it_ends_at_the_minimum_from_far_away(kind):
    curvature = CURVATURES[kind]
    found = minimised(parabola(curvature), np.full(len(curvature), 100.0), 1e-12, 1000)
    assert found.converged
    np.testing.assert_allclose(found.x, 1.0, atol=1e-4)


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_too_few_steps_are_no_convergence_and_no_more_are_made(steps):
    curvature = CURVATURES["spread"]
    found = minimised(parabola(curvature), np.full(len(curvature), 100.0), 1e-12, steps)
    assert (found.converged, found.iterations) == (False, steps)


def test_a_start_at_the_minimum_is_left_where_it_is():
    found = minimised(parabola(np.ones(3)), np.ones(3), 1e-12, 10)
    assert (found.converged, found.iterations) == (True, 0)


@pytest.mark.parametrize("wrong", [-1.0, np.nan], ids=["a gradient that leads up", "not a number"])
def test_where_no_step_gains_the_search_ends_and_says_so(wrong):
    def objective(x):
        value = 1 + 0.5 * x @ x
        return (value, wrong * x) if x[0] == 3 else (value if wrong < 0 else np.nan, wrong * x)

    found = minimised(objective, np.array([3.0]), 1e-12, 100)
    assert not found.converged
    np.testing.assert_array_equal(found.x, [3.0])
