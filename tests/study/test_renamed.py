"""A key or a value that has another name now is refused in a sentence that says which."""

from typing import get_args

import pytest

from helpers.configurations import CONFIG
from plmbench.core.errors import InputError
from plmbench.study.entries import FILES, checked
from plmbench.study.renamed import KEYS, VALUES
from plmbench.study.structure import models_of, plain
from plmbench.study.yaml_files import read_yaml


def nested(place, value):
    """Return a mapping in which a value stands at the end of a place; * is a name."""
    for key in reversed(place.split(".")):
        value = {"toy" if key == "*" else key: value}
    return value


def known_at(kind, steps):
    """Return the keys that may stand in a mapping; `*` is a step to an entry of any name."""
    forms = [plain(kind)]
    for step in steps:
        models = [model for form in forms for _, model in models_of(form)]
        if step == "*":
            forms = [get_args(form)[-1] for form in forms]
        else:
            found = [model.model_fields[step] for model in models if step in model.model_fields]
            forms = [plain(each.annotation) for each in found]
    return {key for form in forms for _, model in models_of(form) for key in model.model_fields}


def refusal(row, value):
    """Return the words with which a file is refused that holds only this value."""
    with pytest.raises(InputError) as caught:
        checked(nested(row.place, value), row.file, row.file)
    return str(caught.value)


@pytest.mark.parametrize("row", KEYS, ids="-".join)
def test_an_old_key_is_refused_with_the_new_one_and_its_place(row):
    place = row.place.replace("*", "toy").replace(".", ": ")
    sentence = f"{row.file}: {place}: {row.old} is now called {row.new}"
    assert refusal(row, {row.old: 1}) == sentence


@pytest.mark.parametrize("row", VALUES, ids="-".join)
def test_an_old_value_is_refused_with_the_new_one(row):
    assert refusal(row, row.old).endswith(f"{row.old!r} is now called {row.new!r}")


@pytest.mark.parametrize("row", KEYS, ids="-".join)
def test_a_new_key_is_known_and_the_old_one_is_not(row):
    known = known_at(FILES[row.file], row.place.split("."))
    assert row.new in known
    assert row.old not in known


def test_all_old_names_are_named_at_once():
    content = read_yaml(CONFIG / "datasets.yaml")
    content["gb1"] |= {"letters": "mask", "long_sequences": "ends"}
    content["scl"] |= {"kind": "classification"}
    with pytest.raises(InputError) as caught:
        checked(content, "datasets", "config/datasets.yaml")
    assert len(str(caught.value).splitlines()) == 3
