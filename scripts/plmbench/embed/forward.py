"""Run sequences through an encoder, every layer in one pass, and keep the pooled vectors."""

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from typing import NamedTuple

import torch

from plmbench.core.errors import InputError, first_line
from plmbench.core.logs import Progress, log
from plmbench.core.poolings import POOLS, RESIDUES
from plmbench.embed.batches import token_batches
from plmbench.embed.budgets import budget
from plmbench.embed.windows import stitching, window_starts
from plmbench.hardware.memory import NO_KERNEL, out_of_memory, release_freed_memory

AHEAD = {"cpu": 0, "cuda": 1}  # batches on their way to the host while the next is computed
STACK = 1 << 21  # bytes of a thread's stack: the usual 8 MB are too much where memory has run out


class Pooling(NamedTuple):
    """What to keep of each layer's states."""

    names: list  # of POOLS
    residue_layers: list = ()  # the layers whose residues are kept under RESIDUES
    sites: list = ()  # positions of mutation
    window: int | None = None  # longer sequences are embedded in windows of so many residues

    def wants(self, name, layer):
        """Tell whether a layer is kept under a pooling."""
        return name != RESIDUES or layer in self.residue_layers


def groups_of(sequences, device):
    """Return a batch's sequences in groups: on a CPU those of one length together, so that nothing
    is padded; on a GPU, where many small groups are slow, all of them."""
    if device.type != "cpu":
        return [sequences]
    return [list(group) for _, group in groupby(sequences, key=len)]


class HostCopy:
    """An array on its way from a GPU, while the next batch is computed; on a CPU it is there."""

    def __init__(self, values):
        self.values, self.done = values, None
        if values.device.type == "cuda":
            self.values = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
            self.values.copy_(values, non_blocking=True)
            self.done = torch.cuda.Event()
            self.done.record(torch.cuda.current_stream(values.device))  # not the first device's

    def numpy(self):
        """Return the array, once it has arrived."""
        if self.done:
            self.done.synchronize()
        return self.values.numpy()


@torch.inference_mode()
def pooled_states(encoder, sequences, pooling, device):
    """Return the pooled states of a batch, {name: HostCopy of float32 [layer, sequence, width]};
    under RESIDUES [layer, residue, dim], one sequence after the other.

    States are pooled layer by layer where they are made, so that no layer's tokens are kept. With
    a window the batch is one sequence, and its windows run side by side.
    """
    length, starts = len(sequences[0]), None
    if pooling.window and length > pooling.window:
        starts = window_starts(length, pooling.window)
        sequences = [sequences[0][start : start + pooling.window] for start in starts]
    tokens = [encoder.tokenize(group).to(device) for group in groups_of(sequences, device)]
    residues = [encoder.residues(group) for group in tokens]
    kept = {name: [] for name in pooling.names}

    def hook(layer, states):
        for name, layers in kept.items():
            if pooling.wants(name, layer):
                pairs = zip(states, residues, strict=True)
                parts = [POOLS[name](part, mask, pooling.sites) for part, mask in pairs]
                layers.append(torch.cat(parts).float())

    if starts:
        stitch, whole = stitching(hook, residues[0], starts, length)
        residues = [whole]
        encoder.embed(tokens, stitch)
    else:
        encoder.embed(tokens, hook)
    return {name: HostCopy(torch.stack(layers)) for name, layers in kept.items()}


def pooled(encoder, sequences, pooling, device):
    """Return `pooled_states` as arrays."""
    states = pooled_states(encoder, sequences, pooling, device)
    return {name: copy.numpy() for name, copy in states.items()}


def pooled_afresh(encoder, sequences, pooling, device):
    """Return `pooled_states`, from a new thread where oneDNN makes no kernel in this one.

    Once it was denied memory for a kernel, it makes no new one in that thread any more, however
    much there is by then.
    """
    try:
        return pooled_states(encoder, sequences, pooling, device)
    except RuntimeError as error:
        if NO_KERNEL not in str(error):
            raise
    release_freed_memory(device)
    threading.stack_size(STACK)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(pooled_states, encoder, sequences, pooling, device).result()


def pooled_in_halves(encoder, ids, sequences, pooling, device):
    """Yield a number of sequences and their `pooled_states`, part after part: the whole batch, or
    its halves where memory runs out, which are not joined for want of it.

    Raises InputError that names the sequence which does not fit alone.
    """
    blocks = None
    try:
        blocks = pooled_afresh(encoder, sequences, pooling, device)
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        reason = first_line(error)
    if blocks is not None:
        yield len(sequences), blocks
        return
    # Outside the handler, whose traceback keeps the failed batch's tensors alive.
    if len(sequences) == 1:
        raise InputError(
            f"sequence {ids[0]} of {len(sequences[0]):,} residues does not fit into the memory of "
            f"{device} even alone ({reason}); use a device with more memory, or have it cut: the "
            "model's max_length with the data set's long_sequences"
        )
    release_freed_memory(device)
    log.info("out of memory with %d sequences, halving the batch", len(sequences))
    half = len(sequences) // 2
    for part in (slice(half), slice(half, None)):
        yield from pooled_in_halves(encoder, ids[part], sequences[part], pooling, device)


def batches_of(lengths, budget, window):
    """Return [start, stop) pairs; a sequence above the window makes a batch of its own."""
    long = sum(window is not None and length > window for length in lengths)
    rest = token_batches(lengths[long:], budget)
    return [(i, i + 1) for i in range(long)] + [(long + a, long + b) for a, b in rest]


def write(writer, start, blocks):
    """Hand the pooled states of consecutive sequences, the first at `start`, to a writer."""
    for name, block in blocks.items():
        writer.write(name, start, block.numpy())


def pooled_on(encoder, device, sequences, pooling):
    """Return `pooled` of an encoder on its device."""
    return pooled(encoder, sequences, pooling, device)


def extract(encoder, ids, sequences, pooling, writer, device, tokens_per_batch="auto"):
    """Embed `sequences`, longest first, and hand blocks of pooled vectors to `writer`."""
    lengths = [len(sequence) for sequence in sequences]
    embed = partial(pooled_on, encoder, device)
    tokens = budget(tokens_per_batch, embed, pooling, device, encoder.hidden_size)
    progress, waiting = Progress(len(sequences), sum(lengths)), deque()
    for start, stop in batches_of(lengths, tokens, pooling.window):
        part = slice(start, stop)
        for count, blocks in pooled_in_halves(encoder, ids[part], sequences[part], pooling, device):
            waiting.append((start, blocks))
            start += count
            if len(waiting) > AHEAD[device.type]:
                write(writer, *waiting.popleft())
        progress.advance(stop - part.start, sum(lengths[part]))
    for start, blocks in waiting:
        write(writer, start, blocks)
