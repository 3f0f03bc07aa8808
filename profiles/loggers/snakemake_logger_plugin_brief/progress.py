"""How far a run is: jobs done, the time that is left, and what runs now."""

import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TAIL = 2_000  # bytes at the end of a job's log in which its last line of progress stands
EVERY = 3  # seconds between two looks into a log
ENOUGH = 3  # jobs that must be done before the time left is told
# Written by plmbench.core.logs and plmbench.pretrain.training.
RATE = re.compile(rb"([\d,]+) residues/s(?:, (\d+):(\d\d):(\d\d) left)?")
HASH = re.compile(r"[0-9a-f]{16}")  # a shard's name tells a person nothing


def clock(seconds: float) -> str:
    """Return a time as hours:minutes:seconds."""
    seconds = round(seconds)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@dataclass
class Job:
    """A job that was started, and what its log said last."""

    rule: str
    wildcards: list[str]
    logs: list[str]
    start: float
    looked: float = 0.0
    rate: int = 0  # residues per second
    left: float = 0.0  # seconds, as the job says

    @property
    def name(self) -> str:
        """Return the rule and what it works on."""
        names = [value for value in self.wildcards if not HASH.fullmatch(value)]
        return " ".join([self.rule, "/".join(names)]).strip()

    def look(self, now: float) -> None:
        """Read the last line of progress from the log, if there is one."""
        if now - self.looked < EVERY or not self.logs:
            return
        self.looked = now
        try:
            with Path(self.logs[0]).open("rb") as file:
                file.seek(max(file.seek(0, 2) - TAIL, 0))
                found = RATE.findall(file.read())
        except OSError:  # not there yet
            return
        if found:
            rate, *parts = found[-1]
            self.rate = int(rate.replace(b",", b""))
            hours, minutes, seconds = (int(part or 0) for part in parts)
            self.left = hours * 3600 + minutes * 60 + seconds


@dataclass
class Run:
    """What is known of the jobs of a run."""

    done: int = 0
    total: int = 0
    counts: Counter = field(default_factory=Counter)  # {rule: jobs that were planned}
    ended: Counter = field(default_factory=Counter)  # {rule: jobs that are done}
    spent: Counter = field(default_factory=Counter)  # {rule: their seconds}
    running: dict[int, Job] = field(default_factory=dict)
    failed: set[int] = field(default_factory=set)
    start: float = field(default_factory=time.monotonic)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def plan(self, stats: dict[str, int]) -> None:
        """Take in how many jobs each rule has."""
        with self.lock:
            self.counts = Counter(stats)
            self.total = max(self.total, self.counts.pop("total", 0))

    def start_job(self, record: logging.LogRecord) -> None:
        """Take in a job that starts, perhaps once more."""
        wildcards = [str(value) for value in dict(record.wildcards or {}).values()]
        with self.lock:
            self.failed.discard(record.jobid)
            self.counts[record.rule_name] += 0  # a rule of which a checkpoint first told
            self.running[record.jobid] = Job(
                record.rule_name, wildcards, list(record.log or []), time.monotonic()
            )

    def end_job(self, number: int, failed: bool = False) -> Job | None:
        """Take in that a job ended; return it, if its start was seen."""
        with self.lock:
            job = self.running.pop(number, None)
            if failed:
                self.failed.add(number)
            elif job:
                self.ended[job.rule] += 1
                self.spent[job.rule] += time.monotonic() - job.start
            return job

    def seconds_left(self, now: float) -> float | None:
        """Estimate the time left: jobs that wait take as long as those of their rule that are done,
        and as many run side by side as before."""
        jobs, ended = self.running.values(), self.ended.total()
        if ended < ENOUGH or now <= self.start:
            return None
        mean = self.spent.total() / ended
        means = {rule: self.spent[rule] / count for rule, count in self.ended.items()}
        begun = self.ended + Counter(job.rule for job in jobs)
        waiting = {rule: count - begun[rule] for rule, count in self.counts.items()}
        work = sum(max(count, 0) * means.get(rule, mean) for rule, count in waiting.items())
        parts = [
            job.left or max(means.get(job.rule, mean) - (now - job.start), 0.0) for job in jobs
        ]
        busy = self.spent.total() + sum(now - job.start for job in jobs)
        side_by_side = max(busy / (now - self.start), 1.0)
        return max([(work + sum(parts)) / side_by_side, *parts])

    def what_runs(self, now: float) -> Iterator[str]:
        """Yield what runs now, by rules; those that tell of residues stand first."""
        jobs = list(self.running.values())
        for job in jobs:
            job.look(now)
        rules = {rule: [job for job in jobs if job.rule == rule] for rule in self.counts}
        rates = {rule: sum(job.rate for job in own) for rule, own in rules.items() if own}
        for rule, rate in sorted(rates.items(), key=lambda item: -item[1]):
            own = rules[rule]
            name = own[0].name if len(own) == 1 else f"{len(own)} {rule}"
            yield f"{name} at {rate:,} residues/s" if rate else name

    def line(self) -> str:
        """Say in one line how far the run is."""
        now = time.monotonic()
        with self.lock:
            if self.total and self.done >= self.total:
                return f"{self.done} of {self.total} jobs done in {clock(now - self.start)}"
            parts = [f"{self.done} of {self.total} jobs done"]
            if (left := self.seconds_left(now)) is not None:
                parts.append(f"about {clock(left)} left")
            if self.failed:
                parts.append(f"{len(self.failed)} failed")
            running = ", ".join(self.what_runs(now))
            return ", ".join(parts) + (f"; now {running}" if running else "")
