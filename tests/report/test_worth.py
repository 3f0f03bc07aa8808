"""What pretraining is worth, in sentences, cells and a figure."""

import pandas as pd
import pytest

from plmbench.compare.learning_curves import COLUMNS
from plmbench.report.learning_curves import draw_learning_curves
from plmbench.report.subjects import Subject
from plmbench.report.worth import overview_cell, worth_section, worth_sentences, worth_table

TASK = {"dataset": "d", "split": "s", "title": "A task", "metric": "accuracy"}
ABOUT = {"small": {"title": "Small"}, "large": {"title": "Large"}, "onehot": {"title": "one-hot"}}


def verdicts(*texts):
    """Return rows of verdicts with these worths."""
    numbers = [float(text.split()[0]) if text[0].isdigit() else float("nan") for text in texts]
    rows = zip(["small", "large", "small"], texts, numbers, strict=False)
    names = {"dataset": "d", "split": "s", "probe": "p", "pooling": "mean"}
    return pd.DataFrame(
        [names | {"model": m, "worth_text": text, "worth": number} for m, text, number in rows]
    )


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["8.3 [3.5, 20]"], "of 8.3 [3.5, 20] (Small): by"),
        (["8.3", "2.1 [1, 3]"], "of 2.1 [1, 3] (Large) to 8.3 (Small): by"),
        ([">= 16", "< 1"], "of < 1 (Large) to ≥ 16 (Small): by"),
        ([">= 16", "8.3"], "of 8.3 (Large) to ≥ 16 (Small): by"),
    ],
)
def test_a_sentence_names_the_least_and_the_most(texts, words):
    [sentence] = worth_sentences(verdicts(*texts), [TASK], ABOUT)
    assert sentence.startswith("On A task, pretraining is worth a factor in labels ")
    assert words in sentence


def test_without_learning_curves_nothing_is_said():
    bare = verdicts("1").drop(columns=["worth_text", "worth"])
    assert [*worth_sentences(bare, [TASK], ABOUT)] == []
    assert overview_cell(bare.iloc[0]) == {}
    assert overview_cell(verdicts(">= 16").iloc[0]) == {"worth in labels": ">= 16"}
    assert worth_section(None, {}, [TASK], ABOUT) == []


def curves():
    """Return the table of one network, with an ablation and a baseline."""
    rows = [
        {"dataset": "d", "split": "s", "probe": "p", "pooling": "mean", "model": "small"}
        | {"arm": arm, "role": role, "size": size, "labels": 100 * size, "seeds": 2, "n": 50}
        | {"value": value + size / 10, "sd": 0.02 if size < 1 else float("nan"), "reason": ""}
        | {"worth_text": ">= 4", "worth_reason": "", "best_reference": "onehot"}
        | {"description_ratio": 0.9}
        for arm, role, value in (
            ("pretrained", "network", 0.7),
            ("reinit", "ablation", 0.5),
            ("onehot", "baseline", 0.4),
        )
        for size in (0.25, 1.0)
    ]
    return pd.DataFrame(rows, columns=["dataset", "split", *COLUMNS])


def test_the_table_of_a_task_has_a_column_per_reference():
    table = worth_table(TASK, curves(), ABOUT)
    assert table.columns[2:6] == [
        "worth in labels",
        "best reference",
        "against reinit",
        "against one-hot",
    ]
    assert [cell.text for cell in table.rows[0]][2:] == ["≥ 4", "one-hot", "≥ 4", "≥ 4", "0.900"]


def test_the_figure_has_a_line_per_arm_on_an_axis_of_labels():
    figure = draw_learning_curves(curves(), Subject("accuracy", ABOUT, TASK))
    [axis] = [each for each in figure.axes if each.axison]
    assert axis.get_xscale() == "log"
    assert axis.get_xlabel() == "labels to learn from"
    drawn = {line.get_label(): line.get_xdata().tolist() for line in axis.get_lines()}
    assert list(drawn) == ["pretrained", "reinit (2 seeds)", "one-hot"]
    assert all(labels == [25, 100] for labels in drawn.values())
    assert len(axis.collections) == 3  # bands


def test_a_figure_without_scores_says_so():
    empty = curves().assign(value=float("nan"))
    figure = draw_learning_curves(empty, Subject("accuracy", ABOUT, TASK))
    assert "No score" in figure.axes[0].texts[0].get_text()
