"""What a rerun depends on is visible: each entry script has a list of the files it spans."""

import pytest

from docs.code_lists import LISTS, VARIANTS, listed
from plmbench.study.code import spanned

# What each script must not reach, by the start of a file's name within plmbench.
APART = {
    "embed": ("store/join", "data/readers", "data/splits", "probe", "compare", "report", "study"),
    "perturb": ("data/contacts", "data/readers", "probe", "compare", "report", "study"),
    "spread": ("models", "embed", "perturb", "hardware", "report", "study"),
    "contacts": ("models", "embed", "perturb", "hardware", "report", "study"),
    "join": ("models", "embed", "hardware", "probe", "compare", "report", "study"),
    "train": ("store", "embed", "probe", "compare", "report", "study"),
    "probe": ("models", "embed", "hardware", "compare", "report", "study"),
    "compare": ("models", "embed", "hardware", "report", "study", "compare/verdicts"),
    "verdicts": ("models", "embed", "hardware", "report", "study"),
    "page": ("models", "embed", "hardware", "store", "study"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_a_digest_spans_the_files_that_its_list_names(name):
    path = LISTS / f"{name}.txt"
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    assert listed(name) == kept, (
        f"jobs of {name} now depend on other files. If that is meant, run "
        "`python -m docs.code_lists` and commit what it changes"
    )


def test_there_is_no_list_without_a_script():
    assert sorted(path.stem for path in LISTS.glob("*.txt")) == sorted(VARIANTS)


@pytest.mark.parametrize("name", [name for name in VARIANTS if name.split(".")[0] in APART])
def test_a_job_does_not_reach_what_must_not_rerun_it(name):
    """A mended metric must not cost days on a GPU."""
    files = [file.removeprefix("plmbench/") for file in spanned(*VARIANTS[name])]
    assert not [file for file in files if file.startswith(APART[name.split(".")[0]])]


def test_a_family_a_probe_type_and_a_figure_reach_no_other_of_their_kind():
    for name, (_, modules) in VARIANTS.items():
        for module in modules:
            room, _, own = module.replace(".", "/").rpartition("/")
            others = {m.replace(".", "/") + ".py" for _, ms in VARIANTS.values() for m in ms}
            reached = set(spanned(*VARIANTS[name])) & others
            assert reached == {f"{room}/{own}.py"}
