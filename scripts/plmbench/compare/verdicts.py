"""The answer: one row per task and network, with its differences, correlations and verdict.

A network `benefits` where it is better than every ablation of itself and every baseline, by Holm's
p < 0.05. It has `no benefit` where the interval of one difference lies below `min_effect`: that
excludes a gain worth having. Where the chosen layer is the input embedding, the interval at the
last layer must lie below, too. In all other cases the data do not say: `unclear`. A task of fewer
test sequences than its metric needs has no verdict: `too few`. Whether the gain rises with size,
depth and pretraining are columns of their own.

An ablation that does not bear on the verdict (`in_verdict: false`) decides nothing: its differences
are columns, no more.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from plmbench.compare.bootstrap import holm
from plmbench.compare.correlations import complete, correlation_columns, correlations_by_network
from plmbench.compare.reasons import SIZE_COLUMNS, reason_of, size_columns, too_few
from plmbench.core.columns import NETWORK_ROW, SETTING
from plmbench.core.facts import Models
from plmbench.core.roles import ABLATION, BASELINE, CONTROL
from plmbench.core.selections import LAST, VALIDATION
from plmbench.core.verdicts import (
    BENEFITS,
    COUNTED,
    NO,
    NO_BENEFIT,
    TOO_FEW,
    UNCLEAR,
    YES,
)
from plmbench.core.weights import PRETRAINED

SIGNIFICANCE = 0.05
FIRST_COLUMNS = [*NETWORK_ROW, "metric", "n", *SIZE_COLUMNS, "seeds", "layer", "value"]
LAST_COLUMNS = ["controls_ahead", "reason", "verdict"]
TASK_VERDICT_COLUMNS = [*SETTING, "metric", *SIZE_COLUMNS, "models", *COUNTED.values()]
TASK_VERDICT_COLUMNS += ["verdict", "published_verdict", "matches_published"]
Row = dict[str, object]


def bears_on_verdict(differences: pd.DataFrame, in_verdict: Mapping[str, bool]) -> pd.Series:
    """Tell of each difference whether its reference bears on the verdict: every baseline, and every
    ablation but those that `in_verdict` {ablation: bool} leaves out. Controls never do."""
    left_out = [ablation for ablation, bears in in_verdict.items() if not bears]
    kept = (differences["role"] == ABLATION) & ~differences["reference"].isin(left_out)
    return kept | (differences["role"] == BASELINE)


def with_holm(differences: pd.DataFrame, in_verdict: Mapping[str, bool]) -> pd.DataFrame:
    """Return differences with the columns p_holm and in_verdict (`yes` or `no`).

    p is corrected over all tasks, networks and references that bear on a verdict, for each
    selection of the layer by itself. The others are not tested: their p_holm is NaN.
    """
    bears = bears_on_verdict(differences, in_verdict)
    differences = differences.assign(p_holm=np.nan, in_verdict=np.where(bears, YES, NO))
    for _, rows in differences[bears].groupby("layer_selection"):
        differences.loc[rows.index, "p_holm"] = holm(rows["p"])
    return differences


def verdict_of(references: pd.DataFrame, min_effect: float) -> str:
    """Return the verdict of one network on one task.

    references: its rows of `deciding_differences`.
    """
    if not {BASELINE, ABLATION} <= set(references["role"]):
        return UNCLEAR
    if (references["high"] < min_effect).any():
        return NO_BENEFIT
    if not ((references["p_holm"] < SIGNIFICANCE) & (references["difference"] > 0)).all():
        return UNCLEAR
    return BENEFITS


def deciding_differences(own_rows: pd.DataFrame, layer: float) -> pd.DataFrame:
    """Return the differences of one network that decide its verdict, at the layer chosen.

    The ablations keep layer 0, so that there a network equals them whatever its blocks learned, and
    which layer is best is known from few examples. An upper bound there is the larger one of this
    and the last layer's.
    """
    deciding = own_rows[own_rows["in_verdict"] == YES].set_index("reference")
    chosen = deciding[deciding["layer_selection"] == VALIDATION]
    if layer > 0:
        return chosen
    last = deciding[deciding["layer_selection"] == LAST]
    last = last.reindex(chosen.index)
    return chosen.assign(
        high=np.maximum(chosen["high"], last["high"]),
        reason=chosen["reason"].where(chosen["high"].isna(), last["reason"]),
    )


def difference_columns(own_rows: pd.DataFrame) -> Row:
    """Return the differences of one network as columns: `minus_onehot`, `_low`, `_high`, and `_p`
    where it bears on the verdict."""
    columns: Row = {}
    for _, row in own_rows.iterrows():
        name = f"minus_{row['reference'].replace(' ', '_')}"
        name += "" if row["layer_selection"] == VALIDATION else "_last_layer"
        fields = {"": "difference", "_low": "low", "_high": "high"}
        fields |= {"_p": "p_holm"} if row["in_verdict"] == YES else {}  # others are not tested
        columns |= {name + suffix: row[field] for suffix, field in fields.items()}
    return columns


def value_columns(own_arms: pd.DataFrame) -> dict[str, float]:
    """Return layer, value and interval of one pretrained network at the layer chosen on validation,
    and at the last one."""
    columns = {}
    for layer_selection, names in (
        (VALIDATION, ("layer", "value", "low", "high")),
        (LAST, ("last_layer", "value_last_layer", "low_last_layer", "high_last_layer")),
    ):
        row = own_arms[own_arms["layer_selection"] == layer_selection]
        for name, field in zip(names, ("layer", "value", "low", "high"), strict=True):
            columns[name] = row[field].iloc[0] if len(row) else np.nan
    return columns


def rows_named(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows of a table that have these values in the columns NETWORK_ROW."""
    return table[(table[NETWORK_ROW] == pd.Series(names)).all(axis=1)]


