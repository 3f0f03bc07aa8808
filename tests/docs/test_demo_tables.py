"""What README claims of the demo, and docs/scaling.md of the series, read off their tables."""

import pytest

from docs.generate import DEMO, SERIES
from plmbench.compare.tables import read_table

NETWORKS = {
    DEMO: ["mini_carp_600k", "mini_esm2_700k"],
    SERIES: [
        *(f"mini_carp_{size}" for size in ("30k", "60k", "100k", "250k", "600k")),
        *("mini_esm2_100k", "mini_esm2_700k"),
    ],
}
LARGER = ["mini_carp_600k", "mini_esm2_700k"]
REASONS = ("reason", "worth_reason")
EMPTY = {  # columns that no row fills: what the study has no networks for
    # Two networks are no series, and no row lacks a reason to be given.
    DEMO: ("size_slope", "pretraining_slope", "rho_size", "rho_pretraining", "rho_loss", *REASONS),
    SERIES: ("pretraining_slope",),  # four checkpoints of one training are not assessable
}
ids = {"ids": lambda value: getattr(value, "name", None)}


def judged(folder):
    return read_table(folder / "verdicts.tsv")


@pytest.mark.parametrize("folder", NETWORKS, **ids)
def test_every_column_of_the_table_of_verdicts_is_filled(folder):
    verdicts = judged(folder)
    empty = {name for name in verdicts if verdicts[name].isna().all()}
    assert {name for name in empty if not name.startswith(EMPTY[folder])} == set()
    assert set(verdicts["pretraining_trend"]) == {"not assessable"}


@pytest.mark.parametrize("folder", NETWORKS, **ids)
def test_every_network_is_judged_on_every_task(folder):
    models = judged(folder).groupby("dataset")["model"].agg(set)
    assert len(models) == 3
    assert all(found == set(NETWORKS[folder]) for found in models)


@pytest.mark.parametrize("reference", ["onehot", "reinit", "resample"])
@pytest.mark.parametrize("model", LARGER)
@pytest.mark.parametrize("folder", NETWORKS, **ids)
def test_larger_networks_beat_ablations_and_one_hot_on_secondary_structure(
    folder, model, reference
):
    verdicts = judged(folder)
    structure = verdicts[
        verdicts["dataset"].str.startswith("secondary_structure")
        & (verdicts["probe"] == "logistic_small")
    ].set_index("model")
    assert structure.loc[model, f"minus_{reference}_low"] > 0


@pytest.mark.parametrize("folder", NETWORKS, **ids)
def test_three_seeds_of_each_ablation_were_run(folder):
    arms = read_table(folder / "arms.tsv")
    ablated = arms[arms["ablation"].isin(["reinit", "resample"])]
    assert set(ablated["seeds"]) == {3}
