"""The demo, run as shipped, gives the numbers and verdicts that README shows."""

import pandas as pd
import pytest

from docs.generate import DEMO
from workflow.study import shipped

TASK = ["dataset", "split", "probe", "pooling", "model"]
ARM = [*TASK, "ablation", "metric", "choice"]
# Another processor rounds otherwise, which can tip a choice.
TOLERANCE = {"ridge": 5e-3, "ridge_shuffled": 5e-3, "logistic_small": 5e-3}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Return the folder of the demo's tables, after its run."""
    folder = tmp_path_factory.mktemp("demo")
    code, output = shipped(folder).snakemake("--resources", "gpu=2", timeout=3000)
    assert code == 0, output
    return folder / "results/tables"


def both(demo, name, keys):
    """Return a table of the demo and that which README shows, with an index of `keys`."""
    tables = (pd.read_csv(f / f"{name}.tsv", sep="\t").set_index(keys) for f in (demo, DEMO))
    found, shown = tables
    assert list(found.index) == list(shown.index)
    return found, shown


@pytest.mark.slow
def test_the_demo_gives_the_numbers_that_readme_shows(demo):
    found, shown = both(demo, "arms", ARM)
    same = found["layer"] == shown["layer"]
    assert same.mean() > 0.9
    for probe, most in TOLERANCE.items():
        mine = same & (found.index.get_level_values("probe") == probe)
        assert mine.any()
        assert (found["value"] - shown["value"]).abs()[mine].max() < most


@pytest.mark.slow
def test_the_demo_gives_the_verdicts_that_readme_shows(demo):
    found, shown = both(demo, "transfer", TASK)
    assert (found["verdict"] == shown["verdict"]).mean() > 0.9
