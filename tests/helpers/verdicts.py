"""Tables of differences, arms and correlations as `compare` writes them, and their verdicts."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from plmbench.compare.correlations import CORRELATION_COLUMNS, with_trends
from plmbench.compare.decisions import with_holm
from plmbench.compare.differences import ARM_COLUMNS, DIFFERENCE_COLUMNS
from plmbench.compare.verdicts import verdict_table

WHERE = {"dataset": "toy", "split": "first", "probe": "ridge", "pooling": "mean"}


def found_of(value: float, error: float) -> dict[str, float]:
    """Return the numbers of a difference of this standard error."""
    low, high, p = value - 2 * error, value + 2 * error, 2 * norm.sf(abs(value) / error)
    numbers = {"difference": value, "low": low, "high": high, "p": p}
    numbers |= {"error": error, "freedom": 300.0, "most_noise": "test units"}
    return numbers | {"test_error": error, "seed_error": 0.0}


GAIN, NONE = found_of(0.2, 0.05), found_of(0.0, 0.05)
EXCLUDED = found_of(-0.005, 0.004)  # a gain of 0.01 is 3.75 errors away, 0 is 1.25
WORSE = found_of(-0.2, 0.05)
UNDEFINED = dict.fromkeys(GAIN, np.nan)
SHARE = {"share_of_gain": 0.5, "share_low": 0.2, "share_high": 0.8, "share_reason": ""}
ROLES = {"onehot": "baseline", "reinit": "ablation", "resample": "ablation", "length": "control"}
ROLES |= {"reinit_heads": "ablation"}
KNOWN = {"units": 300, "training_data": "given", "defined": 1.0, "reason": ""}
MIN_EFFECT = {"spearman": 0.01}
LAYERS = {"validation": 7, "last": 16}


ALL = {"onehot": GAIN, "reinit": GAIN, "resample": GAIN}


def differences(
    models, found=ALL, layer_selections=("validation", "last"), metric="spearman", best=7, **where
):
    """Return a table of differences of these networks, as `compare` writes it, of which `best` is
    the layer chosen."""
    layers = LAYERS | {"validation": best}
    rows = [
        WHERE
        | {"model": model, "metric": metric, "reference": name, "role": ROLES[name]}
        | {"layer_selection": layer_selection, "layer": layers[layer_selection]}
        | {"reference_pooling": "mean", "seeds": 3, "seed_sd": 0.02, "n": 60}
        | KNOWN
        | (SHARE if ROLES[name] == "ablation" else {})
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


def verdicts_of(
    models, found=None, about=None, rows=(), in_verdict=None, min_effect=MIN_EFFECT, **settings
):
    """Return the table of verdicts of networks."""
    table = differences(models) if found is None else found
    table = with_holm(table, in_verdict or {}, min_effect)
    about = about or {model: {} for model in models}
    return verdict_table(
        arms(models, **settings), table, correlation_rows(*rows), about, min_effect
    )
