"""The catalogue entries of a training."""

from pathlib import Path

import pytest

from plmbench.pretrain.recipes import MARKS, Recipe
from plmbench.pretrain.records import entries_of

SHIPPED = Path(__file__).resolve().parents[2] / "resources/weights/mini_carp_30k/mini_carp_30k.pt"
SIZE = {"num_layers": 4, "hidden_size": 56, "embedding_size": 8, "dilation": 128, "slim": True}
RULE = {"steps": 3000, "tokens": 4096, "max_length": 256, "learning_rate": 2e-3, "warmup": 200}
RULE |= {"weight_decay": 0.01, "max_grad_norm": 1.0, "precision": "float32"}


@pytest.mark.parametrize(
    ("seed", "about", "network", "again"),
    [
        (0, {"series": "mini_carp"}, "net", None),
        (1, {"series": "mini_carp", "network": "first"}, "first", 1),
        (2, {"network": "first"}, "first", 2),
    ],
)
def test_another_pretraining_names_its_network_and_its_seed(seed, about, network, again):
    recipe = Recipe("carp", SIZE, seed=seed, **RULE)
    found = entries_of("net", recipe, about, {"100": SHIPPED}, dict.fromkeys(MARKS, 2.7))
    written = found[SHIPPED.stem]["about"]
    assert written["network"] == network
    assert written.get("pretraining_seed") == again
    assert written.get("series") == about.get("series")
