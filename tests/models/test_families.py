"""Encoders by name: a family is found by the name in its table, and no other family is imported."""

import subprocess
import sys
from pathlib import Path

import pytest

import plmbench.models
from plmbench.core.errors import InputError
from plmbench.models.families import encoder_class, load_encoder
from plmbench.study.families import encoder, families, module

ROOT = Path(__file__).parents[2]
NEW_FAMILY = '''
from plmbench.models.baselines import OneHot


class Reversed(OneHot):
    """A family that no list knows."""
'''
IMPORTED = """
import sys
from plmbench.models.families import encoder_class
encoder_class(sys.argv[1])
print(*sorted(name for name in sys.modules if name.startswith("plmbench.models.")))
"""
SHARED = {"families", "blocks", "checkpoints", "groups", "loading", "tokens"}
SHARED |= {"other_files", "refusals"}


@pytest.mark.parametrize("family", families())
def test_every_family_has_the_encoder_that_its_table_names(family):
    found = encoder_class(encoder(family))
    assert found.__module__ == module(family)
    assert callable(found.load)


@pytest.mark.parametrize("family", ["esm2", "carp", "onehot"])
def test_a_job_imports_the_module_of_its_own_family_alone(family):
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, encoder(family)],
        env={"PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {name.rpartition(".")[2] for name in done.stdout.split()}
    assert imported - SHARED == {module(family).rpartition(".")[2]}


def test_a_module_beside_the_others_is_a_family(tmp_path, monkeypatch):
    (tmp_path / "turned.py").write_text(NEW_FAMILY)
    monkeypatch.setattr(plmbench.models, "__path__", [*plmbench.models.__path__, str(tmp_path)])
    loaded, digest = load_encoder("new", "turned.Reversed", num_layers=0, hidden_size=20)
    assert type(loaded).__name__ == "Reversed"
    assert digest == ""


@pytest.mark.parametrize("name", ["esm3.Esm3", "esm.Esm3", "esm"])
def test_an_encoder_that_is_not_there_is_named(name):
    with pytest.raises(InputError, match=f"^encoder '{name}': .*config/families/"):
        encoder_class(name)
