"""One page for the whole study: verdicts, figures, controls, data, and what was run. It is a file
by itself, read in a browser without a network, on a phone or on paper."""

from pathlib import Path

import jinja2
import pandas as pd

from plmbench.core.metrics import LABELS
from plmbench.report.cells import (
    Cell,
    Table,
    chance,
    count,
    gain,
    inline_figure,
    interval,
    plain_table,
    spoken,
    texts,
)
from plmbench.report.style import EXAMPLES, counted, in_order, of_task, setting, title_of

RESOURCES = Path(__file__).resolve().parents[3] / "resources" / "report"
TEMPLATE = "page.html.jinja"
VERDICTS = ("scales", "benefits", "no benefit", "unclear")
REFERENCES = ("baseline", "ablation")
AXES = ("size", "depth", "pretraining")
CHOSEN = "validation"
ROW = ["probe", "pooling", "model"]
FIGURES = {
    "curves": "the metric on test against the layer, a panel a network",
    "bars": "every arm, at the layer chosen on validation and at the last, with 95 % intervals",
    "scaling": "pretrained networks against their size, depth and share of pretraining",
}


def key_of(task):
    """Return the name of a task: `dataset/split`."""
    return f"{task['dataset']}/{task['split']}"


def title_cell(dataset, split, tasks):
    """Return the cell that names a task."""
    titles = {(task["dataset"], task["split"]): task["title"] for task in tasks}
    return Cell(titles.get((dataset, split), f"{dataset}/{split}"))


def task_verdict_table(task_verdicts, tasks):
    """Return the table of verdicts; one that differs from the published study's stands out."""
    rows = []
    for _, row in task_verdicts.iterrows():
        differs = row["matches_published"] == "no"
        study = row["published_verdict"] or "no verdict"
        rows.append(
            [
                title_cell(row["dataset"], row["split"], tasks),
                Cell(setting(row["probe"], row.get("pooling", ""))),
                Cell(row["verdict"], strong=True),
                Cell(f"differs: {study}" if differs else study, strong=differs),
                Cell(LABELS.get(row["metric"], row["metric"])),
                Cell(count(row["models"])),
                *(Cell(count(row[name.replace(" ", "_")])) for name in VERDICTS),
            ]
        )
    columns = ["task", "probe", "verdict", "published study", "metric", "networks", *VERDICTS]
    caption = "Verdict a task and probe: of how many networks each holds, and that of most"
    return Table(caption, columns, rows)


def seeds_of(verdicts):
    """Return with how many seeds ablations were drawn, in words."""
    numbers = sorted({int(n) for n in verdicts.get("seeds", [])} - {0})
    words = " or ".join(counted(number, "seed") for number in numbers)
    return f"ablations drawn with {words}" if words else "no ablations"


def difference_cells(mine, names):
    """Return a cell for each reference: the difference with its interval and corrected p."""
    by_name = {row["reference"]: row for _, row in mine.iterrows()}
    for name in names:
        if name not in by_name:
            yield Cell("not compared")
            continue
        row = by_name[name]
        words = [gain(row["difference"], row["low"], row["high"]), chance(row["p_holm"])]
        yield Cell("\n".join(word for word in words if word))


def correlation_of(row, axis):
    """Return one rank correlation with its interval, as text."""
    return interval(*(row[f"rho_{axis}{end}"] for end in ("", "_low", "_high")))


def correlation_cell(row):
    """Return the cell of the rank correlations that were measured, one line per axis."""
    measured = [axis for axis in AXES if pd.notna(row[f"rho_{axis}"])]
    lines = [f"{axis} {correlation_of(row, axis)}".replace("\n", " ") for axis in measured]
    return Cell("\n".join(lines) or "not measured")


def verdict_row(row, differences, references, about):
    """Return the cells of one network under one probe and pooling."""
    mine = differences[(differences[ROW] == row[ROW]).all(axis=1)]
    level = interval(row["value"], row["low"], row["high"])
    layer = "no layer chosen" if pd.isna(row["layer"]) else f"layer {count(row['layer'])}"
    beaten = "; ".join(title_of(name, about) for name in row["controls_ahead"].split(", "))
    return [
        Cell(title_of(row["model"], about)),
        Cell(setting(row["probe"], row["pooling"])),
        Cell(row["verdict"], strong=True),
        Cell(f"{level}\n{layer}"),
        *difference_cells(mine, references),
        Cell(beaten or "none", strong=bool(beaten)),
        correlation_cell(row),
    ]


def verdict_table(task, verdicts, differences, about):
    """Return what each network gains on one task, at the layer chosen on validation."""
    if verdicts.empty:
        return None
    chosen = differences["role"].isin(REFERENCES) & (differences["layer_selection"] == CHOSEN)
    differences = differences[chosen]
    references = list(dict.fromkeys(differences["reference"]))
    order = {model: i for i, model in enumerate(in_order(verdicts["model"], about))}
    ordered = verdicts.sort_values(["model"], key=lambda m: m.map(order), kind="stable")
    rows = [verdict_row(row, differences, references, about) for _, row in ordered.iterrows()]
    columns = ["network", "probe", "verdict", LABELS.get(task["metric"], task["metric"])]
    columns += [f"minus {title_of(name, about)}" for name in references]
    columns += ["controls ahead", "rank correlation ρ with"]
    caption = (
        f"{task['title']}: values and differences on n = {count(verdicts['n'].max())} test "
        f"{EXAMPLES.get(task.get('task_type'), 'sequences')}, 95 % intervals, {seeds_of(verdicts)}"
    )
    return Table(caption, columns, rows)


