"""Probe types: what each one declares is what its fit does, and listing them is cheap."""

import subprocess
import sys
from dataclasses import MISSING, fields, is_dataclass, replace
from pathlib import Path

import pytest
import yaml

from helpers.draws import TARGETS, examples, fit_of, with_validation
from plmbench.core.errors import InputError
from plmbench.core.metrics import METRICS
from plmbench.core.task_types import TASK_TYPES
from plmbench.probe.layerwise import probe_of
from plmbench.probe.probe_type import CommonSettings
from plmbench.probe.types import probe_type, probe_types
from plmbench.probe.types.ridge import SELECTIONS

ROOT = Path(__file__).parents[2]
CATALOGUE = yaml.safe_load((ROOT / "config/probes.yaml").read_text(encoding="utf-8"))
CONTROLS = ("permutes_labels_of", "selectivity_of")
LIMITS = {"gt", "ge", "min_length", "choices", "unique", "items"}
SMALL = {"hidden": [[2]], "epochs": 1, "max_iter": 20}
DECLARED = [CommonSettings, *(probe_type(name).settings for name in probe_types())]


def entry_of(name):
    """Return the settings of a probe of this type in the catalogue, made small."""
    names = {each.name for each in fields(probe_type(name).settings)}
    entry = next(entry for entry in CATALOGUE.values() if entry.get("type") == name)
    settings = {key: value for key, value in (entry | SMALL).items() if key in names}
    return {key: value[:2] if key in ("alphas", "Cs") else value for key, value in settings.items()}


def test_the_probe_types_are_the_modules_of_the_folder():
    modules = {path.stem for path in (ROOT / "scripts/plmbench/probe/types").glob("*.py")}
    assert probe_types() == sorted(modules - {"__init__"})


@pytest.mark.parametrize("name", probe_types())
def test_a_probe_type_declares_itself_under_the_name_of_its_module(name):
    declared = probe_type(name)
    assert declared.name == name
    assert declared.label
    assert set(declared.task_types) <= set(TASK_TYPES)


@pytest.mark.parametrize("name", ["rigde", "ridge.PROBE", "../selection", ""])
def test_a_probe_type_that_is_none_is_refused_with_those_there_are(name):
    known = ", ".join(probe_types())
    with pytest.raises(InputError, match=f"is no probe type; known: {known}"):
        probe_type(name)


@pytest.mark.parametrize("settings", DECLARED, ids=lambda settings: settings.__name__)
def test_a_setting_says_what_it_is_and_what_limits_it(settings):
    assert is_dataclass(settings)
    for each in fields(settings):
        assert each.metadata["description"], each.name
        assert set(each.metadata) - {"description"} <= LIMITS, each.name
        if "choices" in each.metadata:
            assert each.default is MISSING or each.default in each.metadata["choices"]


@pytest.mark.parametrize("settings", DECLARED[1:], ids=lambda settings: settings.__name__)
def test_no_setting_of_a_type_has_the_name_of_a_common_one(settings):
    common = {each.name for each in fields(CommonSettings)}
    assert common.isdisjoint(each.name for each in fields(settings))


@pytest.mark.parametrize("select", [*METRICS, *SELECTIONS])
@pytest.mark.parametrize("task_type", TASK_TYPES)
@pytest.mark.parametrize("name", [n for n in probe_types() if not probe_type(n).per_residue])
def test_a_probe_chooses_by_what_it_declares_and_refuses_the_rest(name, task_type, select):
    target = TARGETS[task_type]
    folds = with_validation(*(examples(target, 24, 3, seed=seed) for seed in range(2)))
    fit = fit_of(name, target=target, select=select, seed=0)
    if select in probe_type(name).selects(task_type):
        fit(folds, **entry_of(name))
        return
    with pytest.raises(InputError):
        fit(folds, **entry_of(name))


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_entry_of_the_catalogue_is_a_probe_of_its_type(name):
    of = next((CATALOGUE[name][key] for key in CONTROLS if key in CATALOGUE[name]), name)
    entry = CATALOGUE[of]
    settings = {key: entry[key] for key in entry if key not in ("type", "task_types")}
    declared = probe_type(entry["type"])
    for task_type in entry.get("task_types", declared.task_types):
        probe = probe_of(task_type=task_type, probe_type=entry["type"], **settings)
        assert probe.type is declared
        given = {**vars(probe.common), **vars(probe.settings)}
        assert {key: given[key] for key in settings} == settings


def test_a_setting_of_another_type_is_an_error():
    with pytest.raises(TypeError, match="Cs"):
        probe_of(task_type="regression", probe_type="ridge", alphas=[1], Cs=[1])


def test_a_probe_that_names_no_metric_chooses_by_the_primary_one():
    seen = []

    def fit(folds, target, settings, *, select, seed):
        seen.append((select, seed))

    probe = probe_of(task_type="classification", probe_type="ridge", alphas=[1], seeds=[3])
    declared = replace(probe.type, fit=fit)
    replace(probe, type=declared).fits(TARGETS["classification"])[3](None)
    assert seen == [("accuracy", 3)]


def test_listing_the_probe_types_loads_neither_scipy_nor_scikit_learn():
    code = (
        "import sys; from plmbench.probe.types import probe_type, probe_types; "
        "list(map(probe_type, probe_types())); "
        "print({'h5py', 'pandas', 'scipy', 'sklearn', 'torch'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "set()"), done.stderr
