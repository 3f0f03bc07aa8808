"""What a study costs, as people read it in a terminal."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from plmbench.study.cost_facts import Facts
from plmbench.study.cost_rates import GPU_SHARE
from plmbench.study.cost_sizes import STATED, UNKNOWN

SUMS = ["jobs", "core_hours", "gpu_hours", "disk_mb"]
MUCH = 0.2  # of core-hours
MOST = 3  # groups that are named as what takes most
CHEAPER = {  # rule, or type of probe: what would make it cheaper
    "embed": "fewer `weights`, smaller networks, or a GPU",
    "ridge": "fewer `weights` or layers (`layers: {every: n}` in the probe's entry)",
    "logistic": "a smaller `max_residues`, fewer `Cs`, or fewer layers (`layers: {every: n}`)",
    "mlp": "a smaller `max_residues`, fewer `seeds` or `alphas`, or `layers: {every: n}`",
    "refit": "`refits` of fewer tasks or `probes`",
    "learning_curve": "fewer `sizes` or `draws`, or fewer tasks",
    "fit_sequences": "fewer `seeds` or `epochs` of the baseline",
    "": "fewer jobs: fewer `weights`, `models` or `probes`",
}

LESS = {"embed": "`dtype: float16`, fewer `layers` where residues are kept, or fewer `weights`"}


def number(value: float) -> str:
    """Return a number with two digits, or all of its whole ones."""
    if np.isnan(value):
        return "?"
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.95 else f"{value:.2g}"


def amount(megabytes: float) -> str:
    """Return an amount of memory or disk."""
    if np.isnan(megabytes):
        return "?"
    for unit in ("MB", "GB"):
        if megabytes < 999.5:
            return f"{number(megabytes)} {unit}"
        megabytes /= 1000
    return f"{number(megabytes)} TB"


def duration(hours: float) -> str:
    """Return a time in the unit that suits it."""
    if hours < 1 / 60:
        return f"{number(hours * 3600)} seconds"
    return f"{number(hours * 60)} minutes" if hours < 2 else f"{number(hours)} hours"


def lines_of(cells: list[list[str]]) -> Iterator[str]:
    """Yield rows of text as columns: the first to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join([row[0].ljust(len(first)), *others]).rstrip()


def words(rule: str, probe: str, dataset: str, split: str = "") -> str:
    """Return what jobs of a rule do, and on which task or data set if on one."""
    task = "/".join(filter(None, [dataset, split]))
    return " ".join(filter(None, [rule or "Snakemake itself", probe, task and f"on {task}"]))


def total(table: pd.DataFrame, cores: int, partial: bool) -> str:
    """Return the first line: the whole study; partial: whether the size of a network is unknown."""
    sums, peak = table[SUMS].sum(), table.loc[table["peak_mb"].idxmax()]
    hours = max(sums["core_hours"] / cores, sums["gpu_hours"])
    least = "at least " if partial or table["core_hours"].isna().any() else ""
    where = words(*peak[["rule", "probe", "dataset", "split"]])
    return (
        f"{sums['jobs']:,.0f} jobs, {least}{number(sums['core_hours'])} core-hours, about "
        f"{duration(hours)} on {cores} core{'s' * (cores != 1)}; "
        f"{number(sums['gpu_hours'])} GPU-hours; "
        f"peak memory {amount(peak['peak_mb'])} ({where}); {amount(sums['disk_mb'])} on disk"
    )


def grouped(table: pd.DataFrame, title: str, keys: list[str]) -> Iterator[str]:
    """Yield a table of sums by what `keys` name together."""
    named = table[keys].agg(lambda row: "/".join(filter(None, row)), axis=1)
    groups = table.groupby(named.replace("", "the whole study"), sort=False)
    whole, peak = table["core_hours"].sum(), groups["peak_mb"].max()
    cells = [[title, "jobs", "core-hours", "share", "GPU-hours", "peak memory", "on disk"]]
    for name, row in groups[SUMS].sum(min_count=1).iterrows():
        share = f"{row['core_hours'] / whole:.0%}" if row["core_hours"] == row["core_hours"] else ""
        hours = [number(row["core_hours"]), share, number(row["gpu_hours"])]
        cells.append(
            [str(name), f"{row['jobs']:,.0f}", *hours, amount(peak[name]), amount(row["disk_mb"])]
        )
    yield from lines_of(cells)


def advice(facts: Facts, rule: str, probe: str) -> str:
    """Return what would make the jobs of a rule cheaper."""
    kind = facts.study.fitted(probe).type if rule == "probe" else rule
    return CHEAPER.get(kind, CHEAPER[""])