def some_of(names, among, about):
    """Return how many networks of how many, and which unless all."""
    if len(names) == len(among):
        return f"all {len(among)}"
    return f"{len(names)} of {len(among)}: {', '.join(title_of(name, about) for name in names)}"


def ahead(rows, about):
    """Return the cell of a control on a task: which networks it is ahead of, and how clearly."""
    rows = rows.set_index("model").loc[in_order(rows["model"], about)]
    clear = rows["high"] < 0
    parts = {
        "clearly ahead of": clear,
        "ahead of, but not clearly,": (rows["difference"] < 0) & ~clear,
        "undefined against": rows["difference"].isna(),
    }
    words = [
        f"{word} {some_of(rows.index[w], rows.index, about)}"
        for word, w in parts.items()
        if w.any()
    ]
    beaten = (rows["difference"] < 0).any()
    return Cell("; ".join(words) or f"behind all {len(rows)}", strong=bool(beaten))


def controls_table(differences, about, tasks):
    """Return negative controls against networks, a row a task and probe, or None without any."""
    rows = differences[
        (differences["role"] == "control") & (differences["layer_selection"] == CHOSEN)
    ]
    if rows.empty:
        return None
    names, table = list(dict.fromkeys(rows["reference"])), []
    for key, mine in rows.groupby(["dataset", "split", "probe", "pooling"], sort=False):
        parts = [mine[mine["reference"] == name] for name in names]
        cells = [ahead(part, about) if len(part) else Cell("not compared") for part in parts]
        table.append([title_cell(*key[:2], tasks), Cell(setting(*key[2:])), *cells])
    caption = "Negative controls against the pretrained networks, at the layer chosen on validation"
    return Table(caption, ["task", "probe", *(title_of(name, about) for name in names)], table)


def split_runs(runs):
    """Return what all runs share as pairs of name and text, and the table of what differs."""
    shared = [name for name in runs if runs[name].nunique() == 1] if len(runs) > 1 else []
    pairs = [(spoken(name), texts(runs[name])[0]) for name in shared]
    return pairs, plain_table("Embedding files, a row a file", runs.drop(columns=shared))


def figure_of(path, label, prefix):
    """Return a figure for the template: its words, and its SVG."""
    return {"label": label, "svg": inline_figure(path, label, prefix)}


def task_section(number, task, tables, figures, about):
    """Return what the template shows of one task."""
    name = task["dataset"], task["split"]
    mine = {key: of_task(tables[key], *name) for key in ("verdicts", "differences")}
    paths = figures["tasks"].get(key_of(task), {})
    return {
        "id": f"task-{number}",
        "task": task,
        "metric": LABELS.get(task["metric"], task["metric"]),
        "figures": [
            figure_of(paths[kind], f"{task['title']}: {words}", f"t{number}-{kind}-")
            for kind, words in FIGURES.items()
            if kind in paths
        ],
        "table": verdict_table(task, mine["verdicts"], mine["differences"], about),
    }


def facts_of(tables, about):
    """Return the numbers that the introduction states."""
    verdicts, task_verdicts = tables["verdicts"], tables["task_verdicts"]
    return {
        "tasks": counted(len(about["tasks"]), "task"),
        "networks": counted(verdicts["model"].nunique(), "pretrained network"),
        "seeds": seeds_of(verdicts),
        "differs": int((task_verdicts["matches_published"] == "no").sum()),
        "published": int((task_verdicts["matches_published"] != "").sum()),
    }


def sections(tables, figures, about):
    """Return all that the template shows."""
    models, tasks = about["models"], about["tasks"]
    shared, files = split_runs(tables["runs"])
    label = "Pretrained network minus its best ablation or baseline, tasks against networks"
    heat_map = figures.get("heat_map")
    return {
        "facts": facts_of(tables, about),
        "task_verdicts": task_verdict_table(tables["task_verdicts"], tasks),
        "heat_map": figure_of(heat_map, label, "map-") if heat_map else None,
        "tasks": [task_section(i, t, tables, figures, models) for i, t in enumerate(tasks)],
        "controls": controls_table(tables["differences"], models, tasks),
        "datasets": plain_table("What each split holds", tables["datasets"]),
        "leaks": leaks_of(tables["datasets"]),
        "shared": shared,
        "files": files,
    }


def leaks_of(datasets):
    """Return the splits in which test sequences also stand in train or validation, in words."""
    if "leakage" not in datasets:
        return []
    rows = datasets[pd.to_numeric(datasets["leakage"]) > 0]
    return [f"{r['dataset']}/{r['split']} ({count(r['leakage'])})" for _, r in rows.iterrows()]


def write_page(path, tables, figures, about):
    """Write the page as one HTML file.

    tables: {task_verdicts, verdicts, differences, datasets, runs: table}; figures: {heat_map: path,
    tasks: {"dataset/split": {curves, bars, scaling: path}}}, SVG each; about: {models: {model: its
    `about`}, tasks: [dicts with dataset, split, title, metric, task_type and target]}.
    """
    loader = jinja2.FileSystemLoader(RESOURCES)
    settings = {"trim_blocks": True, "lstrip_blocks": True, "undefined": jinja2.StrictUndefined}
    environment = jinja2.Environment(loader=loader, autoescape=True, **settings)
    page = environment.get_template(TEMPLATE).render(sections(tables, figures, about))
    Path(path).write_text(page, encoding="utf-8")
