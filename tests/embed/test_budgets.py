"""Tokens of a batch: what is asked for, what a CPU has, and what a GPU's free memory takes (of a
GPU that these tests make up)."""

import pytest
import torch

from plmbench.embed.budgets import LENGTH, SEQUENCES, budget, tokens_in
from plmbench.embed.forward import Pooling

MEAN, CPU = Pooling(["mean"]), torch.device("cpu")


@pytest.mark.parametrize(
    ("free", "each", "tokens"),
    [
        (16e9, 1e6, 1 << 13),  # 9,600 fit
        (140e9, 1e6, 1 << 16),  # 84,000 fit
        (10e9, 10e6, 1 << 12),  # 600 fit: halving is left to where memory runs out
        (140e9, 0, 1 << 16),
    ],
)
def test_tokens_are_a_power_of_two_that_fits(free, each, tokens):
    assert tokens_in(free, 4096 * each, 4096) == tokens


def test_a_number_is_taken_as_it_is_and_a_cpu_has_its_own():
    assert budget("300", None, MEAN, CPU, 32) == 300
    widths = {32: 4096, 480: 4096, 640: 2048, 1280: 1024, 5120: 1024}
    assert {dim: budget("auto", None, MEAN, CPU, dim) for dim in widths} == widths


def test_a_gpu_is_asked_by_a_batch_of_the_networks_own(monkeypatch):
    asked = []
    for name, value in {
        "memory_allocated": 5e9,
        "max_memory_allocated": 5e9 + 2e6 * SEQUENCES * LENGTH,
        "reset_peak_memory_stats": None,
        "empty_cache": None,
        "mem_get_info": (40e9, 80e9),
    }.items():
        monkeypatch.setattr(torch.cuda, name, lambda *device, value=value: value)

    def embed(sequences, pooling):
        asked.append((len(sequences), pooling.names, pooling.window))

    pooling = Pooling(["flat", "mean"], window=1022)
    assert budget("auto", embed, pooling, torch.device("cuda", 0), 32) == 1 << 13  # 12,000 fit
    assert asked == [(SEQUENCES, ["mean"], None)]
