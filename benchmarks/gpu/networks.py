"""Networks with random weights, on a card and packed for it."""

import copy

from benchmarks.weights import drawn
from plmbench.hardware.matmul import matmul_for
from plmbench.models.loading import TakingOver


def encoder_of(network, seed=0):
    """Return the encoder of a Network in evaluation mode, its weights drawn: see `drawn`."""
    with TakingOver():  # its first weights would be drawn, which takes longer than all else
        encoder = network.build(network.num_layers, network.hidden_size, network.num_heads)
    drawn(encoder.module, seed)
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
