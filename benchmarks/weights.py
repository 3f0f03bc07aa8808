"""Random weights, drawn fast: most of a run's minutes belong to what is measured."""

import torch
from torch import nn

POOL = 1_000_003  # numbers that all weights repeat; a prime, so that no two rows are the same


def fill(parameter, pool):
    """Fill a parameter with the numbers of a pool, over and over."""
    values = parameter.data.view(-1)
    repeats = -(-len(values) // len(pool))
    values.copy_(pool.repeat(repeats)[: len(values)])


@torch.no_grad()
def drawn(module, seed=0):
    """Fill a network with what trained ones are like in size: products that keep the size of
    states, LayerNorms near one, small biases."""
    generator = torch.Generator().manual_seed(seed)
    pool = torch.randn(POOL, generator=generator)
    looked_up = {id(part.weight) for part in module.modules() if isinstance(part, nn.Embedding)}
    for position, (name, parameter) in enumerate(module.named_parameters()):
        fill(parameter, pool.roll(1009 * position))
        if parameter.dim() == 1 or "bias" in name:
            parameter.mul_(0.1).add_(float(name.endswith("weight")))
        elif id(parameter) not in looked_up:
            parameter.div_(parameter[0].numel() ** 0.5)
        if name.endswith("SelfAttention.q.weight"):  # T5 divides no scores by the heads' width
            parameter.div_(8)
