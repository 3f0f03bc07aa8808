"""How far and how strongly a nudge spreads: a few numbers of a map of responses.

A map is S [layer, p, q], the share by which residue q changes per relative change of residue p; its
energy is S squared. A residue's answer to itself is no spread.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
METRICS = {
    "reach": "mean distance of the energy beside the residue, relative to an even spread",
    "gain": "root of the energy that a nudge comes to, all residues together",
    "off": "share of the energy beside the residue itself",
    "r50": "residues within which half of the energy beside the residue lies",
    "r90": "residues within which nine tenths of it lie",
    "slope": "change of log S per residue of distance, from 2 to 16",
    "helix": "log S at distances 3 and 4 minus that at 2 and 5: the period of a helix",
}
NEAREST, FARTHEST = 2, 16  # residues, of the slope
HELIX, BESIDE = (3, 4), (2, 5)  # residues apart: on one side of a helix, and not
PROFILE = 32  # residues, the longest distance of a profile
LETTERS = "ACDEFGHIKLMNPQRSTVWY"


def rings(energy: Array) -> Array:
    """Return [layer, p, distance], the energy at each distance from p on both sides."""
    layers, residues, _ = energy.shape
    found = np.zeros((layers, residues, residues))
    for r in range(residues):
        found[:, : residues - r, r] += np.diagonal(energy, r, 1, 2)
        if r:
            found[:, r:, r] += np.diagonal(energy, -r, 1, 2)
    return found


def share(part: Array, whole: Array) -> Array:
    """Return part / whole; NaN where the whole is 0."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)


def mean_of(values: Array) -> Array:
    """Return the mean over the last axis of what is defined; NaN where nothing is."""
    defined = np.isfinite(values)
    return share(np.where(defined, values, 0).sum(-1), defined.sum(-1).astype(float))


def radius(beside: Array, part: float) -> Array:
    """Return [layer], the mean distance within which a part of the energy lies; beside: [layer, p,
    distance], 0 at distance 0."""
    total = beside.sum(2)  # [layer, p]
    within = beside.cumsum(2) >= part * (1 - 1e-12) * total[:, :, None]
    return mean_of(np.where(total > 0, within.argmax(2), np.nan))


def profile(response: Array, longest: int = PROFILE) -> Array:
    """Return [layer, distance], the mean log of the response at distances 1 to `longest`, over
    pairs that answer at all; NaN where none does."""
    layers, residues, _ = response.shape
    found = np.full((layers, longest), np.nan)
    for r in range(1, min(longest, residues - 1) + 1):
        pairs = [np.diagonal(response, side, 1, 2) for side in (r, -r)]
        values = np.concatenate(pairs, 1)
        logs = np.log(values, out=np.full(values.shape, np.nan), where=values > 0)
        found[:, r - 1] = mean_of(logs)
    return found


def slope_of(logs: Array) -> Array:
    """Return [layer], the slope of a profile [layer, distance] from NEAREST to FARTHEST; NaN where
    a distance has no answer."""
    distances = np.arange(NEAREST, FARTHEST + 1) - (NEAREST + FARTHEST) / 2
    return logs[:, NEAREST - 1 : FARTHEST] @ distances / (distances**2).sum()


def spread(response: Array) -> dict[str, Array]:
    """Return {metric: [layer]} of METRICS for one chain; what it cannot say is NaN.

    response: [layer, p, q], every residue nudged.
    """
    response = np.asarray(response, np.float64)
    energy = rings(response**2)
    residues, beside = energy.shape[1], energy.copy()
    beside[:, :, 0] = 0
    distances, total = np.arange(residues), energy.sum(2)
    around = np.abs(distances[:, None] - distances).sum(1) / max(residues - 1, 1)  # even spread
    logs = profile(response)
    near = [logs[:, [d - 1 for d in pair]].mean(1) for pair in (HELIX, BESIDE)]
    return {
        "reach": mean_of(share(beside @ distances, beside.sum(2))) / around.mean(),
        "gain": np.sqrt(total.mean(1)),
        "off": mean_of(share(beside.sum(2), total)),
        "r50": radius(beside, 0.5),
        "r90": radius(beside, 0.9),
        "slope": slope_of(logs),
        "helix": near[0] - near[1],
    }


def influence(response: Array) -> Array:
    """Return [layer, p], the log of the root energy that a nudge of p sends to other residues,
    minus the chain's mean."""
    energy = np.asarray(response, np.float64) ** 2
    diagonal = np.diagonal(energy, 0, 1, 2)
    sent = energy.sum(2) - diagonal
    logs = 0.5 * np.log(sent, out=np.full(sent.shape, np.nan), where=sent > 0)
    return logs - mean_of(logs)[:, None]


def letter_share(values: Array, letters: Array) -> float:
    """Return the share of variance of values [residue] that their letters [residue] explain; NaN
    where they do not vary."""
    defined = np.isfinite(values)
    values, letters = values[defined], letters[defined]
    if len(values) < 2 or values.var() == 0:
        return np.nan
    groups = [values[letters == letter] for letter in np.unique(letters)]
    between = sum(len(group) * (group.mean() - values.mean()) ** 2 for group in groups)
    return float(between / (len(values) * values.var()))


def decay_lengths(slopes: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Yield the columns of the decay length, -1 / slope, from those of the slope; infinite where a
    response does not fall with distance."""
    for end, value in slopes.items():
        yield end, np.nan if np.isnan(value) else (-1 / value if value < 0 else np.inf)
