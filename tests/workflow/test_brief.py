"""What `make run` says: a screen where all goes well, and what matters of what goes wrong."""

import io
import logging
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from helpers.faults import truncate_checkpoint
from helpers.interpreters import python_in
from helpers.studies import ROOT, new_study
from helpers.terminals import on_a_terminal

LOGGERS = ROOT / "profiles/loggers"
BRIEF = ("--logger", "brief", "--cores", "1")
WITHIN = ("env", f"PYTHONPATH={LOGGERS}")


@pytest.fixture
def made(monkeypatch):
    """Return a function that makes the logger, which is not installed but found by its folder."""
    monkeypatch.syspath_prepend(str(LOGGERS))
    from snakemake_logger_plugin_brief import LogHandler

    def make(**settings):
        handler = LogHandler(SimpleNamespace(**settings), None)
        handler.screen.stream = io.StringIO()
        return handler

    return make


@pytest.fixture
def spoiled(tmp_path):
    """Return a study that has not run, and whose one checkpoint is cut in half."""
    study = new_study(tmp_path / "a study", families=["carp"], models=["tiny_carp"])
    truncate_checkpoint(study)
    return study


@pytest.fixture
def handler(made):
    """Return the logger."""
    return made()


def record(level=logging.INFO, text="text", **extra):
    """Return a record of Snakemake's."""
    made = logging.LogRecord("snakemake", level, "file", 1, text, None, None)
    vars(made).update(extra)
    return made


def said(handler):
    """Return what the logger wrote."""
    return handler.screen.stream.getvalue()


def start(handler, number, rule="embed", log="no.log", **wildcards):
    """Let a job start."""
    extra = {"jobid": number, "rule_name": rule, "log": [str(log)], "wildcards": wildcards}
    handler.emit(record(event="job_info", **extra))


def end(handler, number, done, total):
    """Let a job end well."""
    handler.emit(record(event="job_finished", job_id=number))
    handler.emit(record(event="progress", done=done, total=total))


def fail(handler, number, rule="embed", log="no.log", message=None):
    """Let a job end by an error."""
    extra = {"jobid": number, "rule_name": rule, "log": [str(log)], "rule_msg": message}
    handler.emit(record(logging.ERROR, "Error in rule", event="job_error", **extra))


@pytest.mark.parametrize("total", [1, 24, 500, 25_269])
def test_a_run_of_any_length_says_how_far_it_is_in_21_lines_at_most(total, handler):
    for done in range(1, total + 1):
        start(handler, done, weights="pretrained")
        handler.emit(record())
        end(handler, done, done, total)
    lines = said(handler).splitlines()
    assert len(lines) <= 21
    assert lines[-1].startswith(f"{total} of {total} jobs done in 0:0")


@pytest.mark.parametrize(
    ("level", "event"),
    [
        (logging.ERROR, None),
        (logging.WARNING, None),
        (logging.CRITICAL, None),
        (logging.INFO, "group_error"),
        (logging.INFO, "error"),
    ],
)
def test_every_warning_and_error_is_said(level, event, handler):
    handler.emit(record(level, "what went wrong", event=event))
    assert "what went wrong" in said(handler)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_what_an_encoding_does_not_have_stops_no_line(encoding, handler):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    handler.screen.stream = stream
    handler.emit(record(logging.ERROR, "β-lactamase 漢 … went wrong"))
    stream.seek(0)
    assert "went wrong" in stream.read()


@pytest.mark.parametrize("width", [1, 2, 3, 10, 79, 80, 500])
def test_a_line_fits_a_terminal_of_any_width(width, handler, monkeypatch):
    monkeypatch.setattr("os.get_terminal_size", lambda *_: os.terminal_size((width, 24)))
    handler.screen.stream = SimpleNamespace(fileno=lambda: 1)
    assert len(handler.screen.cut("x" * 200)) <= max(width - 1, 1) or width > 200