def fewest_seeds(own_rows: pd.DataFrame) -> int:
    """Return the seeds of the ablation in the verdict that has fewest; 0 without any."""
    ablations = (own_rows["role"] == ABLATION) & (own_rows["in_verdict"] == YES)
    return int(min(own_rows["seeds"][ablations], default=0))


def controls_ahead_of(own_rows: pd.DataFrame) -> str:
    """Return the names of the controls that are ahead of a network at its chosen layer."""
    chosen = own_rows[own_rows["layer_selection"] == VALIDATION]
    ahead = chosen[(chosen["role"] == CONTROL) & (chosen["difference"] < 0)]
    return ", ".join(ahead["reference"])


def network_row(
    names: Mapping[str, str],
    own_rows: pd.DataFrame,
    arms: pd.DataFrame,
    correlations: pd.DataFrame,
    min_effect: float,
) -> Row:
    """Return the row of one task, probe, pooling and network, whose differences are `own_rows`."""
    own_arms, own_correlations = rows_named(arms, names), rows_named(correlations, names)
    own_arms = own_arms[own_arms["ablation"] == PRETRAINED]
    values, sizes = value_columns(own_arms), size_columns(own_rows)
    deciding = deciding_differences(own_rows, values["layer"])
    verdict = verdict_of(deciding, min_effect)
    reason = reason_of(verdict, deciding, own_arms)
    if sizes["units"] < sizes["units_needed"]:
        verdict, reason = TOO_FEW, too_few(sizes)
    return (
        dict(names)
        | {"metric": own_rows["metric"].iloc[0], "n": own_rows["n"].iloc[0]}
        | sizes
        | {"seeds": fewest_seeds(own_rows)}
        | values
        | difference_columns(own_rows)
        | correlation_columns(own_correlations)
        | {"controls_ahead": controls_ahead_of(own_rows)}
        | {"reason": reason, "verdict": verdict}
    )


def verdict_table(
    arms: pd.DataFrame,
    differences: pd.DataFrame,
    correlations: pd.DataFrame,
    about: Models,
    min_effect: float,
) -> pd.DataFrame:
    """Return the table: one row per task, probe, pooling and network pretrained to the end.

    arms, differences (`with_holm`), correlations: of all tasks; about: {model: its `about`}.
    """
    networks = {model: facts for model, facts in about.items() if complete(facts)}
    correlations = correlations_by_network(correlations, networks)
    groups = differences[differences["model"].isin(networks)].groupby(NETWORK_ROW, sort=False)
    rows = [
        network_row(
            dict(zip(NETWORK_ROW, key, strict=True)), own_rows, arms, correlations, min_effect
        )
        for key, own_rows in groups
    ]
    table = pd.DataFrame(rows, columns=None if rows else [*FIRST_COLUMNS, *LAST_COLUMNS])
    return table[[*table.columns.difference(LAST_COLUMNS, sort=False), *LAST_COLUMNS]]


def verdict_of_most(counts: pd.Series) -> str:
    """Return the verdict that most networks have, from {verdict: count}; `unclear` on a tie."""
    most = counts[counts == counts.max()].index
    return most[0] if len(most) == 1 else UNCLEAR


def task_verdict_table(verdicts: pd.DataFrame, published: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per task, probe and pooling: how many networks have each verdict, the one that
    most have (`unclear` on a tie), and the published study's.

    published: {"dataset/split": verdict}, where the study has one.
    """
    rows = []
    for key, own_rows in verdicts.groupby(SETTING, sort=False):
        names, counts = dict(zip(SETTING, key, strict=True)), own_rows["verdict"].value_counts()
        verdict = verdict_of_most(counts)
        study = published.get(f"{names['dataset']}/{names['split']}", "")
        matches = "" if not study else YES if study == verdict else NO
        rows.append(
            names
            | own_rows[["metric", *SIZE_COLUMNS]].iloc[0].to_dict()
            | {"models": len(own_rows)}
            | {column: int(counts.get(name, 0)) for name, column in COUNTED.items()}
            | {"verdict": verdict, "published_verdict": study, "matches_published": matches}
        )
    return pd.DataFrame(rows, columns=TASK_VERDICT_COLUMNS)
