"""What the positive control has to show, asked of the tables of a run and of the committed ones."""

from pathlib import Path

import pandas as pd

from plmbench.compare.tables import read_table
from plmbench.core.weights import parse_weights

TASKS = ("secondary_structure_reference", "secondary_structure_small")
ABLATIONS = ("reinit", "resample")
SEEDS = 3


def chosen(folder: Path, ablation: str) -> pd.DataFrame:
    """Return accuracy on test [task, seed] of one ablation, at the layer chosen on validation."""
    scores, arms = (read_table(folder / f"{name}.tsv") for name in ("scores", "arms"))
    arms = arms[(arms["layer_selection"] == "validation") & (arms["ablation"] == ablation)]
    of_ablation = scores["weights"].map(lambda text: parse_weights(text).ablation) == ablation
    scores = scores[of_ablation & (scores["subset"] == "test") & (scores["metric"] == "accuracy")]
    rows = scores.merge(arms[["dataset", "split", "model", "probe", "layer"]])
    return rows.pivot_table(index="dataset", columns="weights", values="value")


def check(folder: Path) -> None:
    """Assert that pretrained weights reach 0.70 on both tasks, and no seed of an ablation 0.55."""
    pretrained = chosen(folder, "pretrained")
    assert sorted(pretrained.index) == sorted(TASKS)
    assert pretrained.min(axis=None) >= 0.70
    for ablation in ABLATIONS:
        ablated = chosen(folder, ablation)
        assert ablated.shape == (len(TASKS), SEEDS)
        assert ablated.max(axis=None) <= 0.55
