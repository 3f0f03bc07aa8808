"""What a run finds, one row per number, and how long it may take."""

import csv
import signal
import sys
import time
import traceback
from contextlib import contextmanager
from typing import NamedTuple

from plmbench.core.errors import first_line

RIGHT, WRONG, FAILED, SKIPPED = "right", "WRONG", "FAILED", "skipped"


class OutOfTime(BaseException):
    """All minutes are over; no handler of errors holds it up."""


class Row(NamedTuple):
    """One number, or why there is none."""

    part: str
    network: str = ""
    data: str = ""
    precision: str = ""
    contender: str = ""
    quantity: str = ""
    value: float | None = None
    verdict: str = ""  # RIGHT, WRONG, FAILED, SKIPPED, or nothing: it is reported alone
    note: str = ""


class Clock:
    """The seconds of a run."""

    def __init__(self, seconds, begun=None):
        self.begun = time.monotonic() if begun is None else begun
        self.end = self.deadline = self.begun + seconds

    def spent(self):
        """Return the seconds since the start."""
        return time.monotonic() - self.begun

    def allot(self, share, until=None):
        """Give what comes next a share of the seconds that are left, of all or until a time."""
        now = time.monotonic()
        self.deadline = now + max(0.0, share * ((until or self.end) - now))

    def left(self):
        """Return the seconds that are left of the share."""
        return self.deadline - time.monotonic()


@contextmanager
def ending(clock, grace):
    """Raise OutOfTime in the main thread `grace` seconds after a clock's end."""

    def stop(number, frame):
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(0.1, clock.end + grace - time.monotonic()))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Record:
    """Rows, as they come, and the file that has them even if the run is cut off."""

    def __init__(self, path):
        self.path, self.rows = path, []
        path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, part, quantity="", value=None, verdict="", note="", **who):
        """Add a row, and write all."""
        self.rows.append(
            Row(part, quantity=quantity, value=value, verdict=verdict, note=note, **who)
        )
        said = self.rows[-1]._replace(value=shown(value))
        print(*(field for field in said if field), flush=True)
        with self.path.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, delimiter="\t", lineterminator="\n")
            table.writerow(Row._fields)
            table.writerows(row._replace(value=shown(row.value)) for row in self.rows)

    @contextmanager
    def step(self, card, part, **who):
        """Let a step fail without the rest, with a row that says so."""
        try:
            yield
        except ModuleNotFoundError as error:
            self.add(part, verdict=SKIPPED, note=first_line(error), **who)
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            note = f"{type(error).__name__}: {first_line(error)}"[:120]
            self.add(part, verdict=FAILED, note=note, **who)
        else:
            return
        card.clean()  # outside the handler, whose traceback keeps what the step had

    def of(self, **wanted):
        """Return the rows whose fields have the values wanted."""
        return [row for row in self.rows if all(getattr(row, k) == v for k, v in wanted.items())]

    def value(self, **wanted):
        """Return the value of the one row that is wanted, or None."""
        found = [row.value for row in self.of(**wanted) if row.value is not None]
        return found[0] if found else None


def shown(value):
    """Return a number as the table has it."""
    return "" if value is None else f"{value:.6g}"
