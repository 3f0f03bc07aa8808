"""Numbers known beforehand, from GB1 as shipped through the workflow itself.

They were computed with scikit-learn from the same data, Spearman's correlation on the test subset.
"""

import pytest

from helpers.studies import shipped

pytestmark = pytest.mark.slow

SPLITS = ("sampled", "low_vs_high", "two_vs_rest")
ONE_HOT = {
    # FLIP's protocol: alpha 1, fit on train and validation; FLIP's paper says 0.34 and 0.59
    "ridge_flip": (0.7875, 0.3429, 0.5936),
    # alpha chosen on validation, fit on train
    "ridge": (0.7885, 0.3455, 0.5625),
    # the earlier study's scaling and rule for alpha
    "ridge_as_published": (0.7885, 0.3217, 0.5428),
}


@pytest.fixture(scope="module")
def one_hot(once):
    """Return the repository's study of one-hot alone, under three probes, after its run."""

    def make(folder):
        folder.mkdir()
        probes = f"probes=[{', '.join(ONE_HOT)}]"
        tasks = f"tasks=[{', '.join(f'gb1/{split}' for split in SPLITS)}]"
        shipped(folder).run("--config", tasks, "models=[onehot]", "checkpoints=[]", probes)

    return shipped(once("one-hot study", make))


@pytest.mark.parametrize("probe", ONE_HOT)
@pytest.mark.parametrize("split", SPLITS)
def test_one_hot_on_gb1_has_the_score_of_the_reference(one_hot, probe, split):
    [value] = [
        float(row["value"])
        for row in one_hot.table("scores")
        if (row["split"], row["probe"]) == (split, probe)
        and (row["subset"], row["metric"]) == ("test", "spearman")
    ]
    assert value == pytest.approx(ONE_HOT[probe][SPLITS.index(split)], abs=1e-3)


def test_a_baseline_alone_has_its_tables_figures_and_page_whatever_the_weights(one_hot):
    for split in SPLITS:
        for name in ("curves", "bars"):
            assert "one-hot" in one_hot.read(f"results/figures/gb1/{split}.{name}.svg")
    assert "No pretrained network ran" in one_hot.read("results/tables/overview.md")
    assert "GB1 binding landscape" in one_hot.read("results/study.html")
    assert {row["weights"] for row in one_hot.table("scores")} == {"none"}
    assert {row["model"] for row in one_hot.table("arms")} == {"onehot"}
    assert not one_hot.table("verdicts")
