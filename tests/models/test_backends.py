"""Either forward pass, ours or the library's, writes the same file to rounding."""

import h5py
import numpy as np
import pytest

from helpers.extraction import FAMILIES, embed, vectors


@pytest.mark.parametrize("family", FAMILIES)
def test_the_librarys_forward_pass_gives_the_embeddings_of_ours(family, tmp_path):
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    ours = embed(tmp_path / "ours", family)
    theirs = embed(tmp_path / "theirs", family, compute={"backend": "reference"})
    with h5py.File(ours) as one, h5py.File(theirs) as other:
        assert (one.attrs["backend"], other.attrs["backend"]) == ("fast", "reference")
        assert other.attrs["matmul"] == "library"
    expected, found = vectors(theirs, "mean"), vectors(ours, "mean")
    scale = np.mean([np.abs(states).mean(1) for states in expected.values()], 0)
    for name, states in expected.items():
        assert (np.abs(found[name] - states).max(1) <= 1e-5 * scale).all()


def test_a_family_without_a_library_has_one_forward_pass(tmp_path):
    path = embed(tmp_path, "onehot", compute={"backend": "reference"}, poolings=["mean"])
    assert len(vectors(path, "mean")) == 10
