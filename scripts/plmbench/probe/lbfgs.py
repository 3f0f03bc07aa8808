"""Minimise a smooth convex function of many variables: L-BFGS, for variables so well scaled that
a first step of length 1 is right, and that the gradient tells how far the value can still fall."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

MEMORY = 20  # steps whose curvature is kept
DECREASE = 1e-4  # of what the slope promises, the least that a step must bring
SHORTEST = 1e-3  # a shorter step gains less than rounding hides

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]  # x -> value, gradient like x


class Minimum(NamedTuple):
    """Where the search ended: at the minimum, if it converged."""

    x: np.ndarray
    iterations: int
    converged: bool


class Curvature:
    """The curvature along the last steps, which turns a gradient into a direction."""

    def __init__(self) -> None:
        self.steps: list[tuple[np.ndarray, np.ndarray, float]] = []  # step, change, 1 / product

    def add(self, step: np.ndarray, change: np.ndarray) -> None:
        """Take in a step and the change of the gradient along it; one lost in rounding is not."""
        product = step @ change
        if product > np.finfo(float).eps * (change @ change):
            self.steps = [*self.steps[1 - MEMORY :], (step, change, 1 / product)]

    def solved(self, gradient: np.ndarray) -> np.ndarray:
        """Return the step that would bring this gradient to 0, by the curvature seen so far."""
        found, shares = gradient.copy(), []
        for step, change, inverse in reversed(self.steps):
            shares.append(inverse * (step @ found))
            found -= shares[-1] * change
        if self.steps:
            _, change, inverse = self.steps[-1]
            found /= inverse * (change @ change)
        for (step, change, inverse), share in zip(self.steps, reversed(shares), strict=True):
            found += step * (share - inverse * (change @ found))
        return found


def minimised(objective: Objective, x: np.ndarray, tolerance: float, max_iter: int) -> Minimum:
    """Search from x until half the gradient's squared norm, an estimate of how much the value can
    still fall, is at most `tolerance` of the value. It has not converged where `max_iter` steps
    were too few, or where rounding hides every gain."""
    curvature, (value, gradient) = Curvature(), objective(x)
    for iterations in range(max_iter + 1):
        if 0.5 * gradient @ gradient <= tolerance * value:
            return Minimum(x, iterations, converged=True)
        if iterations == max_iter:
            break
        direction = -curvature.solved(gradient)
        length, slope = 1.0, gradient @ direction
        new_value, new_gradient = objective(x + direction)
        while not new_value <= value + DECREASE * length * slope:
            excess = new_value - value - length * slope
            # The lowest point of the parabola through what is known, if it is no wild guess.
            length *= np.clip(-0.5 * length * slope / excess, 0.1, 0.5)
            if not length >= SHORTEST:
                return Minimum(x, iterations, converged=False)
            new_value, new_gradient = objective(x + length * direction)
        curvature.add(length * direction, new_gradient - gradient)
        x, value, gradient = x + length * direction, new_value, new_gradient
    return Minimum(x, max_iter, converged=False)
