"""Simulate the statistics, write benchmarks/results/statistics/, and print what it comes to.

usage: python -m benchmarks.statistics [--quick]   (--quick takes 2 minutes, and writes nothing)
"""

import argparse

import pandas as pd

from benchmarks.statistics.few_units import false_no_benefit, measure
from benchmarks.tables import RESULTS

QUICK, TRIALS = 30, 200


def main(quick: bool) -> None:
    """Run the simulations."""
    table = pd.DataFrame(measure(QUICK if quick else TRIALS)).round(4)
    if not quick:
        path = RESULTS / "statistics" / "few_units.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(path, sep="\t", index=False, na_rep="NaN")
    print(table.to_string(index=False))
    few = table[table["units"] <= 20]
    print(
        f"false no benefit at most {few['excluded_before'].max():.2f} before (20 units or fewer), "
        f"{false_no_benefit(table).max():.2f} after (any number)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer trials")
    main(parser.parse_args().quick)
