"""What `study` says of the library is what the library has registered, and reading it is cheap."""

import inspect
import subprocess
import sys
from dataclasses import MISSING, fields

import pytest

from plmbench.compare import verdicts
from plmbench.core.metrics import METRICS, PRIMARY
from plmbench.data.readers import READERS, TEXTS
from plmbench.data.splits import RESIDUE_POLICIES, TASK_TYPES, read_source, read_split
from plmbench.data.subsets import SUBSETS, folded, sampled
from plmbench.models.ablations import INITIALISERS
from plmbench.models.baselines import Letters
from plmbench.models.families import FAMILIES, load_encoder
from plmbench.pretrain.networks import BUILDERS
from plmbench.probe.ridge import SCALES, SELECTIONS
from plmbench.probe.types import PROBES
from plmbench.study import catalogues, dataset_entries, recipe_entries, registries
from plmbench.study.dataset_entries import Rows, Sample, Validation
from plmbench.study.fields import values_of
from plmbench.study.source_entries import Columns

HEAVY = ("torch", "sklearn", "scipy", "pandas", "h5py", "esm")
RULES = "plmbench.study.catalogues, plmbench.study.code, plmbench.study.resources"


def values_of_all(forms, key):
    """Return the values that a key can have in any of the forms of an entry."""
    return [value for form in forms for value in values_of(form, key)]


TABLES = {
    "families": (registries.families(), FAMILIES),
    "families with weights": (
        registries.families(weights=True),
        [name for name, family in FAMILIES.items() if not issubclass(family, Letters)],
    ),
    "families to train": (values_of_all(recipe_entries.FORMS, "family"), BUILDERS),
    "formats": (values_of_all(dataset_entries.FORMS, "format"), READERS),
    "columns": (Columns.model_fields, [*TEXTS, "mask"]),
    "residue policies": (registries.residue_policies(), RESIDUE_POLICIES),
    "initialisers": (registries.initialisers(), INITIALISERS),
    "task types": (registries.task_types(), TASK_TYPES),
    "subsets": (Rows.model_fields, SUBSETS),
    "verdicts": (registries.published_verdicts(), set(verdicts.COUNTED) - {verdicts.UNCLEAR}),
    "probe types": (registries.probe_types(), PROBES),
    "scales": (
        fields(registries.probe_types()["ridge"].settings)[1].metadata["choices"],
        SCALES,
    ),
}


@pytest.mark.parametrize(("named", "registered"), TABLES.values(), ids=TABLES)
def test_names_are_those_that_the_library_has_registered(named, registered):
    assert sorted(named) == sorted(registered)


@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_metrics_are_those_of_the_task_type_the_primary_one_first(task_type):
    assert sorted(registries.metric_names(task_type)) == sorted(METRICS[task_type])
    assert registries.primary_metric(task_type) == PRIMARY[task_type]


@pytest.mark.parametrize("probe_type", PROBES)
def test_a_probe_chooses_by_metrics_of_the_task_type_or_a_rule_of_its_own(probe_type):
    for task_type, names in registries.probe_types()[probe_type].chooses_by.items():
        assert set(names) <= set(METRICS[task_type]) | set(SELECTIONS)


def settings_of(function, *given):
    """Return the parameters of a function with their defaults, without those that are given."""
    return {
        parameter.name: parameter.default
        for parameter in inspect.signature(function).parameters.values()
        if parameter.name not in given and parameter.kind is not parameter.VAR_KEYWORD
    }


@pytest.mark.parametrize("probe_type", PROBES)
def test_a_probe_has_the_settings_and_defaults_of_its_fit(probe_type):
    declared = fields(registries.probe_types()[probe_type].settings)
    defaults = {
        each.name: inspect.Parameter.empty if each.default is MISSING else each.default
        for each in declared
    }
    given = ("folds", "target", "select", "seed")
    assert defaults == settings_of(PROBES[probe_type], *given)


def test_what_jobs_are_handed_is_what_their_functions_take():
    read = set(settings_of(read_split, "path", "rows"))
    read |= set(settings_of(read_source, "path", "cut", "subset"))
    assert read == set(catalogues.READING) | (set(catalogues.SOURCE) - {"columns"})
    assert set(settings_of(folded, "table")) == set(Validation.model_fields)
    assert set(settings_of(sampled, "table")) == set(Sample.model_fields)
    described = {"num_layers", "hidden_size", "family"}
    assert described == set(settings_of(load_encoder, "name", "checkpoint")) & set(
        catalogues.NETWORK
    )


def test_reading_a_configuration_loads_none_of_the_heavy_libraries():
    code = f"import sys, {RULES}; print([m for m in {HEAVY} if m in sys.modules])"
    command = [sys.executable, "-c", code]
    path = str(catalogues.Path(catalogues.__file__).parents[2])
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert done.stdout.strip() == "[]"
