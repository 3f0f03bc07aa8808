"""The answer: one row per task and network, with its differences, correlations and verdict.

decisions.py has the tests behind it. In this order, the first that holds: a network has

- `not assessable`, where a number that the verdict needs is missing;
- `too few`, where there are fewer test units than the metric needs;
- `unclear`, where an ablation has fewer than three seeds;
- `worse`, where one of its references is clearly better;
- `no benefit`, where a gain worth having over one of them is excluded;
- `benefits`, where it is better than all of them;
- `too few`, where not even a large gain would have been found; else `unclear`.

Whether the gain rises with size, depth and pretraining are columns of their own.

An ablation that does not bear on the verdict (`in_verdict: false`) decides nothing: its differences
are columns, no more.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from plmbench.compare.bootstrap import holm
from plmbench.compare.correlations import complete, correlation_columns, correlations_by_network
from plmbench.compare.decisions import (
    FEWEST_SEEDS,
    ahead,
    no_gain_over,
    p_of_benefit,
)
from plmbench.compare.limits import Detectable, detectable_gain
from plmbench.compare.published import published_rule
from plmbench.compare.reasons import (
    SIZE_COLUMNS,
    missing,
    not_found,
    size_columns,
    too_few,
    too_few_seeds,
    without_margin,
)
from plmbench.compare.refits import of_all
from plmbench.compare.shares import Share, unknown_share
from plmbench.core.axes import AXES
from plmbench.core.columns import NETWORK_ROW
from plmbench.core.facts import Models
from plmbench.core.metrics import METRICS
from plmbench.core.roles import ABLATION, CONTROL
from plmbench.core.selections import LAST, VALIDATION
from plmbench.core.verdicts import (
    ALPHA,
    BENEFITS,
    NO_BENEFIT,
    NOT_ASSESSABLE,
    TOO_FEW,
    UNCLEAR,
    WORSE,
    YES,
)
from plmbench.core.weights import PRETRAINED

FIRST_COLUMNS = [*NETWORK_ROW, "metric", "n", *SIZE_COLUMNS, "seeds", "layer", "value"]
LAST_COLUMNS = ["p_benefits", "detectable_gain", "most_noise", "min_effect", "training_data"]
LAST_COLUMNS += [*Share._fields, "ahead", "no_gain_over", "controls_ahead", "published_rule"]
LAST_COLUMNS += ["reason", "verdict"]
OF_ERROR = ("most_noise", "test_error", "seed_error")  # what an error is made of
Row = dict[str, Any]


class Judged(NamedTuple):
    """What is known of a network beside the rows of its differences."""

    sizes: Mapping[str, int]
    missing: str  # which numbers are, and why
    min_effect: float
    p_benefits: float
    detectable: Detectable
    metric: str


def verdict_of(deciding: pd.DataFrame, judged: Judged) -> tuple[str, str]:
    """Return the verdict of one network, and its reason where no number says it.

    deciding: its rows of `deciding_differences`.
    """
    large = METRICS[judged.metric].large_effect
    sizes, seeds = judged.sizes, too_few_seeds(deciding, FEWEST_SEEDS)
    unset = without_margin(judged.metric) if np.isnan(judged.min_effect) else ""
    rules = (  # the first one that holds
        (sizes["units"] < sizes["units_needed"], TOO_FEW, too_few(sizes)),
        (bool(judged.missing), NOT_ASSESSABLE, judged.missing),
        (bool(seeds), UNCLEAR, seeds),
        (bool(ahead(deciding)), WORSE, ""),
        (bool(no_gain_over(deciding)), NO_BENEFIT, ""),
        (judged.p_benefits < ALPHA, BENEFITS, ""),
        (judged.detectable.gain > large, TOO_FEW, not_found(large, judged.detectable)),
    )
    found = ((verdict, reason) for holds, verdict, reason in rules if holds)
    return next(found, (UNCLEAR, unset))


def deciding_differences(own_rows: pd.DataFrame) -> pd.DataFrame:
    """Return the differences of one network that decide its verdict, at the layer chosen.

    Where that is the input embedding, which ablations keep, a difference is no clearer and no
    better known than that of the last layer: see `sound_at_input`.
    """
    deciding = own_rows[own_rows["in_verdict"] == YES]
    chosen = deciding[deciding["layer_selection"] == VALIDATION]
    last = deciding[deciding["layer_selection"] == LAST].set_index("reference")
    last = last.reindex(chosen["reference"]).set_axis(chosen.index)
    at_input = chosen["layer"] == 0
    stricter = {
        name: chosen[name].mask(at_input, np.maximum(chosen[name], last[name]))
        for name in ("p_holm", "error", "high")
    }
    larger = at_input & (last["error"] > chosen["error"])
    stricter |= {name: chosen[name].mask(larger, last[name]) for name in OF_ERROR}
    reason = chosen["reason"].where(~at_input | chosen["high"].isna(), last["reason"])
    return chosen.assign(**stricter, reason=reason)


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
    """Return the names of the controls that are clearly better than a network at its layer."""
    chosen = own_rows[own_rows["layer_selection"] == VALIDATION]
    return ahead(chosen[chosen["role"] == CONTROL])


def share_columns(deciding: pd.DataFrame) -> Row:
    """Return the share of the gain over one-hot that is due to pretraining: what the better one of
    the ablations leaves of it."""
    ablations = deciding[(deciding["role"] == ABLATION) & deciding["difference"].notna()]
    if ablations.empty:
        return unknown_share("no ablation to compare with")._asdict()
    better = ablations.loc[ablations["difference"].idxmin()]
    return better[[*Share._fields]].to_dict()


def rho_of_score(own_rows: pd.DataFrame) -> dict[str, float]:
    """Return {axis: rank correlation of the score}, as the published rule reads it."""
    found = own_rows.set_index("axis")["score_rho"]
    return {axis: float(found.get(axis, np.nan)) for axis in AXES}


def network_row(
    names: Mapping[str, str],
    own_rows: pd.DataFrame,
    arms: pd.DataFrame,
    correlations: pd.DataFrame,
    min_effect: Mapping[str, float],
) -> Row:
    """Return the row of one task, probe, pooling and network, whose differences are `own_rows`, but
    for what depends on other rows; see `verdict_table`."""
    own_arms, own_correlations = rows_named(arms, names), rows_named(correlations, names)
    own_arms = own_arms[own_arms["ablation"] == PRETRAINED]
    deciding, sizes = deciding_differences(own_rows), size_columns(own_rows)
    lacking, metric = missing(deciding, own_arms), own_rows["metric"].iloc[0]
    tested = not lacking and sizes["units"] >= sizes["units_needed"]
    return (
        dict(names)
        | {"metric": metric, "n": own_rows["n"].iloc[0]}
        | sizes
        | {"seeds": fewest_seeds(own_rows)}
        | value_columns(own_arms)
        | difference_columns(own_rows)
        | correlation_columns(own_correlations)
        | {"p_benefits": p_of_benefit(deciding) if tested else np.nan}
        | {"min_effect": min_effect.get(metric, np.nan)}
        | {"training_data": of_all(deciding["training_data"])}
        | share_columns(deciding)
        | {"ahead": ahead(deciding), "no_gain_over": no_gain_over(deciding)}
        | {"controls_ahead": controls_ahead_of(own_rows)}
        | {"published_rule": published_rule(own_rows, rho_of_score(own_correlations))}
        | {"missing": lacking, "deciding": deciding}
    )


def judge(rows: list[Row]) -> None:
    """Fill in of each network what depends on how many there are: its p, the gain that would have
    been found, and the verdict with its reason."""
    p_benefits = holm([row["p_benefits"] for row in rows])
    tested = int(np.isfinite(p_benefits).sum())
    for row, p in zip(rows, p_benefits, strict=True):
        deciding = row.pop("deciding")
        sizes = {name: row[name] for name in SIZE_COLUMNS}
        large = METRICS[row["metric"]].large_effect
        detectable = detectable_gain(deciding, tested if np.isfinite(p) else 0, large)
        facts = sizes, row.pop("missing"), row["min_effect"], p, detectable, row["metric"]
        verdict, reason = verdict_of(deciding, Judged(*facts))
        row |= {"p_benefits": p, "detectable_gain": detectable.gain}
        row["most_noise"] = detectable.most_noise
        row |= {"reason": reason, "verdict": verdict}


def verdict_table(
    arms: pd.DataFrame,
    differences: pd.DataFrame,
    correlations: pd.DataFrame,
    about: Models,
    min_effect: Mapping[str, float],
) -> pd.DataFrame:
    """Return the table: one row per task, probe, pooling and network pretrained to the end.

    arms, differences (`with_holm`), correlations: of all tasks; about: {model: its `about`};
    min_effect: {metric: the smallest gain worth having}.
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
    judge(rows)
    table = pd.DataFrame(rows, columns=None if rows else [*FIRST_COLUMNS, *LAST_COLUMNS])
    return table[[*table.columns.difference(LAST_COLUMNS, sort=False), *LAST_COLUMNS]]
