"""Run sequences through an encoder, every layer in one pass, and keep the pooled vectors."""

import ctypes
import platform

import numpy as np
import torch

from plmbench.batches import token_batches
from plmbench.errors import InputError, first_line
from plmbench.logs import Progress, log
from plmbench.poolings import POOLS

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # malloc.h
TOKENS_PER_BATCH = {"cpu": 4096, "cuda": 32768}
# How a CPU's memory runs out: torch's allocator, the C++ library, and oneDNN, which has the same
# words for other failures; those end as a sequence that does not fit alone, with the words.
OUT_OF_MEMORY = (
    "allocate memory",
    "bad_alloc",
    "could not create a primitive",
    "could not create a memory object",
    "could not execute a primitive",
)


def device_for(text):
    """Return the torch.device for `auto`, `cpu`, `cuda` or `cuda:N`.

    Raises InputError where there is no such device.
    """
    if text == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(text)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(
            f"compute.device is {text!r}, this machine shows {torch.cuda.device_count()} CUDA "
            "device(s); set it to auto or cpu"
        )
    return device


def keep_freed_memory():
    """Have glibc keep what is freed: a layer's activations are allocated anew at each layer, and
    handing them back to the system in between halves the speed of a small network on a CPU."""
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_MAX, 0)
        libc.mallopt(M_TRIM_THRESHOLD, 1 << 30)


def release_freed_memory(device):
    """Give back what a failed batch has left behind: libraries beside torch need room, too."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def use_full_precision():
    """Make float32 mean float32: cuDNN would compute CARP's convolutions in TF32 by default."""
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


def out_of_memory(error):
    """Tell whether an error says that memory ran out, on a GPU or on the host."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or (
        isinstance(error, RuntimeError) and any(text in str(error) for text in OUT_OF_MEMORY)
    )


@torch.inference_mode()
def pooled(encoder, sequences, poolings, device):
    """Return the pooled states of a batch, {pooling: float32 array [layer, sequence, width]}.

    States are pooled layer by layer where they are made, so that no layer's tokens are kept.
    """
    tokens = encoder.tokenize(sequences).to(device)
    residues = encoder.residues(tokens)
    kept = {pooling: [] for pooling in poolings}

    def sink(layer, states):
        for pooling, layers in kept.items():
            layers.append(POOLS[pooling](states, residues).float())

    encoder.embed(tokens, sink)
    return {pooling: torch.stack(layers).cpu().numpy() for pooling, layers in kept.items()}


def pooled_in_halves(encoder, ids, sequences, poolings, device):
    """Return `pooled`, by halves where memory runs out.

    Raises InputError that names the sequence which does not fit alone.
    """
    try:
        return pooled(encoder, sequences, poolings, device)
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        reason = first_line(error)
    # Outside the handler, whose traceback keeps the failed batch's tensors alive.
    if len(sequences) == 1:
        raise InputError(
            f"sequence {ids[0]} of {len(sequences[0]):,} residues does not fit into the memory of "
            f"{device} even alone ({reason}); use a device with more memory, or have it cut: the "
            "model's limit with the data set's too_long"
        )
    release_freed_memory(device)
    log.info("out of memory with %d sequences, halving the batch", len(sequences))
    half = len(sequences) // 2
    first = pooled_in_halves(encoder, ids[:half], sequences[:half], poolings, device)
    second = pooled_in_halves(encoder, ids[half:], sequences[half:], poolings, device)
    return {pooling: np.concatenate([first[pooling], second[pooling]], 1) for pooling in poolings}


def extract(encoder, ids, sequences, poolings, writer, device, tokens_per_batch="auto"):
    """Embed `sequences`, longest first, and hand blocks of pooled vectors to `writer`."""
    lengths = [len(sequence) for sequence in sequences]
    budget = TOKENS_PER_BATCH[device.type] if tokens_per_batch == "auto" else int(tokens_per_batch)
    progress = Progress(len(sequences), sum(lengths))
    for start, stop in token_batches(lengths, budget):
        part = slice(start, stop)
        blocks = pooled_in_halves(encoder, ids[part], sequences[part], poolings, device)
        for pooling, block in blocks.items():
            writer.write(pooling, start, block)
        progress.advance(stop - start, sum(lengths[part]))
