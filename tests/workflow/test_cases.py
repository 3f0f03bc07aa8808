"""Every case of ../shared/cases, where it is: people's files and runs, and what is right."""

import pytest

from cases.case import CASES, run_case
from cases.files import FILES
from cases.runs import RUNS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CASES.is_dir(), reason=f"there is no {CASES.name} beside the clone"),
]


@pytest.mark.parametrize("name", FILES)
def test_a_file_gives_what_is_right(name, tmp_path):
    run_case(FILES[name], name, tmp_path / "study")


@pytest.mark.parametrize("name", RUNS)
def test_a_run_gives_what_is_right(name, tmp_path):
    RUNS[name](tmp_path, CASES / "workflow" / name)


def test_every_case_is_declared():
    folders = {path.parent.relative_to(CASES).as_posix() for path in CASES.rglob("run.sh")}
    assert folders == {*FILES, *(f"workflow/{name}" for name in RUNS)}
