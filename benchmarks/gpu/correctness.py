"""Part 1: every family at full size, every layer, against the CPU."""

import numpy as np
import torch

from benchmarks.gpu.networks import encoder_of, on_device, packed
from benchmarks.gpu.records import RIGHT, WRONG
from benchmarks.gpu.scales import sequences_of
from plmbench.core.poolings import RESIDUES
from plmbench.embed.extraction import Pooling
from plmbench.embed.forward import pooled
from plmbench.embed.precision import relative_error
from plmbench.hardware.attention import varlen_for
from plmbench.hardware.memory import use_full_precision
from plmbench.models.transformers import Transformer

PART = "correctness"
CPU = torch.device("cpu")
LIMIT = 1e-5  # of the mean magnitude of a layer's vectors, in float32


def difference(found, expected):
    """Return the largest difference at any layer [layer, vector, dim], in units of the layer's mean
    magnitude, and that layer; NaN where there is one."""
    scale = np.abs(expected).mean((1, 2))
    by_layer = np.abs(found - expected).max((1, 2)) / scale
    worst = int(np.argmax(by_layer))  # a NaN is the largest
    return float(by_layer[worst]), worst


def states(encoder, sequences, device):
    """Return {pooling: [layer, vector, dim]} of every layer, averaged and residue by residue."""
    layers = range(encoder.num_layers + 1)
    return pooled(encoder, sequences, Pooling(["mean", RESIDUES], layers), device)


def alone(encoder, sequences, device):
    """Return the averages [layer, sequence, dim] of a batch of one after the other."""
    pooling = Pooling(["mean"])
    return np.concatenate([pooled(encoder, [s], pooling, device)["mean"] for s in sequences], 1)


def judged(value, precision):
    """Return the verdict on a difference: float32 has a limit, less is reported; never NaN."""
    if not np.isfinite(value):
        return WRONG
    if precision != "float32":
        return ""
    return RIGHT if value <= LIMIT else WRONG


def compare(bench, name, encoder, expected, sequences, precision):
    """Add the rows of one network in one precision; encoder: on the card."""
    device, who = bench.card.device, {"network": name, "precision": precision}
    fast = packed(encoder, device, precision)
    found, ones = states(fast, sequences, device), alone(fast, sequences, device)
    value, layer = difference(found["mean"], expected["mean"])
    note, verdict = f"worst at layer {layer}", judged(value, precision)
    bench.record.add(PART, "difference", value, verdict, note, **who)
    value, layer = difference(found[RESIDUES], expected[RESIDUES])
    bench.record.add(PART, "difference of residues", value, note=f"worst at layer {layer}", **who)
    error = relative_error(found["mean"], expected["mean"])
    bench.record.add(PART, "error in units of the spread", error, **who)
    value, layer = difference(ones, found["mean"])
    note = f"worst at layer {layer}"
    bench.record.add(PART, "batch of 1", value, judged(value, precision), note, **who)


def attention_kind(bench, network, encoder, precision):
    """Return how a padded batch attends in a network."""
    if not network.num_heads:
        return "none"
    if isinstance(encoder, Transformer):  # the library's own attention
        return "mask"
    head_dim = network.hidden_size // network.num_heads
    dtype = bench.card.precisions[precision]
    return "segments" if varlen_for(bench.card.device, dtype, head_dim) else "mask"


def run(bench):
    """Compare all networks."""
    use_full_precision()
    sequences = sequences_of(bench.scale.compared)
    for name, network in bench.scale.networks.items():
        if not bench.time_for(PART, network=name):
            continue
        with bench.step(PART, network=name):
            encoder = encoder_of(network)
            expected = states(packed(encoder, CPU, "float32"), sequences, CPU)
            encoder = on_device(encoder, bench.card.device)
            for precision in ("float32", *(p for p in bench.card.precisions if p != "float32")):
                with bench.step(PART, network=name, precision=precision):
                    kind = attention_kind(bench, network, encoder, precision)
                    who = {"network": name, "precision": precision}
                    bench.record.add(PART, "attention", note=kind, **who)
                    compare(bench, name, encoder, expected, sequences, precision)
            del encoder, expected
        bench.card.clean()
