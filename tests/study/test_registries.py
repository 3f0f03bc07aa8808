"""What `study` says of the library is what the library has registered, and reading it is cheap."""

import inspect
import subprocess
import sys

import pytest

from plmbench.data.readers import READERS, TEXTS
from plmbench.data.sources import TARGETS, Source
from plmbench.data.splits import Reading
from plmbench.data.subsets import SUBSETS, folded, sampled
from plmbench.pretrain.networks import BUILDERS
from plmbench.study import catalogues, dataset_entries, readings, recipe_entries, registries
from plmbench.study.dataset_entries import Rows, Sample, Validation
from plmbench.study.fields import values_of
from plmbench.study.source_entries import Columns

HEAVY = ("torch", "sklearn", "scipy", "pandas", "h5py", "esm")
RULES = "plmbench.study.job_inputs, plmbench.study.job_resources, plmbench.study.code"


def values_of_all(forms, key):
    """Return the values that a key can have in any of the forms of an entry."""
    return [value for form in forms for value in values_of(form, key)]


TABLES = {
    "families to train": (values_of_all(recipe_entries.FORMS, "family"), BUILDERS),
    "formats": (values_of_all(dataset_entries.FORMS, "format"), READERS),
    "columns": (Columns.model_fields, [*TEXTS, "mask"]),
    "task types": (registries.task_types(), TARGETS),
    "subsets": (Rows.model_fields, SUBSETS),
}


@pytest.mark.parametrize(("named", "registered"), TABLES.values(), ids=TABLES)
def test_names_are_those_that_the_library_has_registered(named, registered):
    assert sorted(named) == sorted(registered)


def settings_of(function, *given):
    """Return the parameters of a function, without those that are given."""
    return set(inspect.signature(function).parameters) - set(given)


def test_what_jobs_are_handed_is_what_their_functions_take():
    read = settings_of(Reading, "rows")
    read |= settings_of(Source, "path", "columns", "sequences", "mask")
    assert read == set(readings.READING) | (set(readings.SOURCE) - {"columns"})
    assert settings_of(folded, "table") == set(Validation.model_fields)
    assert settings_of(sampled, "table") == set(Sample.model_fields)


def test_reading_a_configuration_loads_none_of_the_heavy_libraries():
    code = f"import sys, {RULES}; print([m for m in {HEAVY} if m in sys.modules])"
    command = [sys.executable, "-c", code]
    path = str(catalogues.Path(catalogues.__file__).parents[2])
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert done.stdout.strip() == "[]"
