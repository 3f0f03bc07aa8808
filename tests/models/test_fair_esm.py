"""What fair-esm says while it loads a network: nothing of contacts, which no embedding needs."""

import warnings

import pytest

from helpers.networks import TINY, save_tiny
from plmbench.models.esm import contacts_left_out
from plmbench.models.families import load_encoder
from plmbench.study.families import encoder


@pytest.mark.parametrize("family", ["esm1", "esm1b", "esm2"])
def test_a_network_without_weights_for_contacts_is_loaded_without_a_warning(family, tmp_path):
    save_tiny(family, tmp_path / "net.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_encoder("net", encoder(family), checkpoint=tmp_path / "net.pt", **TINY[family])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Regression of weights", UserWarning),
        ("No regression weights not found", UserWarning),
        ("Regression weights not found, predicting contacts", DeprecationWarning),
    ],
)
def test_every_other_warning_is_given(text, kind):
    with pytest.warns(kind, match=text), contacts_left_out():
        warnings.warn(text, kind, stacklevel=1)
