"""What a rerun depends on is visible: the files that each entry script's digest spans are listed.

To renew the lists after a change that is meant: python tests/study/test_code_lists.py
"""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "scripts"))

from plmbench.study.code import SCRIPTS, spanned

LISTS = Path(__file__).with_name("code_of")
PROGRAMS = ("collect_proteins", "convert_esm2")  # scripts that people call, and no rule
ENTRIES = sorted(p.stem for p in SCRIPTS.glob("*.py") if p.stem not in PROGRAMS)
# What each script must not reach, by the start of a file's name within plmbench.
APART = {
    "embed": ("store/join", "data/readers", "data/splits", "probe", "compare", "report", "study"),
    "join": ("models", "embed", "hardware", "probe", "compare", "report", "study"),
    "train": ("store", "embed", "probe", "compare", "report", "study"),
    "probe": ("models", "embed", "hardware", "compare", "report", "study"),
    "compare": ("models", "embed", "hardware", "report", "study", "compare/verdicts"),
    "verdicts": ("models", "embed", "hardware", "store", "report", "study"),
    "page": ("models", "embed", "hardware", "store", "study"),
}


def listed(script):
    """Return the files that the digest of a script spans, one per line."""
    return "".join(f"{name}\n" for name in sorted(spanned(f"{script}.py")))


@pytest.mark.parametrize("script", ENTRIES)
def test_a_digest_spans_the_files_that_its_list_names(script):
    path = LISTS / f"{script}.txt"
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    assert listed(script) == kept, (
        f"jobs of {script} now depend on other files. If that is meant, run "
        "`python tests/study/test_code_lists.py` and commit what it changes"
    )


def test_there_is_no_list_without_a_script():
    assert sorted(path.stem for path in LISTS.glob("*.txt")) == ENTRIES


@pytest.mark.parametrize("script", APART)
def test_a_script_does_not_reach_what_must_not_rerun_it(script):
    """A mended metric must not cost days on a GPU."""
    names = [name.removeprefix("plmbench/") for name in spanned(f"{script}.py")]
    assert not [name for name in names if name.startswith(APART[script])]


def write_lists():
    """Write the list of every script."""
    LISTS.mkdir(exist_ok=True)
    for script in ENTRIES:
        (LISTS / f"{script}.txt").write_text(listed(script), encoding="utf-8")


if __name__ == "__main__":
    write_lists()
