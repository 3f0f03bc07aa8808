"""What the verdicts of networks come to for a task, beside the published study's."""

from collections.abc import Mapping

import pandas as pd

from plmbench.compare.reasons import SIZE_COLUMNS
from plmbench.core.columns import SETTING
from plmbench.core.verdicts import COUNTED, NO, UNCLEAR, YES

TASK_VERDICT_COLUMNS = [*SETTING, "metric", *SIZE_COLUMNS, "models", *COUNTED.values(), "verdict"]
TASK_VERDICT_COLUMNS += ["published_rule", "published_verdict", "matches_published"]


def most_frequent(words: pd.Series, on_tie: str) -> str:
    """Return the word that most networks have."""
    counts = words.value_counts()
    most = counts[counts == counts.max()].index
    return most[0] if len(most) == 1 else on_tie


def task_verdict_table(verdicts: pd.DataFrame, published: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per task, probe and pooling: how many networks have each verdict, the one that
    most have (`unclear` on a tie), and what the published study and its rule come to.

    published: {"dataset/split": verdict}, where the study has one. It is compared with the verdict
    that most networks have by the study's own rule.
    """
    rows = []
    for key, own_rows in verdicts.groupby(SETTING, sort=False):
        names, counts = dict(zip(SETTING, key, strict=True)), own_rows["verdict"].value_counts()
        rule = most_frequent(own_rows["published_rule"], "")
        study = published.get(f"{names['dataset']}/{names['split']}", "")
        matches = "" if not (study and rule) else YES if study == rule else NO
        rows.append(
            names
            | own_rows[["metric", *SIZE_COLUMNS]].iloc[0].to_dict()
            | {"models": len(own_rows)}
            | {column: int(counts.get(name, 0)) for name, column in COUNTED.items()}
            | {"verdict": most_frequent(own_rows["verdict"], UNCLEAR), "published_rule": rule}
            | {"published_verdict": study, "matches_published": matches}
        )
    return pd.DataFrame(rows, columns=TASK_VERDICT_COLUMNS)
