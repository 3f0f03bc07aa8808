"""Precisions below float32: near it, measured against the spread between sequences, and opt-in."""

import h5py
import numpy as np
import pytest

from helpers.extraction import FAMILIES, embed, vectors
from plmbench.core.errors import InputError
from plmbench.embed.precision import relative_error

DIGITS = {"bfloat16": 8, "float16": 11}  # of the significand, in base two


@pytest.mark.parametrize("precision", DIGITS)
@pytest.mark.parametrize("family", FAMILIES)
def test_embeddings_differ_by_the_error_that_the_file_says(family, precision, tmp_path):
    for name in ("whole", "half"):
        (tmp_path / name).mkdir()
    whole = embed(tmp_path / "whole", family)
    half = embed(tmp_path / "half", family, precision=precision)
    with h5py.File(half) as file, h5py.File(whole) as other:
        stated = file.attrs["precision_error"]
        assert file.attrs["precision"] == precision
        assert "precision_error" not in other.attrs
    one, two = vectors(whole, "mean"), vectors(half, "mean")
    expected, found = (np.stack([part[name] for name in one], axis=1) for part in (one, two))
    error = relative_error(found, expected)
    assert 0 < error == pytest.approx(stated, rel=0.2)
    assert error < 100 * 2.0 ** -DIGITS[precision]


def test_an_error_is_in_units_of_the_spread_of_its_layer():
    generator = np.random.default_rng(0)
    expected = 1000 + generator.normal(size=(2, 200, 50)).astype(np.float32)
    found = expected + 0.1 * generator.normal(size=expected.shape).astype(np.float32)
    assert relative_error(found, expected) == pytest.approx(0.1, rel=0.05)
    assert relative_error(10 * found, 10 * expected) == pytest.approx(0.1, rel=0.05)


def test_sequences_that_do_not_differ_have_no_such_error():
    assert np.isnan(relative_error(np.ones((2, 1, 3)), np.zeros((2, 1, 3))))
    assert relative_error(np.ones((2, 1, 3)), np.ones((2, 1, 3))) == 0


def test_a_large_error_is_warned_of(tmp_path, caplog):
    similar = {f"P{i}": "ACDEFGHIKLMNPQRSTVWY" * 4 + letter for i, letter in enumerate("ACDE")}
    with caplog.at_level("INFO", "plmbench"):
        embed(tmp_path, "esm2", similar, precision="bfloat16")
    assert any(
        record.levelname == "WARNING" and "of the spread between sequences" in record.message
        for record in caplog.records
    )


def test_the_librarys_forward_pass_is_float32_alone(tmp_path):
    with pytest.raises(InputError, match="backend: reference"):
        embed(tmp_path, "carp", compute={"backend": "reference"}, precision="float16")
