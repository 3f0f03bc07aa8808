"""Which figures a study has: one declaration per kind, and nothing else names them."""

import pytest

from helpers.configurations import CLASSES, GB1, study
from helpers.studies import ROOT
from plmbench.study import figures

TASKS = [f"{GB1}/sampled", f"{CLASSES}/extract"]


def test_figures_of_a_kind_are_together_and_in_the_order_of_the_tasks():
    made = study(tasks=TASKS)
    bars = [file for file in figures.drawn(made) if file.figure.module == "bars"]
    assert [(file.path, file.task) for file in bars] == [
        (f"results/figures/{GB1}/sampled.bars.svg", TASKS[0]),
        (f"results/figures/{CLASSES}/extract.bars.svg", TASKS[1]),
    ]
    assert "results/figures/heat_map.svg" in figures.paths(made)


@pytest.mark.parametrize("name", ["learning_curves", "parts", "selectivity", "spread"])
def test_what_a_study_does_not_ask_for_is_neither_drawn_nor_read(name):
    made = study(tasks=TASKS, controls=[])
    assert not [path for path in figures.paths(made) if name in path]
    assert f"results/tables/{name}.tsv" not in figures.tables(made)
    assert f"plmbench.report.{name}" not in figures.modules_of(made)


@pytest.mark.parametrize("figure", [*figures.FIGURES, *figures.NUDGES], ids=lambda f: f.module)
def test_each_kind_has_its_module_and_its_caption(figure):
    assert (ROOT / f"scripts/plmbench/report/{figure.module}.py").exists()
    assert (ROOT / f"resources/report/{figure.caption or figure.module}.rst").exists()


def test_the_job_is_told_of_its_files_in_their_order():
    made = study(tasks=TASKS)
    told = [(each["figure"], each["task"]) for each in figures.described(made)]
    assert told == [(file.figure.module, file.task) for file in figures.drawn(made)]
