"""Networks with random weights, drawn fast: most of a run's minutes belong to the card."""

import copy

import torch

from plmbench.hardware.matmul import matmul_for
from plmbench.models.loading import TakingOver

POOL = 1_000_003  # numbers that all weights repeat; a prime, so that no two rows are the same


def fill(parameter, pool):
    """Fill a parameter with what a trained one is like in size: see `encoder_of`."""
    values = parameter.data.view(-1)
    repeats = -(-len(values) // len(pool))
    values.copy_(pool.repeat(repeats)[: len(values)])


@torch.no_grad()
def encoder_of(network, seed=0):
    """Return the encoder of a Network in evaluation mode: products that keep the size of states,
    LayerNorms near one, small biases."""
    with TakingOver():  # its first weights would be drawn, which takes longer than all else
        encoder = network.build(network.num_layers, network.hidden_size, network.num_heads)
    generator = torch.Generator().manual_seed(seed)
    pool = torch.randn(POOL, generator=generator)
    for position, (name, parameter) in enumerate(encoder.module.named_parameters()):
        fill(parameter, pool.roll(1009 * position))
        if parameter.dim() == 1 or "bias" in name:
            parameter.mul_(0.1).add_(float(name.endswith("weight")))
        elif "embed" not in name or "conv" in name:
            parameter.div_(parameter[0].numel() ** 0.5)
    encoder.module.eval().requires_grad_(False)
    return encoder


def on_device(encoder, device):
    """Return a copy of an encoder on a device, its weights the library's still."""
    other = copy.deepcopy(encoder)
    other.module.to(device)
    return other


def packed(encoder, device, precision):
    """Return a copy of an encoder on a device, packed for a precision as a job packs it."""
    other = on_device(encoder, device)
    other.pack(matmul_for(device, precision))
    return other