def dominating(facts: Facts, table: pd.DataFrame) -> Iterator[str]:
    """Yield what takes most, and what would make it cheaper."""
    groups = table.groupby(["rule", "probe", "dataset"], sort=False)["core_hours"].sum()
    for (rule, probe, dataset), hours in groups.nlargest(MOST).items():
        share, cheaper = hours / table["core_hours"].sum(), advice(facts, rule, probe)
        yield f"  {share:4.0%}  {words(rule, probe, dataset)}; cheaper by {cheaper}"


def starting(table: pd.DataFrame) -> Iterator[str]:
    """Yield how much of all that is the start of processes, where that is much."""
    share = table["start_core_hours"].sum() / table["core_hours"].sum()
    if share > MUCH:
        yield f"  {share:4.0%}  of all that is to start processes, before they compute"


def on_disk(table: pd.DataFrame) -> Iterator[str]:
    """Yield what takes most of the disk."""
    groups = table.groupby(["rule", "dataset"], sort=False)["disk_mb"].sum()
    rule, dataset = groups.idxmax()
    share = groups.max() / table["disk_mb"].sum()
    yield "what takes most of the disk:"
    yield f"  {share:4.0%}  {words(rule, '', dataset)}; less by {LESS.get(rule, CHEAPER[''])}"


def on_a_card(facts: Facts, table: pd.DataFrame) -> Iterator[str]:
    """Yield on which card GPU-hours are, or what they would be."""
    card = facts.machine.card
    if card is not None:
        yield (
            f"GPU-hours: {card.name}, {card.product / 1e12:,.0f} TFLOP/s in a plain product, of "
            f"which networks are assumed to hold {GPU_SHARE:.0%}: not measured on a GPU yet"
        )
        return
    yield (
        "GPU-hours: no GPU here, so networks run on cores. --config 'cost={card_tflops: 100}' "
        "counts them on a GPU"
    )


def unknown(facts: Facts, table: pd.DataFrame) -> Iterator[str]:
    """Yield the data sets and networks whose sizes are not known, with what would tell them."""
    rows = table[table["size"] == UNKNOWN]
    for dataset, splits in rows.groupby("dataset", sort=False)["split"]:
        tasks = dict.fromkeys(f"{dataset}/{split}" for split in splits)
        name = dataset if "" in set(splits) else ", ".join(tasks)
        if missing := facts.sizes.missing(dataset):
            yield f"{name}: unknown: there is no file {', '.join(missing[:MOST])}"
            continue
        yield f"{name}: {UNKNOWN} (snakemake results/sequences/{dataset}.tsv), or state its `size`"
    for model in facts.unsized:
        yield (
            f"{model}: unknown, and left out: state num_layers and hidden_size in its entry, and "
            "parameters under `about` (`plmbench validate` reads them of a checkpoint)"
        )
    if stated := list(dict.fromkeys(table["dataset"][table["size"] == STATED])):
        yield f"sizes stated in config/datasets.yaml, files not there yet: {', '.join(stated)}"


def held(table: pd.DataFrame) -> Iterator[str]:
    """Yield how the estimate stands to what benchmark files say, where there are any."""
    rows = table[table["measured_jobs"] > 0]
    if rows.empty:
        return
    sums = rows.groupby("rule", sort=False)[
        ["measured_jobs", "held_to", "measured_core_hours"]
    ].sum()
    sums.loc["all of these"] = sums.sum()
    cells = [["held to results/benchmarks", "jobs", "estimate, s", "measured, s", "ratio"]]
    for rule, (jobs, estimate, measured) in sums.iterrows():
        ratio = f"{estimate / measured:.2f}" if measured else ""
        seconds = [f"{hours * 3600:,.0f}" for hours in (estimate, measured)]
        cells.append([str(rule), f"{jobs:,.0f}", *seconds, ratio])
    yield from lines_of(cells)


def calibration(facts: Facts) -> str:
    """Return what was found of the machine."""
    machine = facts.machine
    starts = ", ".join(f"{kind} {start.seconds:.1f} s" for kind, start in machine.starts.items())
    return (
        f"this machine: {machine.product / 1e9:,.0f} GFLOP/s a core in a plain product, "
        f"{machine.write / 1e6:,.0f} MB/s to disk; to start a process: {starts}\n"
        f"kinds of work: measured on {facts.rates.source} (benchmarks/results), scaled"
    )


def text_of(facts: Facts, table: pd.DataFrame) -> str:
    """Return all of it."""
    parts: list[list[str]] = [
        [total(table, facts.machine.cores, bool(facts.unsized))],
        list(grouped(table, "stage", ["stage"])),
        list(grouped(table, "task", ["dataset", "split"])),
        [
            "what takes most core-hours:",
            *dominating(facts, table),
            *starting(table),
            *on_disk(table),
        ],
        list(held(table)),
        [*unknown(facts, table), *on_a_card(facts, table), calibration(facts)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"
