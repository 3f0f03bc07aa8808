"""Run sequences through an encoder, every layer in one pass, and keep the pooled vectors."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plmbench.core.errors import InputError, first_line
from plmbench.core.logs import Progress, log
from plmbench.core.poolings import POOLS
from plmbench.embed.batches import token_batches
from plmbench.embed.budgets import LENGTH, budget
from plmbench.embed.extraction import Extraction, Pooling
from plmbench.embed.windows import stitching, window_starts
from plmbench.hardware.memory import NO_KERNEL, out_of_memory, release_freed_memory
from plmbench.models.families import Encoder, Hook, example_for, lengths_of

AHEAD = {"cpu": 0, "cuda": 1}  # batches on their way to the host while the next is computed
STACK = 1 << 21  # bytes of a thread's stack: the usual 8 MB are too much where memory has run out


class Writer(Protocol):
    """What takes blocks of pooled states: see store.embeddings."""

    def write(self, pooling: str, start: int, block: NDArray[Any], /) -> None:
        """Take the block of consecutive sequences, the first at `start`."""


def groups_of(
    encoder: Encoder, sequences: Sequence[str], device: torch.device
) -> list[Sequence[str]]:
    """Return a batch's sequences in groups: on a CPU those of one length together, so that nothing
    is padded; on a GPU, where many small groups are slow, all of them."""
    if device.type != "cpu":
        return [sequences]
    measured = zip(lengths_of(encoder, sequences), sequences, strict=True)
    groups = groupby(measured, key=itemgetter(0))
    return [[sequence for _, sequence in group] for _, group in groups]


class HostCopy:
    """An array on its way from a GPU, while the next batch is computed; on a CPU it is there."""

    def __init__(self, values: Tensor) -> None:
        self.values = values
        self.done: torch.cuda.Event | None = None
        if values.device.type == "cuda":
            self.values = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
            self.values.copy_(values, non_blocking=True)
            self.done = torch.cuda.Event()
            self.done.record(torch.cuda.current_stream(values.device))  # not the first device's

    def numpy(self) -> NDArray[np.float32]:
        """Return the array, once it has arrived."""
        if self.done:
            self.done.synchronize()
        return self.values.numpy()


Blocks = dict[str, HostCopy]  # {pooling: float32 [layer, sequence, width]}


class Kept:
    """What is kept of a batch's layers, pooled as they are made, so that no layer's tokens stay."""

    def __init__(self, pooling: Pooling) -> None:
        self.pooling = pooling
        # {pooling: {layer: [of a group of sequences]}}, each [sequence, width]
        self.parts: dict[str, dict[int, list[Tensor]]] = {name: {} for name in pooling.names}

    def hook(self, residues: Sequence[Tensor]) -> Hook:
        """Return the hook for the states of groups; residues: of each, how many residues a token
        holds [sequence, token]."""

        def keep(layer: int, states: list[Tensor]) -> None:
            for name, layers in self.parts.items():
                if self.pooling.wants(name, layer):
                    pairs = zip(states, residues, strict=True)
                    parts = [POOLS[name](part, each, self.pooling.sites) for part, each in pairs]
                    layers.setdefault(layer, []).extend(parts)

        return keep

    def blocks(self) -> Blocks:
        """Return {pooling: HostCopy of float32 [layer, sequence, width]}."""
        layers = {
            name: [torch.cat(parts).float() for parts in found.values()]
            for name, found in self.parts.items()
        }
        return {name: HostCopy(torch.stack(states)) for name, states in layers.items()}


@torch.inference_mode()
def pooled_states(
    encoder: Encoder, sequences: Sequence[str], pooling: Pooling, device: torch.device
) -> Blocks:
    """Return the pooled states of a batch, {name: HostCopy of float32 [layer, sequence, width]};
    under RESIDUES [layer, residue, hidden_size], one sequence after the other.

    With a window the batch is one sequence, and its windows run side by side.
    """
    length, window = len(sequences[0]), pooling.window
    starts = window_starts(length, window) if window and length > window else []
    if window and starts:
        sequences = [sequences[0][start : start + window] for start in starts]
    # each [sequence, token]
    groups = groups_of(encoder, sequences, device)
    tokens = [encoder.tokenize(group).to(device) for group in groups]
    kept = Kept(pooling)
    one_by_one = getattr(encoder, "one_by_one", False)
    for part in [[group] for group in tokens] if one_by_one else [tokens]:
        residues = [encoder.residues(group) for group in part]
        if starts:
            encoder.embed(part, stitching(kept.hook, residues[0], starts, length))
        else:
            encoder.embed(part, kept.hook(residues))
    return kept.blocks()


def pooled(
    encoder: Encoder, sequences: Sequence[str], pooling: Pooling, device: torch.device
) -> dict[str, NDArray[np.float32]]:
    """Return `pooled_states` as arrays."""
    states = pooled_states(encoder, sequences, pooling, device)
    return {name: copy.numpy() for name, copy in states.items()}


def pooled_afresh(
    encoder: Encoder, sequences: Sequence[str], pooling: Pooling, device: torch.device
) -> Blocks:
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


def pooled_in_halves(
    encoder: Encoder, batch: Extraction, device: torch.device
) -> Iterator[tuple[int, Blocks]]:
    """Yield a number of sequences and their `pooled_states`, part after part: the whole batch, or
    its halves where memory runs out, which are not joined for want of it.

    Raises InputError that names the sequence which does not fit alone.
    """
    blocks = None
    try:
        blocks = pooled_afresh(encoder, batch.sequences, batch.pooling, device)
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        reason = first_line(error)
    if blocks is not None:
        yield len(batch.ids), blocks
        return
    # Outside the handler, whose traceback keeps the failed batch's tensors alive.
    if len(batch.ids) == 1:
        raise InputError(
            f"sequence {batch.ids[0]} of {batch.lengths[0]:,} residues does not fit into the "
            f"memory of {device} even alone ({reason}); use a device with more memory, or have it "
            "cut: the model's max_length with the data set's long_sequences"
        )
    release_freed_memory(device)
    log.info("out of memory with %d sequences, halving the batch", len(batch.ids))
    half = len(batch.ids) // 2
    for part in (slice(half), slice(half, None)):
        yield from pooled_in_halves(encoder, batch.part(part), device)


def batches_of(lengths: Sequence[int], budget: int, window: int | None) -> list[tuple[int, int]]:
    """Return [start, stop) pairs; a sequence above the window makes a batch of its own."""
    long = sum(window is not None and length > window for length in lengths)
    rest = token_batches(lengths[long:], budget)
    return [(i, i + 1) for i in range(long)] + [(long + a, long + b) for a, b in rest]


def write(writer: Writer, start: int, blocks: Mapping[str, HostCopy]) -> None:
    """Hand the pooled states of consecutive sequences, the first at `start`, to a writer."""
    for name, block in blocks.items():
        writer.write(name, start, block.numpy())


def extract(
    encoder: Encoder,
    extraction: Extraction,
    writer: Writer,
    device: torch.device,
    tokens_per_batch: int | str = "auto",
) -> None:
    """Embed sequences, longest first, and hand blocks of pooled states to `writer`."""
    lengths, pooling = extraction.lengths, extraction.pooling

    def embed(sequences: Sequence[str], pooling: Pooling) -> dict[str, NDArray[np.float32]]:
        return pooled(encoder, sequences, pooling, device)

    example = example_for(encoder, "A" * LENGTH)
    (length,) = lengths_of(encoder, [example])
    tokens = budget(
        tokens_per_batch, embed, pooling, device, encoder.hidden_size, (example, length)
    )
    progress = Progress(len(lengths), sum(lengths))
    waiting: deque[tuple[int, Blocks]] = deque()
    for start, stop in batches_of(lengths, tokens, pooling.window):
        row = start
        for count, blocks in pooled_in_halves(encoder, extraction.part(slice(start, stop)), device):
            waiting.append((row, blocks))
            row += count
            if len(waiting) > AHEAD[device.type]:
                write(writer, *waiting.popleft())
        progress.advance(stop - start, sum(lengths[start:stop]))
    for row, blocks in waiting:
        write(writer, row, blocks)
