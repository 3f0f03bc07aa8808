"""What a rerun depends on is visible: each entry script has a list of the files it spans."""

import pytest

from docs.code_lists import ENTRIES, LISTS, listed
from plmbench.study.code import spanned

# What each script must not reach, by the start of a file's name within plmbench.
APART = {
    "embed": ("store/join", "data/readers", "data/splits", "probe", "compare", "report", "study"),
    "join": ("models", "embed", "hardware", "probe", "compare", "report", "study"),
    "train": ("store", "embed", "probe", "compare", "report", "study"),
    "probe": ("models", "embed", "hardware", "compare", "report", "study"),
    "compare": ("models", "embed", "hardware", "report", "study", "compare/verdicts"),
    "verdicts": ("models", "embed", "hardware", "report", "study"),
    "page": ("models", "embed", "hardware", "store", "study"),
}


@pytest.mark.parametrize("script", ENTRIES)
def test_a_digest_spans_the_files_that_its_list_names(script):
    path = LISTS / f"{script}.txt"
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    assert listed(script) == kept, (
        f"jobs of {script} now depend on other files. If that is meant, run "
        "`python -m docs.code_lists` and commit what it changes"
    )


def test_there_is_no_list_without_a_script():
    assert sorted(path.stem for path in LISTS.glob("*.txt")) == ENTRIES


@pytest.mark.parametrize("script", APART)
def test_a_script_does_not_reach_what_must_not_rerun_it(script):
    """A mended metric must not cost days on a GPU."""
    names = [name.removeprefix("plmbench/") for name in spanned(f"{script}.py")]
    assert not [name for name in names if name.startswith(APART[script])]
