"""What README's demo claims, read off its committed tables."""

import pytest

from docs.generate import DEMO
from plmbench.compare.tables import read_table

TRANSFER, ARMS = (read_table(DEMO / f"{name}.tsv") for name in ("verdicts", "arms"))
STRUCTURE = TRANSFER[
    (TRANSFER["dataset"] == "secondary_structure_small") & (TRANSFER["probe"] == "logistic_small")
].set_index("model")
NETWORKS = [f"mini_carp_{size}" for size in ("30k", "60k", "100k", "250k", "600k")]
NETWORKS += ["mini_esm2_100k", "mini_esm2_700k"]
LARGER = ["mini_carp_250k", "mini_carp_600k", "mini_esm2_700k"]


def test_every_column_of_the_transfer_table_is_filled():
    empty = {name for name in TRANSFER if TRANSFER[name].isna().all()}
    # Four checkpoints of one training are not assessable; no margin of the interval is reached.
    assert {name for name in empty if not name.startswith("pretraining_slope")} == set()
    assert set(TRANSFER["pretraining_trend"]) == {"not assessable"}


def test_every_network_is_judged_on_every_task():
    judged = TRANSFER.groupby("dataset")["model"].agg(set)
    assert len(judged) == 3
    assert all(models == set(NETWORKS) for models in judged)


@pytest.mark.parametrize("reference", ["onehot", "reinit", "resample"])
@pytest.mark.parametrize("model", LARGER)
def test_larger_networks_beat_ablations_and_one_hot_on_secondary_structure(model, reference):
    assert STRUCTURE.loc[model, f"minus_{reference}_low"] > 0


def test_three_seeds_of_each_ablation_were_run():
    ablated = ARMS[ARMS["ablation"].isin(["reinit", "resample"])]
    assert set(ablated["seeds"]) == {3}
