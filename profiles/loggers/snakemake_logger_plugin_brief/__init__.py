"""A logger for Snakemake that a person follows: one line for the whole study, and of what goes
wrong the lines that matter. Snakemake's own log, below .snakemake/log, has every line.

`snakemake --logger brief` finds it by its name where this folder's parent is on the path of Python.
With --verbose it hides nothing.
"""

import logging
import sys
import threading
from collections.abc import Callable

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_brief.failures import Failures
from snakemake_logger_plugin_brief.progress import Run
from snakemake_logger_plugin_brief.screen import Screen

# Messages without an event that a person waits for or must know.
WORTH = ("Nothing to be done", "This was a dry-run", "Creating conda environment", "Cloning ")
WORTH += ("Trying to restart job", "Will exit after finishing", "Terminating processes")
# What Snakemake says beside the error of a job, which is shown from the job's log.
BESIDE = ("RuleException:\nCalledProcessError", "Exiting because a job execution failed")
BESIDE += ("WorkflowError:\nAt least one job did not complete",)
WHOLE_LOG = "Complete log(s):"


class LogHandler(LogHandlerBase):
    """Shows how far the run is, warnings and errors as they are, and failed jobs in short."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self.screen = Screen(sys.stdout if self.asked("stdout") else sys.stderr)
        self.run, self.failures = Run(), Failures()
        self.beside: list[str] = []
        self.whole_log = ""
        self.over = threading.Event()
        self.events: dict[str, Callable[[logging.LogRecord], None]] = {
            LogEvent.RUN_INFO: self.plan,
            LogEvent.JOB_INFO: lambda record: self.run.start_job(record),
            LogEvent.JOB_FINISHED: lambda record: self.run.end_job(record.job_id),
            LogEvent.JOB_ERROR: self.fail,
            LogEvent.PROGRESS: self.advance,
        }
        if self.screen.in_place:
            threading.Thread(target=self.tick, daemon=True).start()

    def asked(self, option: str) -> bool:
        """Tell whether Snakemake was given an option of its output."""
        return bool(getattr(self.common_settings, option, False))

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record, if it is worth it. An error in here must not end the thread of logs."""
        try:
            event = getattr(record, "event", None)
            if self.asked("verbose"):
                self.say(record)
            else:
                self.events.get(event, self.message)(record)
        except Exception:
            self.handleError(record)

    def say(self, record: logging.LogRecord) -> None:
        """Show a record as Snakemake does."""
        if (text := self.format(record)) and text != "None":
            self.screen.write(text)

    def message(self, record: logging.LogRecord) -> None:
        """Show a warning, an error, or a message that is worth it."""
        text = record.getMessage()
        wrong = record.levelno >= logging.WARNING or "error" in getattr(record, "event", "")
        if text.startswith(WHOLE_LOG):
            self.whole_log = text.removeprefix(WHOLE_LOG).strip()
        elif text.startswith(BESIDE):
            self.beside.append(text)
        elif wrong or text.startswith(WORTH):
            self.say(record)

    def plan(self, record: logging.LogRecord) -> None:
        """Take in how many jobs each rule has; a dry run shows that and nothing else."""
        if self.asked("dryrun") and not self.run.counts:
            self.say(record)
        self.run.plan(record.stats)

    def advance(self, record: logging.LogRecord) -> None:
        """Take in how many jobs are done, and show it."""
        self.run.done, self.run.total = record.done, record.total
        self.screen.show(self.run)

    def fail(self, record: logging.LogRecord) -> None:
        """Show the lines that matter of a failed job."""
        job = self.run.end_job(record.jobid, failed=True)
        beside = self.beside[-1] if self.beside else ""
        self.screen.write(*self.failures.lines(record, job, beside))

    def tick(self) -> None:
        """Draw the line anew, once a second, until the run is over."""
        while not self.over.wait(1):
            self.screen.show(self.run)

    def close(self) -> None:
        """Leave the screen clean, and say how a failed run ended. Snakemake calls this twice."""
        if not self.over.is_set():
            self.over.set()
            self.screen.clear()
            beside = [] if self.run.failed else self.beside
            self.screen.write(*beside, *self.failures.summary(self.run, self.whole_log))
        super().close()