@pytest.mark.parametrize("settings", [{"verbose": True}, {"verbose": False}])
def test_verbose_has_every_line(settings, made):
    handler = made(**settings)
    handler.emit(record(text="Select jobs to execute..."))
    assert ("Select jobs" in said(handler)) == settings["verbose"]


def test_the_line_tells_what_runs_and_its_residues_per_second(handler, tmp_path):
    for number, rate in enumerate(("900", "5,132")):
        log = tmp_path / f"{number}.log"
        log.write_text(
            "2026-01-01 00:00:00 10 of 99 sequences, 1 residues/s, 9:00:00 left\n"
            f"2026-01-01 00:00:10 20 of 99 sequences, {rate} residues/s, 0:01:10 left\n"
        )
        start(handler, number, log=log, dataset="gb1", weights="reinit-0", shard="0123456789abcdef")
    start(handler, 2, rule="probe", dataset="gb1", model="onehot")
    handler.run.total = 9
    line = handler.run.line()
    assert line == "0 of 9 jobs done; now 2 embed at 6,032 residues/s, probe gb1/onehot"
    end(handler, 0, 1, 9)
    assert "now embed gb1/reinit-0 at 5,132 residues/s, probe" in handler.run.line()


@pytest.mark.parametrize("log", [b"", b"\xff\x00 no text", b"5 residues/s", None])
def test_a_log_without_a_line_of_progress_is_passed_over(log, handler, tmp_path):
    if log is not None:
        (tmp_path / "job.log").write_bytes(log)
    start(handler, 1, log=tmp_path / "job.log")
    handler.run.total = 2
    assert handler.run.line().startswith("0 of 2 jobs done; now embed")


def test_the_time_left_counts_each_rule_by_its_own_jobs(handler):
    run = handler.run
    run.plan({"embed": 4, "probe": 10, "total": 14})
    run.ended.update(embed=2, probe=4)
    run.spent.update(embed=200, probe=4)
    run.start -= 204
    assert run.seconds_left(run.start + 204) == pytest.approx(2 * 100 + 6 * 1)
    start(handler, 1)
    run.running[1].left = 500  # of a job that says it itself
    assert run.seconds_left(run.running[1].start) >= 500


