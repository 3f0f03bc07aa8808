"""The answer: a row a task and network, with its differences, correlations and verdict.

A network `benefits` where it is better than every ablation of itself and every baseline, by Holm's
p < 0.05. It `scales` where besides each rank correlation that was measured (with size, depth,
pretraining) has an interval above 0. It has `no benefit` where a gain worth having over one of them
is excluded: an interval below `min_effect`, of a network whose chosen layer is the input
embedding at the last layer, too. Else the data do not say: `unclear`.
"""

import numpy as np
import pandas as pd

from plmbench.compare.bootstrap import holm
from plmbench.compare.correlations import complete
from plmbench.core.roles import ABLATION, BASELINE, CONTROL
from plmbench.core.weights import PRETRAINED

SCALES, BENEFITS, NO_BENEFIT, UNCLEAR = "scales", "benefits", "no benefit", "unclear"
COUNTED = {name: name.replace(" ", "_") for name in (SCALES, BENEFITS, NO_BENEFIT, UNCLEAR)}
LEVEL = 0.05
TASK = ["dataset", "split", "probe", "pooling"]
ROW = [*TASK, "model"]
FIRST, LAST = [*ROW, "metric", "n", "seeds", "layer", "value"], ["controls_ahead", "verdict"]
AXES = ("size", "depth", "pretraining", "loss")
DECIDING = ("size", "depth", "pretraining")


def corrected(differences):
    """Return differences with a column p_holm: corrected over all tasks, networks and references,
    baselines and ablations, each selection of the layer for itself. Controls are not tested."""
    differences = differences.assign(p_holm=np.nan)
    tested = differences["role"].isin([BASELINE, ABLATION])
    for _, rows in differences[tested].groupby("layer_selection"):
        differences.loc[rows.index, "p_holm"] = holm(rows["p"])
    return differences


def verdict_of(references, correlations, min_effect):
    """Return the verdict of one network on one task.

    references: its rows of `references_of`; correlations: its rows of the scaling table, one for
    each axis with points enough, which is NaN where all of them are equal.
    """
    if not {BASELINE, ABLATION} <= set(references["role"]):
        return UNCLEAR
    if (references["high"] < min_effect).any():
        return NO_BENEFIT
    if not ((references["p_holm"] < LEVEL) & (references["difference"] > 0)).all():
        return UNCLEAR
    deciding = correlations[correlations["axis"].isin(DECIDING)]
    return SCALES if len(deciding) and (deciding["low"] > 0).all() else BENEFITS


def references_of(mine, layer):
    """Return the differences of one network to baselines and ablations at the layer chosen.

    The ablations keep layer 0, so that there a network equals them whatever its blocks learned, and
    which layer is best is known from few examples. An upper bound there is the larger one of this
    and the last layer's.
    """
    mine = mine[mine["role"].isin([BASELINE, ABLATION])].set_index("reference")
    best, last = (
        mine[mine["layer_selection"] == "validation"],
        mine[mine["layer_selection"] == "last"],
    )
    if layer > 0:
        return best
    return best.assign(high=np.maximum(best["high"], last["high"].reindex(best.index)))


def differences_of(mine):
    """Return the differences of one network as columns: `minus_onehot`, `_low`, `_high`, and but
    for controls `_p`."""
    columns = {}
    for _, row in mine.iterrows():
        name = f"minus_{row['reference'].replace(' ', '_')}"
        name += "" if row["layer_selection"] == "validation" else "_last_layer"
        fields = {"": "difference", "_low": "low", "_high": "high"}
        fields |= {} if row["role"] == CONTROL else {"_p": "p_holm"}  # controls are not tested
        columns |= {name + suffix: row[field] for suffix, field in fields.items()}
    return columns


def correlations_of(mine):
    """Return the rank correlations of one network as columns: `rho_size`, `rho_size_low`, ...."""
    columns = {}
    for axis in AXES:
        rows = mine[mine["axis"] == axis]
        for suffix, field in (("", "correlation"), ("_low", "low"), ("_high", "high")):
            columns[f"rho_{axis}{suffix}"] = rows[field].iloc[0] if len(rows) else np.nan
    return columns


