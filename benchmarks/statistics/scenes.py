"""Made-up test subsets on which one arm is better than another by a known gain: one scene per
metric and skill."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from plmbench.core.metrics import METRICS, Target, better_first, measured

POPULATION = 20_000  # units from which the true gain of a scene is taken
SHARES = (0.5, 0.4, 0.1)  # of three classes, one of them rare
RESIDUES = 10  # of a chain
SHARED = 0.7  # how much of the noise two arms have in common; the rest is their own
NUMBERS = Target("regression", floor=-50.0)
CLASSES = Target("classification", ("a", "b", "c"))
CHAINS = Target("residue_classification", ("a", "b", "c"))

Sides = tuple[np.ndarray, np.ndarray, np.ndarray]  # truth, and the predictions of two arms
Skills = tuple[float, float]  # of the better arm and of the other


def noise(rng: np.random.Generator, *shape: int) -> list[np.ndarray]:
    """Return the noise of two arms, of variance 1 and correlation about 0.5."""
    common = rng.normal(size=shape)
    own = np.sqrt(1 - SHARED**2)
    return [SHARED * common + own * rng.normal(size=shape) for _ in range(2)]


def probabilities(scores: np.ndarray) -> np.ndarray:
    """Return the shares of classes [..., class] by softmax."""
    powers = np.exp(scores)
    return powers / powers.sum(-1, keepdims=True)


def numbers(rng: np.random.Generator, units: int, skills: Skills) -> Sides:
    """Return a normal target, and predictions that miss it by the inverse of a skill."""
    y_true = rng.normal(size=units)
    pairs = zip(skills, noise(rng, units), strict=True)
    first, second = (y_true + error / skill for skill, error in pairs)
    return y_true, first, second


def classes(rng: np.random.Generator, units: int, skills: Skills) -> Sides:
    """Return classes, and shares in which the true one stands out by a skill."""
    y_true = rng.choice(3, units, p=SHARES)
    pairs = zip(skills, noise(rng, units, 3), strict=True)
    first, second = (probabilities(skill * np.eye(3)[y_true] + error) for skill, error in pairs)
    return y_true, first, second


def chains(rng: np.random.Generator, units: int, skills: Skills) -> Sides:
    """Return the same for the residues of chains, some of which are easier than others."""
    y_true = rng.choice(3, (units, RESIDUES), p=SHARES)
    ease = 0.5 * rng.normal(size=(units, 1))
    sides = []
    for skill, error in zip(skills, noise(rng, units, RESIDUES, 3), strict=True):
        own = skill + ease + 0.3 * rng.normal(size=(units, 1))
        sides.append(probabilities(own[..., None] * np.eye(3)[y_true] + error).reshape(-1, 3))
    return y_true.ravel(), sides[0], sides[1]


class Scene(NamedTuple):
    """A metric, and how skilled two arms are."""

    metric: str
    skills: Skills
    target: Target
    draw: Callable[[np.random.Generator, int, Skills], Sides]

    @property
    def lengths(self) -> int:
        """Return the examples of a unit."""
        return RESIDUES if self.target is CHAINS else 1

    def gain(self, rng: np.random.Generator) -> float:
        """Return by how much the first arm is better, from many units."""
        y_true, *sides = self.draw(rng, POPULATION // self.lengths, self.skills)
        values = [measured(self.metric, y_true, side, self.target)[0] for side in sides]
        return better_first(self.metric) * (values[0] - values[1])


NUMBER_SKILLS: tuple[Skills, ...] = ((2.2, 1.6), (1.2, 0.9))  # strong arms, middling arms
CLASS_SKILLS: tuple[Skills, ...] = ((2.7, 2.1), (1.7, 1.3))
SCENES = [
    Scene(metric.name, skills, target, draw)
    for metric in METRICS.values()
    for target, draw, pairs in (
        (NUMBERS, numbers, NUMBER_SKILLS),
        (CLASSES, classes, CLASS_SKILLS),
        (CHAINS, chains, CLASS_SKILLS[1:]),
    )
    if target.task_type in metric.applies_to
    for skills in pairs
]
