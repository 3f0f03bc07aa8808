"""One page for the whole study: verdicts, figures, controls, data, and what was run. It is a file
by itself, read in a browser without a network, on a phone or on paper."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
import pandas as pd

from plmbench.core.facts import Models, TaskFacts
from plmbench.core.units import FEWEST_UNITS
from plmbench.core.verdicts import MEANINGS, NO
from plmbench.report.cells import Table, column_texts, in_words, plain_table
from plmbench.report.figure_files import FigureFiles
from plmbench.report.in_short import headline, points
from plmbench.report.networks import across_tasks, architectures_table
from plmbench.report.notes import notes_of, training_notes, why_no_rows
from plmbench.report.nudges import nudge_section
from plmbench.report.page_code import RESOURCES, scripts, style
from plmbench.report.page_data import datasets_table, in_words_of, warnings_of, words_of
from plmbench.report.page_distances import distance_section
from plmbench.report.page_parameters import parameters_section
from plmbench.report.page_tables import controls_table, networks_table, seeds_in_words, tasks_table
from plmbench.report.parts_section import parts_section
from plmbench.report.selectivity import section_of
from plmbench.report.style import quantity
from plmbench.report.subjects import anchor_of, metric_label, of_task, task_key
from plmbench.report.svg import inline_figure
from plmbench.report.worth import worth_section, worth_sentences

TEMPLATE = "page.html.jinja"
DISTANCES = "What pretraining adds, by distance of test sequences from the training set"
HEAT_MAP = "Pretrained network minus its best ablation or baseline, tasks against networks"

ACROSS_TASKS = "Mean gain of each network over all tasks, with 95 % intervals"

# task_verdicts, verdicts, differences, networks, architectures, datasets, runs, identity_bins,
# pretraining_overlap, and what else ran
Tables = Mapping[str, pd.DataFrame]
Section = dict[str, object]  # what the template shows


def split_runs(
    runs: pd.DataFrame, tasks: Sequence[TaskFacts]
) -> tuple[list[tuple[str, str]], Table]:
    """Return what all runs share as pairs of name and text, and the table of what differs, in the
    words of the tasks."""
    runs = in_words_of(runs, tasks)
    shared = [name for name in runs if runs[name].nunique() == 1] if len(runs) > 1 else []
    pairs = [(in_words(name), column_texts(runs[name])[0]) for name in shared]
    return pairs, plain_table("Embedding files, one row per file", runs.drop(columns=shared))


def figure_of(path: Path | str, label: str, prefix: str, words: str = "") -> dict[str, str]:
    """Return a figure for the template: its words, and its SVG."""
    words = f"{words[:1].upper()}{words[1:]}"
    return {"label": label, "words": words, "svg": inline_figure(path, label, prefix)}


def figure_of_study(files: FigureFiles, name: str, label: str) -> dict[str, str] | None:
    """Return a figure of the whole study for the template; None where it was not drawn."""
    return figure_of(files.study[name], label, f"{name}-") if name in files.study else None


def task_section(
    number: int,
    task: TaskFacts,
    tables: Tables,
    files: FigureFiles,
    models: Models,
    short: Sequence[str],
) -> Section:
    """Return what the template shows of one task; short: the sentences that are said of it."""
    dataset, split, paths = task["dataset"], task["split"], files.tasks.get(task_key(task), {})
    names = ("verdicts", "differences")
    verdicts, differences = (of_task(tables[name], dataset, split) for name in names)
    return {
        "id": anchor_of(number),
        "task": task,
        "short": short,
        "metric": metric_label(task["metric"]),
        "figures": [
            figure_of(paths[name], f"{task['title']}: {words}", f"t{number}-{name}-", words)
            for name, words in files.words.items()
            if name in paths
        ],
        "table": networks_table(task, verdicts, differences, models),
        "notes": [*notes_of(verdicts, differences, models), *training_notes(verdicts)],
    }


def introduction(tables: Tables, tasks: Sequence[TaskFacts], models: Models) -> Section:
    """Return what the page says in short, and other numbers that it states in sentences."""
    verdicts, matches = tables["verdicts"], tables["task_verdicts"]["matches_published"]
    return {
        "answer": headline(tables["task_verdicts"], tasks),
        "warnings": quantity(len(warnings_of(tables["datasets"], tasks)), "warning"),
        "worth": [*worth_sentences(verdicts, tasks, models)],
        "tasks": quantity(len(tasks), "task"),
        "fewest_units": str(FEWEST_UNITS),
        "no_rows": why_no_rows(tables["runs"]["ablation"]),
        "networks": quantity(verdicts["model"].nunique(), "pretrained network") + " compared",
        "seeds": seeds_in_words(verdicts),
        "differs": int((matches == NO).sum()),
        "published": int((matches != "").sum()),
    }


def selectivity_section(
    tables: Tables, files: FigureFiles, tasks: Sequence[TaskFacts], models: Models
) -> Section | None:
    """Return the section on selectivity; None where no probe ran on a control task."""
    if "selectivity" not in tables:
        return None
    return section_of(tables["selectivity"], files.of("selectivity"), tasks, models)


def networks_section(tables: Tables, files: FigureFiles, models: Models) -> Section:
    """Return what the template shows of networks over all tasks, and of their pretrainings."""
    return {
        "figure": figure_of_study(files, "networks", ACROSS_TASKS),
        "table": across_tasks(tables["networks"], models),
        "architectures": architectures_table(tables["architectures"], models),
    }


def sections(
    tables: Tables, files: FigureFiles, models: Models, tasks: Sequence[TaskFacts]
) -> Section:
    """Return all that the template shows."""
    shared, runs = split_runs(tables["runs"], tasks)
    near = figure_of_study(files, "distances", DISTANCES)
    short = [*points(tables, tasks, models)]
    said = {point.anchor: point.sentences for point in short}
    return {
        "words": words_of(tasks)._asdict(),
        "facts": introduction(tables, tasks, models) | {"points": short},
        "style": style(),
        "scripts": scripts(),
        "task_verdicts": tasks_table(tables["task_verdicts"], tasks),
        "meanings": [*MEANINGS.items()],
        "heat_map": figure_of_study(files, "heat_map", HEAT_MAP),
        "networks": networks_section(tables, files, models),
        "tasks": [
            task_section(i, task, tables, files, models, said.get(anchor_of(i), []))
            for i, task in enumerate(tasks)
        ],
        "worth": worth_section(
            tables.get("learning_curves"), files.of("learning_curves"), tasks, models
        ),
        "parts": parts_section(tables, files.of("parts"), models, tasks),
        "controls": controls_table(tables["differences"], models, tasks),
        "selectivity": selectivity_section(tables, files, tasks, models),
        "distance": {"figure": near, **distance_section(tables, tasks, models)},
        "datasets": datasets_table(tables["datasets"], tasks),
        "warnings": warnings_of(tables["datasets"], tasks),
        "parameters": parameters_section(tables, models),
        "nudges": nudge_section(tables, files.study, models),
        "shared": shared,
        "files": runs,
    }


def write_page(
    path: Path | str,
    tables: Tables,
    files: FigureFiles,
    models: Models,
    tasks: Sequence[TaskFacts],
) -> None:
    """Write the page as one HTML file.

    models: {model: its `about`}; tasks: with dataset, split, title, metric, task_type and target.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(RESOURCES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    page = environment.get_template(TEMPLATE).render(sections(tables, files, models, tasks))
    Path(path).write_text(page, encoding="utf-8")
