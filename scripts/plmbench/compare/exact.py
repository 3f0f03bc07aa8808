"""A mean over units that all have the same value: what the number of units alone says of it.

Resamples of such units agree, whatever their number, which is no certainty: two sequences that are
both right leave a share of errors of 0.84 possible, twenty of 0.17.
"""

from plmbench.compare.noise import TAIL, Part

EXACT = "the same on every test sequence: exact bound by their number"

Range = tuple[float, float]  # between which values one unit lies


def other_share(units: float) -> float:
    """Return the largest share of units with another value, of which none was found among so many
    (Clopper & Pearson 1934)."""
    return 1 - TAIL ** (1 / units)


def exact_interval(value: float, units: float, unit_range: Range) -> tuple[float, float]:
    """Return the 95 % interval of a mean over units that all have `value`."""
    share = other_share(units)
    low, high = (value * (1 - share) + end * share for end in unit_range)
    return low, high


def exact_p(value: float, units: float, unit_range: Range) -> float:
    """Return the two-sided p of a mean of 0 over units that all have `value`.

    Such a mean has units of `value` in a share of at most most / (most + |value|), where the others
    have the opposite end of the range.
    """
    most = max(map(abs, unit_range))
    return min(1.0, 2 * (most / (most + abs(value))) ** units)


def discordant_part(units: float, unit_range: Range) -> Part:
    """Return what half a unit for each side adds to the variance of a paired difference of shares
    (Agresti & Min 2005): few units that differ show less spread than there is."""
    return Part(((unit_range[1] - unit_range[0]) / units) ** 2)
