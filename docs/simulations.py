"""Tables of what the simulations of benchmarks/statistics gave, for the pages in docs/."""

from pathlib import Path

import pandas as pd

from benchmarks.statistics.few_units import false_no_benefit
from plmbench.core.metrics import METRICS
from plmbench.report.overview import markdown

STATISTICS = Path(__file__).resolve().parents[1] / "benchmarks/results/statistics"
FEW_UNITS = STATISTICS / "few_units.tsv"
SHOWN_UNITS = (2, 5, 10, 20, 50, 100)
SHOWN_RULES = {
    "false_benefits": ("before", "shipped"),
    "false_no_benefit": ("before", "shipped"),
    "benefits_found": ("before", "two-sided", "hochberg", "shipped", "oracle"),
    "no_benefit_found": ("before", "equivalence", "shipped"),
}
REFIT_RULES = {
    "given": "none: given the training data",
    "refits": "5 refits, as shipped",
    "unscaled": "5 refits, their variance as it is",
    "half-samples": "5 fits on random halves",
}


def few_units():
    """Return how often few test sequences exclude a gain that is there, by metric."""
    table = pd.read_csv(FEW_UNITS, sep="\t")
    worst = table.assign(after=false_no_benefit(table)).groupby("metric", sort=False)
    needed = {name: METRICS[name].fewest_units for name in table["metric"]}
    shown = pd.Series(needed, name="a verdict needs").rename_axis("metric").to_frame()
    for units in SHOWN_UNITS:
        before = table[table["units"] == units].groupby("metric")["excluded_before"].max()
        shown[f"before, {units}"] = before.map("{:.2f}".format)
    return markdown(shown.assign(after=worst["after"].max().map("{:.2f}".format)).reset_index())


def coverage():
    """Return how many intervals hold the true gain, by number of test sequences."""
    by_units = pd.read_csv(FEW_UNITS, sep="\t").groupby("units")
    rows = {"test sequences": list(by_units.groups)}
    for when in ("before", "after"):
        for word in ("median", "min"):
            name = f"{when}, {word.replace('min', 'worst')}"
            values = by_units[f"coverage_{when}"].agg(word)
            rows[name] = values.map("{:.2f}".format).replace("nan", "none").to_list()
    return markdown(pd.DataFrame(rows))


def rates(values):
    """Return rates as text; nothing where there is none."""
    return values.map("{:.2f}".format).replace("nan", "").to_numpy()


def verdict_rules():
    """Return how often the verdicts of a study are in error, and find what is there, by rule."""
    table = pd.read_csv(STATISTICS / "verdict_rules.tsv", sep="\t")
    wide = table.pivot_table(index="scene", columns="rule", sort=False, dropna=False)
    shown = pd.DataFrame({"24 rows": wide.index})
    for column, rules in SHOWN_RULES.items():
        for rule in rules:
            shown[f"{column.replace('_', ' ')}, {rule}"] = rates(wide[column, rule])
    return markdown(shown)


def seeds():
    """Return what intervals of one difference are worth, by seeds and their spread."""
    table = pd.read_csv(STATISTICS / "seeds.tsv", sep="\t").query("spread > 0")
    index = ["units", "spread", "seeds"]
    wide = table.pivot_table(index=index, columns="rule", sort=False)
    shown = wide.index.to_frame(index=False).astype(str)
    for column in ("coverage", "width", "false_benefits"):
        for rule in ("before", "own seeds alone", "shipped"):
            shown[f"{column.replace('_', ' ')}, {rule}"] = rates(wide[column, rule])
    return markdown(shown)


def equal_outcomes():
    """Return how often a gain is excluded where nearly all outcomes are equal."""
    table = pd.read_csv(STATISTICS / "equal_outcomes.tsv", sep="\t").query("units < 150")
    wide = table.pivot_table(index="units", columns="gain", sort=False)
    shown = pd.DataFrame({"test sequences": wide.index})
    for gain in sorted(set(table["gain"])):
        for rule in ("equal", "before", "shipped"):
            shown[f"gain {gain}, {rule}"] = rates(wide[rule, gain])
    return markdown(shown)


def scaling():
    """Return how often gains are said to rise, before and after."""
    table = pd.read_csv(STATISTICS / "scaling.tsv", sep="\t").rename(
        columns={"scene": "what is true"}
    )
    shown = table[["before", "after"]].map("{:.3f}".format).replace("nan", "not assessable")
    names = ["axis", "what is true", "chains"]
    return markdown(pd.concat([table[names].astype(str), shown], axis=1))


def gb1_refits():
    """Return how often intervals hold the expected gain on GB1, by pooling and what they add."""
    table = pd.read_csv(STATISTICS / "gb1_refits.tsv", sep="\t")
    texts = {"gain": "{:+.3f}", "spread": "{:.3f}", "coverage": "{:.3f}", "width": "{:.3f}"}
    shown = table[["pooling"]].assign(added=table["rule"].map(REFIT_RULES))
    for name, text in texts.items():
        shown[name] = table[name].map(text.format)
    names = {"spread": "sd over training draws", "coverage": "intervals that hold the gain"}
    return markdown(shown.assign(draws=table["trials"]).rename(columns=names))
