"""What matters of a failed job: which one, the error of its log, where the log is, what to do."""

import logging
import os
import re
from pathlib import Path

from snakemake_logger_plugin_brief.progress import Job, Run

MOST = 5  # lines of an error that are shown
WIDEST = 600  # characters of a line
SHOWN = 5  # errors that differ; the others are counted
NAMED = 3  # of the jobs that are counted
TAIL = 100_000  # bytes at the end of a log in which its error stands
STAMP = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", re.M)  # of plmbench.core.logs
ENDED = re.compile(r"(?:non-zero )?(exit status \d+|died with .+?)\.?$")
# What to do: the first whose pattern is found in what is known of the failure.
ADVICE = (
    (
        r"exit status 137\b|SIGKILL|OUT_OF_MEMORY|MemoryError",
        "it lacked memory: run fewer jobs at once (--cores), or ask for more "
        "(--set-resources {rule}:mem_mb=...)",
    ),
    (r"TIMEOUT", "ask for more time: --set-resources {rule}:runtime=<minutes>"),
    (r"error of the program", "report it with this log; it is not a fault of your study"),
    (r"No space left|Disk quota", "make room; the same command goes on from here"),
    (r"", "mend what the message says; the same command goes on from here"),
)


def end_of(path: str) -> str:
    """Return the last record of a log, '' if there is none."""
    try:
        with Path(path).open("rb") as file:
            file.seek(max(file.seek(0, 2) - TAIL, 0))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return STAMP.split(text)[-1].strip()


def shortened(text: str) -> list[str]:
    """Return the lines of a text that are shown: the first, and the last ones."""
    lines = ["".join(c if c.isprintable() else "?" for c in line) for line in text.splitlines()]
    if len(lines) > MOST:
        lines = [lines[0], "...", *lines[2 - MOST :]]
    return [line if len(line) <= WIDEST else line[:WIDEST] + "…" for line in lines]


class Failures:
    """The failures of a run: those that differ are shown, others are counted."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.counted: list[str] = []

    def lines(self, record: logging.LogRecord, job: Job | None, beside: str = "") -> list[str]:
        """Return the lines that matter of a failed job, none if its error was shown before; beside:
        what Snakemake said of how the job ended."""
        name = job.name if job else record.rule_name
        logs = [str(log) for log in record.log or []]
        log, text = next(((log, end) for log in logs if (end := end_of(log))), (None, ""))
        how = record.rule_msg or "".join(ENDED.findall(beside))
        if (known := f"{record.rule_name}\n{text or how}") in self.known or len(
            self.known
        ) >= SHOWN:
            self.counted.append(name)
            return []
        self.known.add(known)
        error = shortened(text) or [f"its log says nothing{': ' + how if how else ''}"]
        if text and record.rule_msg:
            error += shortened(record.rule_msg)
        facts = "\n".join([text, how])
        advice = next(advice for pattern, advice in ADVICE if re.search(pattern, facts))
        return [
            f"Failed: {name}",
            *(f"  {line}" for line in error),
            f"  log:   {log or ', '.join(logs) or 'none'}",
            f"  to do: {advice.format(rule=record.rule_name)}",
        ]

    def summary(self, run: Run, whole_log: str) -> list[str]:
        """Return how a run with failed jobs ended; nothing for one without."""
        if not run.failed:
            return []
        lines = [f"Stopped: {run.done} of {run.total} jobs done, {len(run.failed)} failed."]
        if self.counted:
            names = ", ".join(self.counted[:NAMED])
            more = f" and {len(self.counted) - NAMED} others" if len(self.counted) > NAMED else ""
            lines.append(f"  not shown, mostly for the same error: {names}{more}")
        if whole_log:
            lines.append(f"  every line of this run: {os.path.relpath(whole_log)}, or --verbose")
        return lines
