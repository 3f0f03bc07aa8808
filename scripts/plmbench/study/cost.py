"""What a study costs: the jobs, what each takes, and what its benchmark file says it took."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from plmbench.core.logs import log
from plmbench.study.cost_facts import Facts, UnknownSizeError
from plmbench.study.cost_jobs import Job
from plmbench.study.cost_rules import RULES

SNAKEMAKE = "Snakemake itself"  # a stage
# Seconds of a core that Snakemake takes per job: to plan it, to start it and to note its end.
PER_JOB, ITSELF = 0.25, 5.0  # and once, to read the configuration and the rules
TOO_SHORT = ["-"]  # what Snakemake writes of a job that it could not watch, beside NA
# Columns of results/cost.tsv: one row per rule, task and probe.
COLUMNS = ["stage", "rule", "dataset", "split", "probe", "jobs", "core_hours", "gpu_hours"]
COLUMNS += [
    "start_core_hours",
    "peak_mb",
    "disk_mb",
    "size",
    "measured_jobs",
    "measured_core_hours",
    "held_to",
]
KEYS = COLUMNS[:5]
HOURS = {
    "core_hours": "seconds",
    "start_core_hours": "start",
    "gpu_hours": "gpu_seconds",
    "measured_core_hours": "measured",
    "held_to": "held_to",
}


def estimated(facts: Facts, job: Job) -> dict[str, object]:
    """Return what a job costs; numbers are nan where the size of its data is not known."""
    rule, names = RULES[job.rule], job._asdict()
    row: dict[str, object] = {key: names.get(key, "") for key in KEYS} | {"stage": rule.stage}
    row |= {"jobs": job.jobs, "benchmark": job.benchmark}
    try:
        spent = rule.spent(facts, job)
    except UnknownSizeError:
        blank = dict.fromkeys(("seconds", "start", "gpu_seconds", "peak_mb", "disk"), np.nan)
        return row | blank
    start, megabytes = facts.machine.starts.get(rule.start, (0.0, 0.0))
    return row | {
        "seconds": (start + spent.seconds) * job.jobs,
        "start": start * job.jobs,
        "gpu_seconds": spent.gpu_seconds * job.jobs,
        "peak_mb": megabytes + spent.megabytes,
        "disk": spent.disk * job.jobs,
    }


def cpu_time(file: Path) -> float:
    """Return the seconds of a core in a benchmark file; nan of a job that was too short to tell,
    and of a file that Snakemake did not write to its end, which the log names."""
    try:
        value = float(pd.read_csv(file, sep="\t", na_values=TOO_SHORT)["cpu_time"].iloc[0])
        if 0 <= value < np.inf or np.isnan(value):
            return value
        problem = f"cpu_time is {value}"
    except (OSError, ValueError, TypeError, LookupError) as error:
        problem = f"it has no cpu_time that can be read ({type(error).__name__})"
    log.warning("%s: %s; it is left out of what the estimate is held to: delete it", file, problem)
    return np.nan


def cpu_seconds(path: str) -> Sequence[float]:
    """Return the seconds of a core of jobs that ran, by their benchmark file, or by those in a
    folder."""
    file, folder = Path(f"{path}.tsv"), Path(path)
    files = [file] if file.is_file() else sorted(folder.glob("*.tsv")) if folder.is_dir() else []
    found = [cpu_time(each) for each in files]
    return [value for value in found if value == value]


def with_measured(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return the jobs with how many of each have a benchmark file, what these took, and what was
    expected of as many."""
    found = [cpu_seconds(path) for path in jobs["benchmark"]]
    numbers = np.array([len(each) for each in found])
    return jobs.assign(
        measured_jobs=numbers,
        measured=[sum(each) for each in found],
        held_to=jobs["seconds"] * np.minimum(numbers / jobs["jobs"], 1),
    )


def of_snakemake(jobs: int) -> dict[str, object]:
    """Return what Snakemake takes beside so many jobs."""
    zeros = (
        "start",
        "gpu_seconds",
        "peak_mb",
        "disk",
        "measured_jobs",
        "measured",
        "held_to",
        "jobs",
    )
    names = dict.fromkeys([*KEYS, "benchmark"], "")
    zero = dict.fromkeys([*zeros, "held_to"], 0)
    return {**names, **zero, "stage": SNAKEMAKE, "seconds": ITSELF + PER_JOB * jobs}


def size_of(facts: Facts, row: pd.Series) -> str:
    """Return how the size of a row's data is known; "" where it has none."""
    known = row["dataset"] in facts.sizes.sets
    return facts.sizes.source(row["dataset"], row["split"]) if known else ""


def cost_table(facts: Facts, jobs: Iterable[Job]) -> pd.DataFrame:
    """Return the table of a study's cost, with COLUMNS; hours are nan where a size is unknown."""
    rows = with_measured(pd.DataFrame([estimated(facts, job) for job in jobs]))
    own = pd.DataFrame([of_snakemake(int(rows["jobs"].sum()))])
    groups = pd.concat([rows, own], ignore_index=True).groupby(KEYS, sort=False)
    sums = groups[
        ["jobs", "seconds", "start", "gpu_seconds", "disk", "measured_jobs", "measured", "held_to"]
    ]
    # A sum without a number is none, and not zero.
    table = sums.sum(min_count=1).join(groups["peak_mb"].max()).reset_index()
    for hours, seconds in HOURS.items():
        table[hours] = table[seconds] / 3600
    table["disk_mb"] = table["disk"] / 1e6
    table["size"] = [size_of(facts, row) for _, row in table.iterrows()]
    return table[COLUMNS].astype({"jobs": int, "measured_jobs": int})