def levels_of(mine):
    """Return layer, value and interval of one network at the best and at the last layer."""
    columns = {}
    for layer_selection, suffix in (("validation", ""), ("last", "_last_layer")):
        row = mine[mine["layer_selection"] == layer_selection]
        for field in ("layer", "value", "low", "high"):
            name = (
                f"last_{field}"
                if layer_selection == "last" and field == "layer"
                else field + suffix
            )
            columns[name] = row[field].iloc[0] if len(row) else np.nan
    return columns


def of_networks(scaling, about):
    """Return the scaling table by network: each has the row of its series, of the checkpoints of
    its pretraining, and of its own depth."""
    rows = []
    for model, facts in about.items():
        network = facts.get("network", model)
        names = {"size": facts.get("series"), "depth": model}
        names |= {"pretraining": network, "loss": network}
        mine = scaling["model"] == scaling["axis"].map(names)
        rows.append(scaling[mine].assign(model=model))
    return pd.concat(rows, ignore_index=True) if rows else scaling.iloc[:0]


def rows_of(table, names):
    """Return the rows of a table that have these values in the columns ROW."""
    return table[(table[ROW] == pd.Series(names)).all(axis=1)]


def verdict_row(names, mine, arms, scaling, min_effect):
    """Return the row of one task, probe, pooling and network, whose differences are `mine`."""
    best = mine[mine["layer_selection"] == "validation"]
    ahead = best[(best["role"] == CONTROL) & (best["difference"] < 0)]
    pretrained, correlations = rows_of(arms, names), rows_of(scaling, names)
    levels = levels_of(pretrained[pretrained["ablation"] == PRETRAINED])
    references = references_of(mine, levels["layer"])
    return (
        names
        | {"metric": mine["metric"].iloc[0], "n": mine["n"].iloc[0]}
        | {"seeds": int(min(mine["seeds"][mine["role"] == ABLATION], default=0))}
        | levels
        | differences_of(mine)
        | correlations_of(correlations)
        | {"controls_ahead": ", ".join(ahead["reference"])}
        | {"verdict": verdict_of(references, correlations, min_effect)}
    )


def verdict_table(arms, differences, scaling, about, min_effect):
    """Return the table: a row a task, probe, pooling and network pretrained to the end.

    arms, differences (with p_holm), scaling: of all tasks; about: {model: its `about`}.
    """
    whole = {model: facts for model, facts in about.items() if complete(facts)}
    scaling = of_networks(scaling, whole)
    groups = differences[differences["model"].isin(whole)].groupby(ROW, sort=False)
    rows = [
        verdict_row(dict(zip(ROW, key, strict=True)), mine, arms, scaling, min_effect)
        for key, mine in groups
    ]
    table = pd.DataFrame(rows, columns=None if rows else [*FIRST, *LAST])
    return table[[*table.columns.difference(LAST, sort=False), *LAST]]


def task_verdict_table(verdicts, published):
    """Return a row a task, probe and pooling: how many networks have each verdict, the one that
    most have (`unclear` on a tie), and the published study's.

    published: {"dataset/split": verdict}, where the study has one.
    """
    rows = []
    for key, mine in verdicts.groupby(TASK, sort=False):
        names, counts = dict(zip(TASK, key, strict=True)), mine["verdict"].value_counts()
        first = counts[counts == counts.max()].index
        verdict = first[0] if len(first) == 1 else UNCLEAR
        study = published.get(f"{names['dataset']}/{names['split']}", "")
        rows.append(
            names
            | {"metric": mine["metric"].iloc[0], "models": len(mine)}
            | {COUNTED[name]: int(counts.get(name, 0)) for name in COUNTED}
            | {"verdict": verdict, "published_verdict": study}
            | {"matches_published": "" if not study else "yes" if study == verdict else "no"}
        )
    columns = [
        *TASK,
        "metric",
        "models",
        *COUNTED.values(),
        "verdict",
        "published_verdict",
        "matches_published",
    ]
    return pd.DataFrame(rows, columns=columns)
