"""Simulate the statistics, write benchmarks/results/statistics/, and print what it comes to.

usage: python -m benchmarks.statistics [--quick]   (--quick takes 5 minutes, and writes nothing)
       python -m benchmarks.statistics NAME ...    (some of the simulations)
"""

import argparse
from importlib import import_module
from importlib.util import find_spec

import pandas as pd

from benchmarks.statistics import verdict_rules
from benchmarks.tables import RESULTS

# Each is a module with `measure(quick) -> table`, and has its results in a file of its name.
SIMULATIONS = ("verdict_rules", "seeds", "equal_outcomes", "few_units", "gb1_refits", "scaling")
SIMULATIONS += ("families", "worth")


def known(names: list[str]) -> list[str]:
    """Return the simulations that there are, of these or of all."""
    return [n for n in names or SIMULATIONS if find_spec(f"benchmarks.statistics.{n}")]


def shipped(table: pd.DataFrame, what: str, column: str) -> float:
    """Return a rate of the rules as shipped, on the scene that the last line is about."""
    scene = verdict_rules.HEADLINE[what]
    rows = (table["scene"] == scene) & (table["rule"] == verdict_rules.SHIPPED)
    return float(table.loc[rows, column].iloc[0])


def last_line(tables: dict[str, pd.DataFrame]) -> str:
    """Return the numbers that the rules are judged by."""
    rules, refits = tables["verdict_rules"], tables.get("gb1_refits")
    covered = "not measured"
    if refits is not None:
        covered = f"{refits.loc[refits['rule'] == 'refits', 'coverage'].mean():.3f}"
    false = shipped(rules, "false benefits", "false_benefits")
    lost = shipped(rules, "false no benefit", "false_no_benefit")
    found = shipped(rules, "power", "benefits_found")
    return (
        f"false benefits {false:.3f}, false no benefit {lost:.3f} at gain 0.03, "
        f"coverage {covered}, power {found:.2f} at gain 0.10 n 300"
    )


def main(quick: bool, names: list[str]) -> None:
    """Run the simulations."""
    tables = {}
    for name in known(names):
        module = import_module(f"benchmarks.statistics.{name}")
        tables[name] = module.measure(quick).round(4)
        if not quick:
            path = RESULTS / "statistics" / f"{name}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            tables[name].to_csv(path, sep="\t", index=False, na_rep="NaN")
        print(f"{name}\n{tables[name].to_string(index=False)}\n", flush=True)
    if "verdict_rules" in tables:
        print(last_line(tables))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer trials")
    parser.add_argument("names", nargs="*", help="simulations; all without any")
    arguments = parser.parse_args()
    main(arguments.quick, arguments.names)
