"""All figures of a study, drawn one after another: each has a module of its own here."""

from collections.abc import Mapping, Sequence
from importlib import import_module

from plmbench.core.facts import Models, TaskFacts
from plmbench.core.logs import log
from plmbench.report.subjects import Tables, task_key


def draw_all(
    paths: Sequence[str],
    figures: Sequence[Mapping],
    tables: Tables,
    tasks: Sequence[TaskFacts],
    about: Models,
) -> None:
    """Write each figure to its path.

    figures: {"figure": its module, "tables": those it is drawn from, "task": `dataset/split`, or
    "" for all}.
    """
    for path, asked in zip(paths, figures, strict=True):
        log.info("drawing %s", path)
        own_tables = {name: tables[name] for name in asked["tables"]}
        own_tasks = [task for task in tasks if asked["task"] in ("", task_key(task))]
        module = import_module(f"plmbench.report.{asked['figure']}")
        module.write_figure(path, own_tables, own_tasks, about)
