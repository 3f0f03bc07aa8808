"""The figure and the section on selectivity: panels, words and numbers."""

import pandas as pd
import pytest

from plmbench.report.selectivity import best_rows, draw_selectivity, section_of, write_figure
from plmbench.report.subjects import Subject

TASK = {"dataset": "d", "split": "s", "title": "Toy", "metric": "accuracy", "target": "class"}
ABOUT = {"small": {"title": "Small", "role": "network"}, "large": {"role": "network"}}


def rows(model, scores, control):
    return pd.DataFrame(
        {
            "dataset": "d",
            "split": "s",
            "model": model,
            "ablation": "pretrained",
            "pooling": "mean",
            "probe": "logistic",
            "layer": range(len(scores)),
            "metric": "accuracy",
            "n": 10,
            "score": scores,
            "control_score": control,
        }
    ).assign(selectivity=lambda table: table["score"] - table["control_score"])


TABLE = pd.concat([rows("small", [0.5, 0.7], [0.9, 0.2]), rows("large", [0.4, 0.6], [0.8, 0.7])])
TABLE = TABLE.reset_index(drop=True)


def test_one_panel_per_network_shows_task_and_control_task():
    figure = draw_selectivity(TABLE, Subject("accuracy", ABOUT, TASK))
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == ["Small\nlogistic, mean pooling", "large\nlogistic, mean pooling"]
    lines = {line.get_label(): list(line.get_ydata()) for line in figure.axes[0].lines}
    assert lines == {"task": [0.5, 0.7], "control task": [0.9, 0.2]}


def test_no_row_is_said_in_words():
    figure = draw_selectivity(TABLE.iloc[:0], Subject("accuracy", ABOUT, TASK))
    assert "No probe was run on the control task" in figure.axes[0].texts[0].get_text()


def test_the_best_layer_is_that_of_the_score():
    assert best_rows(TABLE)["layer"].tolist() == [1, 1]
    lower = TABLE.assign(metric="cross_entropy")
    assert best_rows(lower)["layer"].tolist() == [0, 0]


def test_the_section_counts_rows_and_shows_what_was_drawn(tmp_path):
    path = tmp_path / "figure.svg"
    write_figure(path, {"selectivity": TABLE}, [TASK], ABOUT)
    section = section_of(TABLE, {"d/s": path}, [TASK], ABOUT)
    assert section["words"].startswith("In 1 of 2 rows ")
    assert [row[-1].text for row in section["table"].rows] == ["0.500", "−0.100"]
    (figure,) = section["figures"]
    assert figure["label"] == "Toy: accuracy (share) on task and control task"
    assert figure["svg"].startswith("<svg")
    assert section_of(TABLE, {}, [TASK], ABOUT)["figures"] == []


@pytest.mark.parametrize("title", ["A & B", "<b>"])
def test_names_of_users_are_drawn_as_they_are(title, tmp_path):
    path = tmp_path / "figure.svg"
    write_figure(path, {"selectivity": TABLE}, [TASK | {"title": title}], ABOUT)
    assert title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in path.read_text()
