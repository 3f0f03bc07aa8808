"""How many tokens a batch may have: on a CPU the network's width decides, on a GPU its free memory.

No GPU has run this version.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from plmbench.core.poolings import RESIDUES
from plmbench.embed.batches import MOST_TOKENS
from plmbench.embed.extraction import Pooling

SEQUENCES, LENGTH = 16, 256  # of the batch that is measured
SHARE = 0.6  # of a GPU's free memory; the rest is for fragments, and a batch that pads more
LEAST = 1 << 12
WIDE, LEAST_ON_CPU = 1 << 21, 1 << 10  # numbers of a state of all tokens; tokens
LIKE_ANY = ("mean", "max", RESIDUES)  # poolings that take sequences of any length
PROTEIN = ("A" * LENGTH, LENGTH)
Embed = Callable[[Sequence[str], Pooling], Mapping[str, NDArray[np.float32]]]


def tokens_in(free: float, used: float, tokens: int) -> int:
    """Return the power of two of tokens whose states fit into `free` bytes, if `tokens` took
    `used` bytes. A power of two, so that a little less free memory gives the same batches, and the
    last digits of the same results."""
    fit = int(SHARE * free / max(used / tokens, 1))
    return min(MOST_TOKENS["cuda"], max(LEAST, 1 << max(fit, 1).bit_length() - 1))


def tokens_on_gpu(
    embed: Embed, pooling: Pooling, device: torch.device, example: tuple[str, int]
) -> int:
    """Return `tokens_in` for a GPU, by the memory that a batch takes there.

    embed: `pooled` of a network, of sequences and a Pooling; example: a sequence and its length.
    """
    names = [name for name in pooling.names if name in LIKE_ANY] or ["mean"]
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    text, length = example
    embed([text] * SEQUENCES, pooling._replace(names=names, window=None))
    used = torch.cuda.max_memory_allocated(device) - before
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info(device)
    return tokens_in(free, used, SEQUENCES * length)


def tokens_on_cpu(hidden_size: int) -> int:
    """Return how many tokens of a network of this width a batch on a CPU has: fewer of wide ones,
    so that a job takes no more than half a gibibyte beside its weights; they lose no speed."""
    fit = 1 << (WIDE // hidden_size).bit_length() - 1
    return min(MOST_TOKENS["cpu"], max(LEAST_ON_CPU, fit))


def budget(
    asked: int | str,
    embed: Embed,
    pooling: Pooling,
    device: torch.device,
    hidden_size: int,
    example: tuple[str, int] = PROTEIN,
) -> int:
    """Return how many tokens a batch may have; asked: a number, or `auto`; example: a sequence and
    its length, to measure with."""
    if asked != "auto":
        return int(asked)
    if device.type == "cpu":
        return tokens_on_cpu(hidden_size)
    return tokens_on_gpu(embed, pooling, device, example)
