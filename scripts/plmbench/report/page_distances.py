"""What the page says of families of proteins, and of distances from training and pretraining."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from plmbench.core.columns import SEEN, SETTING, TASK
from plmbench.core.facts import Models, TaskFacts
from plmbench.core.identities import ALL, IDENTITY, WITHIN
from plmbench.core.weights import PRETRAINED
from plmbench.report.cells import Cell, Table, count, measure
from plmbench.report.distances import GAIN
from plmbench.report.page_tables import some_of, task_cell
from plmbench.report.style import setting_label
from plmbench.report.subjects import modality_of, task_key

VARIANTS, FAMILIES = "variants", "families"  # what units are; else each example is one


def percent(share: float) -> str:
    """Return a share in per cent, without decimals."""
    return f"{100 * share:.0f} %"


def units_sentence(row: Mapping[str, Any], title: str, examples: str, iccs: pd.Series) -> str:
    """Return what the units of a task's intervals are; examples: the word for those of test."""
    units, families = row["test_units"], row["test_families"]
    if row["units_are"] != FAMILIES or units == families:
        known = {FAMILIES: "; no two of them are of one family"}
        known |= {VARIANTS: "; they are variants of one protein"}
        words = known.get(str(row["units_are"]), "")
        return f"{title}: each of {count(units)} test {examples} is a unit{words}."
    known = iccs.dropna()
    icc = f" (intraclass correlation {measure(known.median())}, median over arms)"
    return (
        f"{title}: {count(units)} test sequences are of {count(families)} families, which are the "
        f"units of every interval: members of one are right or wrong together"
        f"{icc if len(known) else ''}."
    )


def near_sentence(row: Mapping[str, Any], title: str) -> str:
    """Return how near a task's test sequences are to training; "" where it is not known."""
    shares = [row.get(f"test_within_{p}", "") for p in WITHIN]
    if any(share == "" or pd.isna(share) for share in shares):
        text = str(row.get("test_mutations") or "")
        return f"{title}: test sequences by number of mutations: {text}." if text else ""
    parts = ", ".join(
        f"{percent(share)} within {p} %" for share, p in zip(shares, WITHIN, strict=True)
    )
    return f"{title}: of the test sequences {parts} identity to a training sequence."


def gain_sentences(bins: pd.DataFrame, title: str, about: Models) -> Iterator[str]:
    """Yield one sentence per probe and pooling of a task: where the gain is clearly above 0."""
    networks = bins[(bins["ablation"] == PRETRAINED) & (bins["bin"] != ALL)]
    for (*_, probe, pooling), rows in networks.groupby(SETTING, sort=False):
        parts, without = [], []
        for name, own in rows.groupby("bin", sort=False):
            of = f"{name} identity" if own["bin_of"].iloc[0] == IDENTITY else f"{name} mutations"
            known = own[own[f"{GAIN}_low"].notna()]
            above = known["model"][known[f"{GAIN}_low"] > 0]
            if known.empty:
                without.append(f"{of} ({count(own['units'].max())})")
            elif above.empty:
                parts.append(f"none of {len(known)} at {of}")
            else:
                parts.append(f"{some_of([*above], [*known['model']], about)} at {of}")
        if parts:
            few = f"; too few units for an interval: {', '.join(without)}" if without else ""
            yield (
                f"{title}, {setting_label(probe, pooling)}: the gain over the better ablation is "
                f"clearly above 0 for networks: {'; '.join(parts)}{few}."
            )


def sentences(
    datasets: pd.DataFrame, bins: pd.DataFrame, tasks: Sequence[TaskFacts], about: Models
) -> Iterator[str]:
    """Yield what the tables say of each task, in words."""
    words = {task_key(task): modality_of(task).examples for task in tasks}
    for _, row in datasets.iterrows():
        title = task_cell(row["dataset"], row["split"], tasks).text
        examples = words[f"{row['dataset']}/{row['split']}"]
        own = bins[(bins[TASK] == row[TASK]).all(axis=1)]
        yield units_sentence(row, title, examples, own["icc"][own["bin"] == ALL])
        yield from filter(None, [near_sentence(row, title)])
        yield from gain_sentences(own, title, about)


def overlap_rows(
    overlap: pd.DataFrame, tasks: Sequence[TaskFacts], about: Models
) -> Iterator[list[Cell]]:
    """Yield the cells of each task and of each set of networks with the same numbers."""
    numbers = ["test_sequences", SEEN, *(f"within_{p}" for p in WITHIN)]
    for (dataset, split, *values), rows in overlap.groupby(
        [*TASK, *numbers], sort=False, dropna=False
    ):
        shares = [percent(share) if pd.notna(share) else "not searched" for share in values[2:]]
        names = some_of([*rows["model"]], [*overlap["model"].unique()], about)
        cells = [Cell(names), Cell(count(values[0])), Cell(count(values[1]), bool(values[1]))]
        yield [task_cell(dataset, split, tasks), *cells, *map(Cell, shares)]


def overlap_table(overlap: pd.DataFrame, tasks: Sequence[TaskFacts], about: Models) -> Table | None:
    """Return how near test sequences are to what networks were pretrained on; None where no network
    says on what it was."""
    if overlap.empty:
        return None
    columns = ["task", "networks", "test sequences", "seen in pretraining"]
    columns += [f"within {p} % identity" for p in WITHIN]
    caption = "Was the test set in the pretraining data? Shares of distinct test sequences"
    return Table(caption, columns, [*overlap_rows(overlap, tasks, about)])


def distance_section(
    tables: Mapping[str, pd.DataFrame], tasks: Sequence[TaskFacts], about: Models
) -> dict[str, object]:
    """Return what the template shows of families and distances, but for the figure."""
    if "identity_bins" not in tables:
        return {"notes": [], "table": None}
    notes = [*sentences(tables["datasets"], tables["identity_bins"], tasks, about)]
    return {"notes": notes, "table": overlap_table(tables["pretraining_overlap"], tasks, about)}
