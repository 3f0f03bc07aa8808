"""Licences that restrict the use of weights, or leave it open, are said."""

import pytest

from plmbench.core.licences import licence_sentences, restricted


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("CC BY-NC-SA 4.0, non-commercial", True),
        ("CC BY-NC 4.0", True),
        ("Cambrian Non-Commercial", True),
        ("JHU Academic Software License: non-profit use only", True),
        ("not stated by the repository", True),
        ("Cambrian Open; read the model card", True),
        ("MIT", False),
        ("Apache-2.0", False),
        ("CC BY 4.0", False),
        ("", False),
    ],
)
def test_what_restricts_is_told_from_what_does_not(licence, expected):
    assert restricted(licence) == expected


def test_a_sentence_names_the_network_and_its_licence():
    models = {"ankh": {"title": "Ankh base", "licence": "CC BY-NC-SA 4.0"}, "esm": {"title": "ESM"}}
    assert licence_sentences(models) == [
        "Ankh base: its weights are restricted, or their terms open: CC BY-NC-SA 4.0."
    ]
