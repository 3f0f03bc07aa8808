"""Where a run is shown: in place on a terminal, else by a line now and then."""

import os
import threading
import time
from typing import TextIO

from snakemake_logger_plugin_brief.progress import Run

PARTS = 20  # lines of progress of a whole run, where they stay
SILENCE = 1800.0  # seconds after which a file gets a line all the same
# From the cursor to the end of the screen. The cursor rests on an empty row above the line, so that
# what a job writes to the terminal by itself stands there.
CLEAR = "\r\x1b[J"


class Screen:
    """Writes lines that stay, and one that is drawn anew."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.in_place = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.drawn = ""
        self.part, self.last = -1, time.monotonic()
        self.lock = threading.RLock()

    def write(self, *lines: str) -> None:
        """Write lines that stay."""
        with self.lock:
            drawn = self.drawn
            if lines:
                self.clear()
                self.put("\n".join(lines) + "\n")
                self.draw(drawn)

    def show(self, run: Run) -> None:
        """Show how far a run is."""
        if not run.total:
            return
        with self.lock:
            if self.in_place and run.done < run.total:
                self.draw(run.line())
            elif self.is_due(run):
                self.clear()
                self.put(run.line() + "\n")

    def is_due(self, run: Run) -> bool:
        """Tell whether a line that stays is due: some jobs are done, or it was long quiet."""
        part, now = PARTS * run.done // run.total, time.monotonic()
        if part <= self.part and run.done < run.total and now - self.last < SILENCE:
            return False
        self.part, self.last = max(part, self.part), now
        return True

    def draw(self, line: str) -> None:
        """Draw a line in place of the one before."""
        if line:
            self.put(f"{CLEAR}\n{self.cut(line)}\x1b[A\r")
        self.drawn = line

    def clear(self) -> None:
        """Take away the line that is drawn in place."""
        with self.lock:
            if self.drawn:
                self.put(CLEAR)
            self.drawn = ""

    def cut(self, line: str) -> str:
        """Cut a line to the width of the terminal."""
        try:
            width = os.get_terminal_size(self.stream.fileno()).columns or 80
        except (OSError, ValueError):
            width = 80
        return line if len(line) < width else line[: max(width - 2, 0)] + "…"

    def put(self, text: str) -> None:
        """Write text at once; what the stream's encoding does not have, by its number."""
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        self.stream.flush()
