"""The tables of docs/scale.md on what the full study costs, and how the estimate is held to a
finished one."""

from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from plmbench.report.overview import markdown
from plmbench.study.catalogues import Study
from plmbench.study.cost import cost_table
from plmbench.study.cost_facts import Facts
from plmbench.study.cost_jobs import jobs_of
from plmbench.study.cost_machine import Card, Machine, Start
from plmbench.study.cost_rates import OURS, REFERENCE, read_rates
from plmbench.study.cost_sizes import Sizes
from plmbench.study.cost_text import amount, number
from plmbench.study.files import Files

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/results"
CARD = Card("a card of 100 TFLOP/s", 100e12)  # an assumption, as is the share that networks hold
WRITE = 2e8
SUMS = ["jobs", "core_hours", "gpu_hours", "disk_mb"]


def measured_machine(rates):
    """Return the machine of benchmarks/results, with a card."""
    table = pd.read_csv(sorted((RESULTS / "cost").glob("*.tsv"))[0], sep="\t")
    starts = table[table["what"] == "start"].set_index("name")
    each = {kind: Start(row["cpu_s"], row["peak_mb"]) for kind, row in starts.iterrows()}
    return Machine(1, rates.product, each, WRITE, CARD)


@cache
def sizes_of(name):
    """Return the sizes of the study of config/<name>.yaml, as they are without a download."""
    files = [ROOT / f"config/{each}.yaml" for each in ("config", name)]
    whole, own = (yaml.safe_load(file.read_text(encoding="utf-8")) for file in files)
    study = Study(whole | own, ROOT / "config", files)
    return Sizes(study, Files(study, ROOT), downloads=False)


def cost_of(name, contender):
    """Return the cost of config/<name>.yaml with the probes of a contender, and their types."""
    sizes, rates = sizes_of(name), read_rates(RESULTS, contender)
    study = sizes.study
    table = cost_table(Facts(study, sizes, rates, measured_machine(rates)), jobs_of(study, sizes))
    types = {probe: study.fitted(probe).type for probe in {*table["probe"]} & {*study.probes}}
    return table.assign(type=table["probe"].map(types).fillna(""))


def summed(table, key):
    """Return sums, and the largest peak memory, of the rows that `key` [row] names alike."""
    groups = table.groupby(key, sort=False)
    return groups[SUMS].sum().join(groups["peak_mb"].max())


def part_of(table):
    """Return of each row what it is a part of: a stage, of probes with their type."""
    return table["stage"].where(table["type"] == "", table["stage"] + ": " + table["type"])


def task_of(table):
    """Return of each row its task, or its data set."""
    names = table["dataset"].where(table["split"] == "", table["dataset"] + "/" + table["split"])
    return names.where(names != "", "the whole study")


def paper_cost():
    """Return the tables of what config/paper.yaml costs, before and after this program had probes
    of its own."""
    before, after = (cost_of("paper", contender) for contender in (REFERENCE, OURS))
    texts = []
    for title, key_of in (("stage", part_of), ("task", task_of)):
        old, new = (summed(table, key_of(table)) for table in (before, after))
        for table in (old, new):
            table.loc["**all**"] = [*table[SUMS].sum(), table["peak_mb"].max()]
        shown = {
            title: new.index,
            "jobs": new["jobs"].map("{:,.0f}".format),
            "core-hours with scikit-learn's probes": old["core_hours"].map(number),
            "core-hours": new["core_hours"].map(number),
            "GPU-hours": new["gpu_hours"].map(number),
            "peak memory of a job": new["peak_mb"].map(amount),
            "on disk": new["disk_mb"].map(amount),
        }
        texts.append(markdown(pd.DataFrame(shown)))
    return "\n".join(texts)


LEAST = 10  # seconds of a rule that the table shows


def cost_held():
    """Return the table of what was estimated and measured of a finished study, by rule; those that
    took LEAST seconds, and the sum of all."""
    table = pd.read_csv(sorted((RESULTS / "cost").glob("*.tsv"))[0], sep="\t")
    rules = table[table["what"] == "rule"].set_index("name")[["jobs", "estimate_s", "cpu_s"]]
    total = rules.sum()
    rules = rules[rules["cpu_s"] >= LEAST]
    rules.loc["**all**"] = total
    shown = {
        "rule": rules.index,
        "jobs": rules["jobs"].map("{:,.0f}".format),
        "estimate, CPU s": rules["estimate_s"].map("{:,.0f}".format),
        "measured, CPU s": rules["cpu_s"].map("{:,.0f}".format),
        "ratio": (rules["estimate_s"] / rules["cpu_s"]).map("{:.2f}".format),
    }
    return markdown(pd.DataFrame(shown))
