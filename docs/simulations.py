"""Tables of simulations, for the pages in docs/."""

import pandas as pd

from benchmarks.tables import RESULTS
from plmbench.report.overview import markdown

GB1_REFITS = RESULTS / "statistics" / "gb1_refits.tsv"
RULES = {
    "given": "none: given the training data",
    "refits": "5 refits, as shipped",
    "unscaled": "5 refits, their variance as it is",
    "half-samples": "5 fits on random halves",
}


def gb1_refits():
    """Return how often intervals hold the expected gain on GB1, by pooling and what they add."""
    table = pd.read_csv(GB1_REFITS, sep="\t")
    texts = {"gain": "{:+.3f}", "spread": "{:.3f}", "coverage": "{:.3f}", "width": "{:.3f}"}
    shown = table[["pooling"]].assign(added=table["rule"].map(RULES))
    for name, text in texts.items():
        shown[name] = table[name].map(text.format)
    names = {"spread": "sd over training draws", "coverage": "intervals that hold the gain"}
    return markdown(shown.assign(draws=table["trials"]).rename(columns=names))
