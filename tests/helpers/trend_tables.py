"""Plausible tables of gains, of their trends, and of several pretrainings."""

import hashlib

import numpy as np
import pandas as pd

from plmbench.compare.architectures import ARCHITECTURE_COLUMNS, with_verdicts
from plmbench.compare.correlations import CORRELATION_COLUMNS, with_trends
from plmbench.compare.gains import GAIN_COLUMNS
from plmbench.compare.seeds import over_seeds, with_ablation
from plmbench.core.axes import PER
from plmbench.core.columns import SETTING, TASK
from plmbench.core.facts import Models
from plmbench.core.weights import NONE, PRETRAINED

Row = dict[str, object]
SIZES = {"validation": 700, "test": 3644}


def rng_of(*names: object) -> np.random.Generator:
    """Return a generator that is the same for the same names."""
    return np.random.default_rng(int(hashlib.sha256(repr(names).encode()).hexdigest()[:8], 16))


def gain_row(names: Row, network: float, ablated: dict[str, float], **where: object) -> Row:
    """Return a row of gains over the best of {ablation: value}, with a made-up interval."""
    best = max(ablated, key=ablated.__getitem__)
    gain = network - ablated[best]
    limits = {"gain": gain, "low": gain - 0.03, "high": gain + 0.03}
    known = {"reference": best, "reference_layer": where["layer"], "n": SIZES["test"]}
    return names | where | known | limits | {"units": SIZES["test"], "reason": ""}


def gains_of(scores: pd.DataFrame, arms: pd.DataFrame, about: Models) -> pd.DataFrame:
    """Return a table of gains, as `compare` makes it, with made-up intervals."""
    rows = []
    chosen = arms[arms["layer_selection"] == "validation"]
    layers = over_seeds(with_ablation(scores)).rename(columns={"mean": "value"})
    for selection, table in (("validation", chosen), ("each", layers[layers["layer"] > 0])):
        networks = table[table["ablation"] == PRETRAINED]
        if "subset" in table:
            networks = networks[networks["subset"] == "test"]
        for _, row in networks.iterrows():
            names = {name: row[name] for name in SETTING} | {"model": row["model"]}
            own = names | {"model": about[row["model"]].get("network", row["model"])}
            if selection == "each" and own != names:
                continue
            others = table[(table[[*own]] == pd.Series(own)).all(axis=1)]
            others = others[~others["ablation"].isin([PRETRAINED, NONE])]
            others = (
                others
                if selection == "validation"
                else others[(others["layer"] == row["layer"]) & (others["subset"] == "test")]
            )
            ablated = dict(zip(others["ablation"], others["value"], strict=True))
            where = {"layer_selection": selection, "layer": row["layer"]}
            rows.append(gain_row(names, row["value"], ablated, **where))
    return pd.DataFrame(rows, columns=[*TASK, *GAIN_COLUMNS])


def correlations_of(arms: pd.DataFrame, about: Models) -> pd.DataFrame:
    """Return a table of trends with a made-up one for every series and network."""
    rows = []
    networks = arms[arms["ablation"] == "pretrained"]
    for names, part in networks.groupby(SETTING, sort=False):
        for model in dict.fromkeys(part["model"]):
            facts = about[model]
            axes = [("size", facts["series"]), ("depth", facts.get("network", model))]
            axes += [("pretraining", facts["network"])] if "network" in facts else []
            for axis, name in axes:
                slope = rng_of(*names, axis, name).uniform(-0.02, 0.05)
                limits = slope, slope - 0.03, slope + 0.03
                rows.append((*names, name, axis, 5, *limits, 0.2, PER[axis], 0.4, 0.5, ""))
    table = pd.DataFrame(rows, columns=[*TASK, *CORRELATION_COLUMNS]).drop_duplicates()
    return with_trends(table.reset_index(drop=True))


def architectures_of(arms: pd.DataFrame) -> pd.DataFrame:
    """Return a table of one network of several pretrainings on each task."""
    chosen = arms[(arms["layer_selection"] == "validation") & (arms["ablation"] == PRETRAINED)]
    first = chosen.groupby(TASK, sort=False).head(1)
    own = {"pretrainings": 3, "pretraining_sd": 0.01, "reference": "reinit", "reason": ""}
    own |= {"reference_value": 0.4, "reference_seeds": 3, "reference_sd": 0.02}
    own |= {"gain": 0.05, "low": 0.01, "high": 0.09, "p": 0.03}
    return with_verdicts(first.assign(**own)[[*TASK, *ARCHITECTURE_COLUMNS]])
