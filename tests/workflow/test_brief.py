"""What `make run` says: a screen at most for a run without errors, and all of what goes wrong."""

import logging
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from helpers.faults import truncate_checkpoint
from helpers.studies import ROOT

LOGGERS = ROOT / "profiles/loggers"
BRIEF = ("--logger", "brief", "--cores", "1")


@pytest.fixture
def handler(monkeypatch):
    """Return the logger, which is not installed but found by its folder."""
    monkeypatch.syspath_prepend(str(LOGGERS))
    from snakemake_logger_plugin_brief import LogHandler

    return LogHandler(SimpleNamespace(), None)


def record(level=logging.INFO, text="text", **extra):
    """Return a record of Snakemake's."""
    made = logging.LogRecord("snakemake", level, "file", 1, text, None, None)
    vars(made).update(extra)
    return made


@pytest.mark.parametrize("total", [1, 24, 500, 25_269])
def test_a_run_of_any_length_says_how_far_it_is_in_21_lines_at_most(total, handler, capsys):
    for done in range(1, total + 1):
        handler.emit(record(event="progress", done=done, total=total))
        handler.emit(record(event="job_info"))
        handler.emit(record(event="job_finished"))
        handler.emit(record())
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) <= 21
    assert lines[-1] == f"{total} of {total} jobs done"


@pytest.mark.parametrize(
    ("level", "event"),
    [
        (logging.ERROR, None),
        (logging.WARNING, None),
        (logging.CRITICAL, None),
        (logging.ERROR, "job_error"),
        (logging.INFO, "job_error"),
        (logging.INFO, "group_error"),
        (logging.INFO, "error"),
    ],
)
def test_every_warning_and_error_is_said(level, event, handler, capsys):
    handler.emit(record(level, "what went wrong", event=event))
    assert "what went wrong" in capsys.readouterr().err


def test_a_failed_job_is_named_with_its_log_and_its_error(study):
    truncate_checkpoint(study)
    within = ("env", f"PYTHONPATH={LOGGERS}")
    process = study.start("embeddings", *BRIEF, within=within)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 1, output
    assert re.search(r"^Error in rule embed: checkpoint resources/weights/carp\.pt: ", output, re.M)
    assert re.search(r"^ +log: results/logs/embed/toy/tiny_carp/", output, re.M)
    assert re.search(r"^ +output: results/embeddings/toy/tiny_carp/", output, re.M)
    assert "rule join:" not in output


@pytest.mark.parametrize(("given", "brief"), [([], True), (["VERBOSE=1"], False)])
def test_make_run_is_brief_unless_told_otherwise(given, brief):
    command = ["make", "--dry-run", "run", f"PYTHON={sys.executable}", *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert ("--logger brief" in done.stdout) == brief
    assert ("PYTHONPATH=" in done.stdout) == brief
