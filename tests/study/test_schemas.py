"""JSON schemas for editors and docs/settings.md are what the models say."""

import json

import pytest
from jsonschema import Draft202012Validator

from docs import settings
from helpers.configurations import CONFIG
from plmbench.study.entries import FILES
from plmbench.study.yaml_files import read_yaml

SHIPPED = [*FILES, "paper", "positive_control"]


@pytest.mark.parametrize(("path", "text"), settings.generated().items(), ids=lambda x: str(x)[-30:])
def test_what_is_made_from_the_models_is_up_to_date(path, text):
    message = "run `python -m docs.settings` and commit what it changes"
    assert path.read_text(encoding="utf-8") == text, message


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_files_fit_their_schemas(name):
    file = name if name in FILES else "config"
    schema = json.loads((settings.SCHEMAS / f"{file}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    errors = Draft202012Validator(schema).iter_errors(read_yaml(CONFIG / f"{name}.yaml"))
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("file", FILES)
def test_every_setting_is_described(file):
    rows = settings.rows_of(file)
    assert rows
    assert all(text.strip() for *_, text in rows)