STAMP = "2026-01-01 00:00:00 "
KILLED = "RuleException:\nCalledProcessError in file x\nCommand 'python' returned "
KILLED += "non-zero exit status 137."
FAILURES = {
    "wrong input": (f"{STAMP}60 sequences\n{STAMP}no column 'set'\n", None, "no column", "mend"),
    "a bug": (
        f"{STAMP}stopped by an error of the program; report it\nTraceback\n"
        + "x\n" * 90
        + "last\n",
        None,
        "last",
        "report it",
    ),
    "killed": ("", None, "exit status 137", "lacked memory"),
    "no log": (None, None, "exit status 137", "lacked memory"),
    "killed by SLURM": (None, "SLURM status is: 'TIMEOUT'", "TIMEOUT", "embed:runtime"),
    "memory of SLURM": (f"{STAMP}4 of 9", "status is: 'OUT_OF_MEMORY'", "OUT_OF", "embed:mem_mb"),
    "a full disk": (f"{STAMP}No space left on device\n", None, "No space", "make room"),
    "bytes": (f"{STAMP}a\x1b[31m\udcff odd\n", None, "a?[31m", "mend"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failed_job_is_told_in_ten_lines_at_most(case, handler, tmp_path):
    text, message, shown, advice = FAILURES[case]
    log = tmp_path / "job.log"
    if text is not None:
        log.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    start(handler, 7, log=log, dataset="gb1", weights="pretrained")
    ended = KILLED if not text else KILLED.replace("137", "1")
    handler.emit(record(logging.ERROR, ended, event="error"))
    fail(handler, 7, log=log, message=message)
    lines = said(handler).splitlines()
    assert len(lines) <= 10
    assert lines[0] == "Failed: embed gb1/pretrained"
    assert any(shown in line for line in lines[1:])
    assert lines[-2] == f"  log:   {log}"
    assert lines[-1].startswith("  to do: ")
    assert advice in lines[-1]


def test_a_thousand_failures_are_a_screen(handler, tmp_path):
    for number in range(1000):
        log = tmp_path / f"{number % 20}.log"
        log.write_text(f"{STAMP}the file {number % 20} is wrong\n")
        start(handler, number, log=log, model=f"net{number}")
        fail(handler, number, log=log)
    handler.whole_log = ".snakemake/log/all.log"
    handler.close()
    handler.close()
    lines = said(handler).splitlines()
    assert len(lines) < 40
    assert "Stopped: 0 of 0 jobs done, 1000 failed." in lines
    assert any("and 992 others" in line for line in lines)


def test_a_job_that_succeeds_when_tried_again_has_not_failed(handler):
    start(handler, 1)
    fail(handler, 1)
    start(handler, 1)
    end(handler, 1, 1, 1)
    handler.close()
    assert "Stopped" not in said(handler)


def test_an_error_of_a_command_without_a_failed_job_is_said_at_the_end(handler):
    handler.emit(record(logging.ERROR, KILLED, event="error"))
    handler.close()
    assert "exit status 137" in said(handler)


def test_a_fault_in_the_logger_does_not_end_it(handler):
    handler.emit(record(event="job_finished"))  # without a number
    handler.emit(record(logging.WARNING, "still here"))
    assert "still here" in said(handler)


def test_a_failed_job_of_a_run_is_named_with_its_log_and_its_error(spoiled):
    process = spoiled.start("embeddings", *BRIEF, within=WITHIN)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 1, output
    assert re.search(r"^Failed: embed toy/tiny_carp/\S+\n  checkpoint resources/", output, re.M)
    assert re.search(r"^  log:   results/logs/embed/toy/tiny_carp/", output, re.M)
    assert re.search(r"^  to do: mend what the message says", output, re.M)
    assert re.search(r"^Stopped: \d+ of \d+ jobs done, 1 failed\.\n  every line of", output, re.M)
    assert "rule join:" not in output
    assert len(output.splitlines()) < 30


def test_a_dry_run_shows_its_table_of_jobs(spoiled):
    process = spoiled.start("--dry-run", *BRIEF, within=WITHIN)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    assert re.search(r"^total +\d+$", output, re.M)
    assert "This was a dry-run" in output
    assert "rule embed:" not in output


def test_a_terminal_has_one_line_that_is_drawn_in_place(spoiled):
    command = [*WITHIN, sys.executable, "-m", "snakemake", "embeddings", "--cores", "1"]
    status, shown, screen = on_a_terminal([*command, *BRIEF], spoiled.root, columns=60)
    assert status == 1
    assert "\x1b[A\r" in shown
    assert max(map(len, re.findall(r"\n([^\n\r]*)\x1b\[A", shown))) < 60
    text = "\n".join(screen)
    assert "Failed: embed toy/tiny_carp/" in text
    assert not re.search(r"^\d+ of \d+ jobs done", text, re.M)  # the line is gone at the end


@pytest.mark.parametrize(("given", "brief"), [([], True), (["VERBOSE=1"], False)])
def test_make_run_is_brief_unless_told_otherwise(given, brief):
    command = ["make", "--dry-run", "run", f"PYTHON={sys.executable}", *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert ("--logger brief" in done.stdout) == brief
    assert ("PYTHONPATH=" in done.stdout) == brief


def test_an_environment_finds_the_logger_after_its_installation(tmp_path):
    python = python_in(tmp_path / "a venv")
    asked = [python, "-c", "import snakemake_logger_plugin_brief"]
    assert subprocess.run(asked, cwd=tmp_path, capture_output=True, timeout=60).returncode == 1
    subprocess.run([python, "-m", "profiles.loggers.install"], cwd=ROOT, check=True, timeout=60)
    subprocess.run(asked, cwd=tmp_path, check=True, timeout=60)
