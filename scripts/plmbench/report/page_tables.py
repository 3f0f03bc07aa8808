"""Tables of the page: verdicts of tasks, gains of networks, negative controls."""

from collections.abc import Iterator, Sequence

import pandas as pd

from plmbench.core.axes import TESTED_AXES
from plmbench.core.columns import SEEN, SETTING
from plmbench.core.facts import Models, TaskFacts
from plmbench.core.roles import ABLATION, BASELINE, CONTROL
from plmbench.core.selections import VALIDATION
from plmbench.core.verdicts import ALPHA, COUNTED, NO, YES
from plmbench.report.cells import (
    Cell,
    Table,
    count,
    gain_with_interval,
    measure_with_interval,
    p_text,
)
from plmbench.report.notes import remarks, verdict_text
from plmbench.report.style import quantity, setting_label
from plmbench.report.subjects import (
    anchor_of,
    examples_of,
    in_order,
    metric_label,
    task_key,
    title_of,
)

NETWORK_SETTING = ["probe", "pooling", "model"]  # one network on a given task


def task_cell(dataset: str, split: str, tasks: Sequence[TaskFacts]) -> Cell:
    """Return the cell that names a task, and leads to it."""
    key = f"{dataset}/{split}"
    for place, task in enumerate(tasks):
        if task_key(task) == key:
            return Cell(task["title"], href=f"#{anchor_of(place)}")
    return Cell(key)


def task_verdict_cells(row: pd.Series, tasks: Sequence[TaskFacts]) -> list[Cell]:
    """Return the cells of one task under one probe and pooling."""
    differs = row["matches_published"] == NO
    published = row["published_verdict"] or "no verdict"
    return [
        task_cell(row["dataset"], row["split"], tasks),
        Cell(setting_label(row["probe"], row.get("pooling", ""))),
        Cell(verdict_text(row), strong=True),
        Cell(row["published_rule"] or "not assessable"),
        Cell(f"differs: {published}" if differs else published, strong=differs),
        Cell(metric_label(row["metric"])),
        Cell(count(row["models"])),
        *(Cell(count(row[column])) for column in COUNTED.values()),
    ]


def tasks_table(task_verdicts: pd.DataFrame, tasks: Sequence[TaskFacts]) -> Table:
    """Return the table of verdicts; one that differs from the published study's stands out."""
    rows = [task_verdict_cells(row, tasks) for _, row in task_verdicts.iterrows()]
    columns = ["task", "probe", "verdict", "by the study's rule", "published study", "metric"]
    columns += ["networks", *COUNTED]
    caption = "Verdict per task and probe: the one that most networks have, and how many have each"
    return Table(caption, columns, rows)


def seeds_in_words(verdicts: pd.DataFrame) -> str:
    """Return with how many seeds ablations were drawn, in words."""
    numbers = sorted({int(n) for n in verdicts.get("seeds", [])} - {0})
    words = " or ".join(quantity(number, "seed") for number in numbers)
    return f"ablations drawn with {words}" if words else "no ablations"


def difference_cells(own_rows: pd.DataFrame, references: Sequence[str]) -> Iterator[Cell]:
    """Yield one cell per reference: the difference with its interval and corrected p."""
    by_name = {row["reference"]: row for _, row in own_rows.iterrows()}
    for name in references:
        if name not in by_name:
            yield Cell("not compared")
            continue
        row = by_name[name]
        lines = [
            gain_with_interval(row["difference"], row["low"], row["high"]),
            p_text(row["p_holm"]),
        ]
        yield Cell("\n".join(line for line in lines if line))


def trend_text(row: pd.Series, axis: str) -> str:
    """Return whether the gain rises along an axis, with the slope if there is one, on one line."""
    values = [row[f"{axis}_slope{end}"] for end in ("", "_low", "_high")]
    slope = f" {gain_with_interval(*values)}" if pd.notna(values[1]) else ""
    return f"{axis}: {row[f'{axis}_trend']}{slope}".replace("\n", " ")


def trend_cell(row: pd.Series) -> Cell:
    """Return the cell of the axes, one line each."""
    return Cell("\n".join(trend_text(row, axis) for axis in TESTED_AXES))


def share_cell(row: pd.Series) -> Cell:
    """Return the cell of the share of the gain over one-hot that is due to pretraining."""
    if pd.isna(row["share_of_gain"]):
        return Cell(row["share_reason"])
    return Cell(measure_with_interval(row["share_of_gain"], row["share_low"], row["share_high"]))


