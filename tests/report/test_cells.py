"""Numbers as text."""

import pandas as pd
import pytest

from plmbench.report.cells import count, measure


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.12345, "0.123"), (-0.5, "−0.500"), (12.345, "12.3"), (1234.5, "1,234"), (0.0, "0.000")],
)
def test_a_measure_has_three_digits(value, text):
    assert measure(value) == text


def test_a_missing_number_is_a_dash():
    assert (measure(float("nan")), count(pd.NA)) == ("–", "–")
