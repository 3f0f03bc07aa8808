"""Tables of differences, arms and correlations as `compare` writes them, and their verdicts."""

import numpy as np
import pandas as pd

from plmbench.compare.correlations import CORRELATION_COLUMNS, with_trends
from plmbench.compare.decisions import with_holm
from plmbench.compare.differences import ARM_COLUMNS, DIFFERENCE_COLUMNS
from plmbench.compare.verdicts import verdict_table

WHERE = {"dataset": "toy", "split": "first", "probe": "ridge", "pooling": "mean"}
GAIN = {"difference": 0.2, "low": 0.1, "high": 0.3, "p": 0.001, "p_holm": 0.004}
NONE = {"difference": 0.0, "low": -0.1, "high": 0.1, "p": 0.9, "p_holm": 1.0}
EXCLUDED = {"difference": -0.05, "low": -0.1, "high": 0.005, "p": 0.2, "p_holm": 0.4}
WORSE = {"difference": -0.2, "low": -0.3, "high": -0.1, "p": 0.001, "p_holm": 0.004}
UNDEFINED = dict.fromkeys(GAIN, np.nan)
ROLES = {"onehot": "baseline", "reinit": "ablation", "resample": "ablation", "length": "control"}
ROLES |= {"reinit_heads": "ablation"}
KNOWN = {"units": 300, "defined": 1.0, "reason": ""}
MIN_EFFECT = 0.01


def references(**found):
    """Return rows of differences to these references."""
    return pd.DataFrame(
        [
            {
                "role": ROLES[name],
                "reference": name,
                "layer_selection": "validation",
                "reason": "",
                **row,
            }
            for name, row in found.items()
        ],
        columns=["role", "reference", "layer_selection", *GAIN, "reason"],
    )


ALL = {"onehot": GAIN, "reinit": GAIN, "resample": GAIN}


def differences(models, found=ALL, layer_selections=("validation", "last"), **where):
    """Return a table of differences of these networks, as `compare` writes it."""
    rows = [
        WHERE
        | {
            "model": model,
            "metric": "spearman",
            "layer_selection": layer_selection,
            "reference": name,
        }
        | {"role": ROLES[name], "reference_pooling": "mean", "seeds": 3, "n": 60}
        | KNOWN
        | row
        | where
        for model in models
        for layer_selection in layer_selections
        for name, row in found.items()
    ]
    return pd.DataFrame(rows, columns=["dataset", "split", *DIFFERENCE_COLUMNS])


def arms(models, best=7, layer_selections=("validation", "last")):
    """Return a table of arms of these networks, of which `best` is the layer chosen."""
    rows = [
        WHERE
        | {
            "model": model,
            "ablation": ablation,
            "metric": "spearman",
            "layer_selection": layer_selection,
        }
        | {"layer": layer, "value": value, "low": value - 1, "high": value + 1, "seeds": 1, "n": 60}
        | KNOWN
        for model in models
        for ablation, value in (("reinit", 0.2), ("pretrained", 0.4))
        for layer_selection, layer in (("validation", best), ("last", 16))
        if layer_selection in layer_selections
    ]
    return pd.DataFrame(rows, columns=["dataset", "split", *ARM_COLUMNS])


def correlation_rows(*rows):
    """Return a table of trends of (model, axis, slope), all of them clear."""
    made = [
        WHERE
        | {"model": model, "axis": axis, "points": 5, "p": 1e-6, "rho": 0.9, "reason": ""}
        | {"slope": slope, "low": slope - 0.01, "high": slope + 0.01}
        for model, axis, slope in rows
    ]
    return with_trends(pd.DataFrame(made, columns=["dataset", "split", *CORRELATION_COLUMNS]))


def verdicts_of(models, found=None, about=None, rows=(), in_verdict=None, **settings):
    """Return the table of verdicts of networks."""
    table = with_holm(differences(models) if found is None else found, in_verdict or {})
    about = about or {model: {} for model in models}
    return verdict_table(
        arms(models, **settings), table, correlation_rows(*rows), about, MIN_EFFECT
    )
