"""How many test units an interval needs. A unit is what was sampled: a test sequence."""

FEWEST_UNITS = 20  # of an interval; docs/verdicts.md has the simulation that shows why
