"""Marks of tests: of many cases that each start Snakemake, a few run with every change."""

import pytest


def mostly_slow(cases, fast):
    """Return cases as pytest takes them; all but those of `fast` are slow.

    cases: values, or tuples of values of which the first names the case.
    """

    def marked(case):
        values = case if isinstance(case, tuple) else (case,)
        marks = [] if values[0] in fast else [pytest.mark.slow]
        return pytest.param(*values, marks=marks)

    assert set(fast) <= {case[0] if isinstance(case, tuple) else case for case in cases}
    return [marked(case) for case in cases]
