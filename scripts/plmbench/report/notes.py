"""What the numbers do not say by themselves: why there is no verdict, no interval, or no row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from plmbench.core.facts import Models
from plmbench.core.roles import ABLATION, BASELINE
from plmbench.core.selections import VALIDATION
from plmbench.core.training_data import IN_WORDS
from plmbench.core.verdicts import TOO_FEW, UNCLEAR
from plmbench.core.weights import PRETRAINED
from plmbench.report.subjects import title_of

NAMED = 3  # differences that a note names; it counts the rest
NO_NETWORK = "No pretrained network ran"
NOTHING = (
    "Nothing to compare with: a verdict needs a network that was pretrained to its end, and beside "
    "it a baseline such as `onehot` in `models` and an ablation such as `reinit-0` in `weights`"
)


def why_no_rows(ablations: pd.Series) -> str:
    """Return why no network has a verdict, from the column `ablation` of what ran."""
    return NOTHING if (ablations == PRETRAINED).any() else NO_NETWORK


def verdict_text(row: Mapping[str, Any]) -> str:
    """Return the verdict of a row of the tables of verdicts; one that lacks units says how many it
    needs."""
    lacks = row["verdict"] == TOO_FEW and row["units"] < row["units_needed"]
    needs = f" (needs {row['units_needed']:.0f})" if lacks else ""
    return f"{row['verdict']}{needs}"


# What it means that a reference is clearly better than the pretrained network, by its name.
BETTER = {
    "reinit": "a random network of this shape does better",
    "resample": "shuffled weights do better",
}


def better_text(name: str, titles: Mapping[str, str]) -> str:
    """Return in words that a reference is better than the pretrained network."""
    return BETTER.get(name, f"{titles.get(name, name)} does better")


def names_in(text: str) -> list[str]:
    """Return the names that a cell of a table lists."""
    return [name for name in str(text).split(", ") if name]


def remarks(row: Mapping[str, Any], titles: Mapping[str, str]) -> list[str]:
    """Return what belongs beside a verdict: what is better, over what there is no gain, which
    controls are ahead, how large a gain would have been found, and what a smaller one takes.

    Tables of earlier versions lack some of it.
    """
    ahead = names_in(row.get("ahead", ""))
    found = [better_text(name, titles) for name in ahead]
    equal = [titles.get(n, n) for n in names_in(row.get("no_gain_over", "")) if n not in ahead]
    found += [f"no gain over {' and '.join(equal)}"] if equal else []
    controls = [titles.get(name, name) for name in names_in(row.get("controls_ahead", ""))]
    found += [f"control ahead: {', '.join(controls)}"] if controls else []
    detectable = row.get("detectable_gain", np.nan)
    known = row["verdict"] in (UNCLEAR, TOO_FEW) and np.isfinite(detectable)
    source = row.get("most_noise", "")
    takes = f", a smaller gain with more {source}" if source else ""
    return found + ([f"would have found +{detectable:.2f}{takes}"] if known else [])


def some_named(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def notes_of(verdicts: pd.DataFrame, differences: pd.DataFrame, about: Models) -> Iterator[str]:
    """Yield a sentence for each reason why networks of a task have no verdict, or differences no
    interval; and where an interval is exact."""
    told = verdicts[verdicts["reason"] != ""]
    for (verdict, reason), rows in told.groupby(["verdict", "reason"], sort=False):
        names = dict.fromkeys(title_of(name, about) for name in rows["model"])
        yield f"{some_named([*names])}: {verdict}: {reason}."
    shown = differences["role"].isin([BASELINE, ABLATION]) & (differences["reason"] != "")
    differences = differences[shown & (differences["layer_selection"] == VALIDATION)]
    for reason, rows in differences.groupby("reason", sort=False):
        pairs = zip(rows["model"], rows["reference"], strict=True)
        names = dict.fromkeys(f"{title_of(a, about)} minus {title_of(b, about)}" for a, b in pairs)
        yield f"{some_named([*names])}: {reason}."


def training_notes(verdicts: pd.DataFrame) -> list[str]:
    """Return what the intervals of a task take the training data for, a sentence each."""
    return [f"{IN_WORDS[name]}." for name in dict.fromkeys(verdicts["training_data"])]