def network_cells(
    row: pd.Series, differences: pd.DataFrame, references: Sequence[str], about: Models
) -> list[Cell]:
    """Return the cells of one network under one probe and pooling."""
    own_rows = differences[(differences[NETWORK_SETTING] == row[NETWORK_SETTING]).all(axis=1)]
    value = measure_with_interval(row["value"], row["low"], row["high"])
    layer = "no layer chosen" if pd.isna(row["layer"]) else f"layer {count(row['layer'])}"
    known = pd.notna(row.get(SEEN)) and row[SEEN] > 0  # NaN: nobody knows what it has seen
    seen = f"\n{count(row[SEEN])} test sequences seen in pretraining" if known else ""
    titles = {name: title_of(name, about) for name in about}
    return [
        Cell(title_of(row["model"], about) + seen, strong=bool(seen)),
        Cell(setting_label(row["probe"], row["pooling"])),
        Cell(verdict_text(row), strong=True),
        Cell("\n".join(remarks(row, titles)), strong=bool(row["ahead"] or row["controls_ahead"])),
        Cell(f"{value}\n{layer}"),
        share_cell(row),
        *difference_cells(own_rows, references),
        trend_cell(row),
    ]


def reference_headings(differences: pd.DataFrame, about: Models) -> dict[str, str]:
    """Return {reference: heading of its column}; an ablation outside the verdict says so."""
    deciding = set(differences["reference"][differences["in_verdict"] == YES])
    headings = {}
    for name in dict.fromkeys(differences["reference"]):
        note = "" if name in deciding else ", not in the verdict"
        headings[name] = f"minus {title_of(name, about)}{note}"
    return headings


def networks_table(
    task: TaskFacts, verdicts: pd.DataFrame, differences: pd.DataFrame, about: Models
) -> Table | None:
    """Return what each network gains on one task, at the layer chosen on validation."""
    if verdicts.empty:
        return None
    shown = differences["role"].isin([BASELINE, ABLATION])
    differences = differences[shown & (differences["layer_selection"] == VALIDATION)]
    headings = reference_headings(differences, about)
    order = {model: i for i, model in enumerate(in_order(verdicts["model"], about))}
    ordered = verdicts.sort_values("model", key=lambda names: names.map(order), kind="stable")
    rows = [network_cells(row, differences, [*headings], about) for _, row in ordered.iterrows()]
    columns = ["network", "probe", "verdict", "beside it", metric_label(task["metric"])]
    columns += ["share of the gain due to pretraining", *headings.values()]
    columns += ["does the gain rise with"]
    caption = (
        f"{task['title']}: values and differences on n = {count(verdicts['n'].max())} test "
        f"{examples_of(task)}, 95 % intervals, {seeds_in_words(verdicts)}"
    )
    return Table(caption, columns, rows)


def some_of(names: Sequence[str], among: Sequence[str], about: Models) -> str:
    """Return how many networks of how many, and which unless all."""
    if len(names) == len(among):
        return f"all {len(among)}"
    return f"{len(names)} of {len(among)}: {', '.join(title_of(name, about) for name in names)}"


def control_cell(rows: pd.DataFrame, about: Models) -> Cell:
    """Return the cell of a control on a task: which networks it is ahead of, and how clearly."""
    if rows.empty:
        return Cell("not compared")
    rows = rows.set_index("model").loc[in_order(rows["model"], about)]
    ahead = rows["difference"] < 0
    clearly_ahead = ahead & (rows["p_holm"] < ALPHA)
    groups = {
        "clearly ahead of": clearly_ahead,
        "ahead of, but not clearly,": ahead & ~clearly_ahead,
        "undefined against": rows["difference"].isna(),
    }
    parts = [
        f"{words} {some_of(rows.index[group], rows.index, about)}"
        for words, group in groups.items()
        if group.any()
    ]
    return Cell("; ".join(parts) or f"behind all {len(rows)}", strong=bool(ahead.any()))


def controls_table(
    differences: pd.DataFrame, about: Models, tasks: Sequence[TaskFacts]
) -> Table | None:
    """Return negative controls against networks, one row per task, probe and pooling, or None
    without any."""
    shown = (differences["role"] == CONTROL) & (differences["layer_selection"] == VALIDATION)
    differences = differences[shown]
    if differences.empty:
        return None
    controls, rows = list(dict.fromkeys(differences["reference"])), []
    for (dataset, split, *setting), part in differences.groupby(SETTING, sort=False):
        parts = [part[part["reference"] == name] for name in controls]
        cells = [control_cell(own_rows, about) for own_rows in parts]
        rows.append([task_cell(dataset, split, tasks), Cell(setting_label(*setting)), *cells])
    caption = "Negative controls against the pretrained networks, at the layer chosen on validation"
    return Table(caption, ["task", "probe", *(title_of(name, about) for name in controls)], rows)
