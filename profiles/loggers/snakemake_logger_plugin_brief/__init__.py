"""A logger for Snakemake that says little: how far a run has come, and all of what goes wrong.

`make run` asks for it. Snakemake finds it by its name, as any plugin, where this folder's parent is
on the path of Python. Its own log, below .snakemake/log, has every line.
"""

import logging
import sys

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

PARTS = 20  # lines of progress of a whole run
FAILED = (LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR, LogEvent.ERROR)


class LogHandler(LogHandlerBase):
    """Writes a line of progress for each part of the jobs, and warnings and errors as they are."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self.said = -1

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, if it is worth it."""
        event = getattr(record, "event", None)
        if event == LogEvent.PROGRESS:
            self.progress(record.done, record.total)
        elif event in FAILED or record.levelno >= logging.WARNING:
            print(self.format(record), file=sys.stderr, flush=True)

    def progress(self, done: int, total: int) -> None:
        """Write how many jobs are done, once for each part of them."""
        if (part := PARTS * done // total) > self.said or done == total:
            self.said = part
            print(f"{done} of {total} jobs done", file=sys.stderr, flush=True)
