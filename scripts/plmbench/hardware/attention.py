"""Self-attention of a batch, with or without padding.

A mask keeps a GPU from its fast kernels. There the tokens of a padded batch are taken as segments
one after the other instead: each sequence's own tokens attend to each other, and so does the
padding behind them, which nobody reads.

No GPU has run this; there the segments are used only where they give what a mask gives.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from plmbench.core.logs import log

TOLERANCE = 0.05  # of the mean magnitude; a wrong segment is off by about 1, bfloat16 by 0.01
WIDEST = 256  # head_dim that the kernels for segments take, in steps of STEP
STEP = 8
OLDEST = (8, 0)  # compute capability: Ampere


class Segments(NamedTuple):
    """Where segments of the tokens of a batch, one sequence after the other, begin and end."""

    queries: Tensor  # int32 [segment + 1]
    keys: Tensor  # int32 [segment + 1]
    most_queries: int  # of a segment
    most_keys: int


Varlen = Callable[[Tensor, Tensor, Tensor, Segments], Tensor]


class Padding:
    """Which tokens fill up a batch, on the right."""

    def __init__(self, mask: Tensor) -> None:
        """mask: bool [sequence, token], true where a token is padding."""
        self.mask = mask
        self.known: dict[int, Segments] = {}

    def keys(self, extra: int) -> Tensor:
        """Return bool [sequence, 1, 1, token + extra], true for keys that count; the last `extra`
        of each sequence belong to no token and do."""
        return ~functional.pad(self.mask, (0, extra))[:, None, None]

    def segments(self, extra: int) -> Segments:
        """Return the segments: of each sequence its own tokens, and its padding where it has
        any. The first `extra` keys of each sequence go with its own tokens."""
        if extra not in self.known:
            padding = self.mask.sum(1)  # [sequence]
            own = self.mask.shape[1] - padding
            pairs = torch.stack([own, padding], 1).flatten()  # [sequence * 2]
            there = pairs > 0
            queries = pairs[there]  # [segment]
            more = torch.tensor([extra, 0], device=pairs.device).repeat(len(own))
            keys = queries + more[there]
            self.known[extra] = Segments(
                bounds(queries), bounds(keys), int(queries.max()), int(keys.max())
            )
        return self.known[extra]


def bounds(lengths: Tensor) -> Tensor:
    """Return int32 [segment + 1], where segments of these lengths begin, and the end."""
    return functional.pad(lengths.cumsum(0), (1, 0)).to(torch.int32)


def masked(q: Tensor, k: Tensor, v: Tensor, padding: Padding | None) -> Tensor:
    """Return attention [sequence, head, token, head_dim] of q, k and v of that shape; k and v may
    have more at their end, as `Padding.keys` says."""
    keys = None if padding is None else padding.keys(k.shape[2] - q.shape[2])
    return functional.scaled_dot_product_attention(q, k, v, attn_mask=keys)


def torchs_varlen(q: Tensor, k: Tensor, v: Tensor, segments: Segments) -> Tensor:
    """Return attention [token, head, head_dim] within segments, by torch 2.11 or newer."""
    from torch.nn.attention.varlen import varlen_attn  # not there in an older torch

    mixed: Any = varlen_attn(q, k, v, *segments)
    return mixed


def in_segments(varlen: Varlen, q: Tensor, k: Tensor, v: Tensor, padding: Padding) -> Tensor:
    """Return what `masked` does for tokens that are no padding, by attention within segments."""
    extra = k.shape[2] - q.shape[2]
    q, k, v = (part.transpose(1, 2) for part in (q, k, v))  # [sequence, token, head, head_dim]
    if extra:  # beside the tokens that they go with, of which padding stands at the end
        k, v = k.roll(extra, 1), v.roll(extra, 1)
    segments = padding.segments(extra)
    mixed = varlen(q.flatten(0, 1), k.flatten(0, 1), v.flatten(0, 1), segments)
    # [token, head, head_dim] to [sequence, head, token, head_dim]
    return mixed.unflatten(0, (len(q), -1)).transpose(1, 2)


def agrees(varlen: Varlen, device: torch.device, dtype: torch.dtype, head_dim: int) -> bool:
    """Tell whether attention within segments gives on a device what a mask gives."""
    generator = torch.Generator().manual_seed(0)
    lengths = torch.tensor([9, 7, 4])[:, None]
    padding = Padding((torch.arange(9) >= lengths).to(device))
    own = ~padding.mask  # [sequence, token]
    for extra in (0, 1):
        qkv = torch.randn(3, 9 + extra, 3, 2, head_dim, generator=generator)
        # each [sequence, head, token, head_dim], as they lie in a network
        q, k, v = qkv.to(device, dtype).permute(2, 0, 3, 1, 4)
        q = q[:, :, :9]
        expected = masked(q, k, v, padding).transpose(1, 2)[own].float()
        try:
            found = in_segments(varlen, q, k, v, padding).transpose(1, 2)[own].float()
        except torch.OutOfMemoryError:  # says nothing of the kernel, and the batch is halved
            raise
        except (RuntimeError, ImportError, AttributeError, TypeError) as error:
            log.info("attention with a mask: %s", str(error).partition("\n")[0])
            return False
        if not (found - expected).abs().max() <= TOLERANCE * expected.abs().mean():
            log.warning("attention within segments is wrong on %s, a mask is used instead", device)
            return False
    return True


@lru_cache
def varlen_for(device: torch.device, dtype: torch.dtype, head_dim: int) -> Varlen | None:
    """Return what attends within segments on a device, or None where a mask has to do."""
    fits = (
        device.type == "cuda"
        and dtype in (torch.bfloat16, torch.float16)
        and head_dim <= WIDEST
        and head_dim % STEP == 0
        and torch.cuda.get_device_capability(device) >= OLDEST
        and agrees(torchs_varlen, device, dtype, head_dim)
    )
    return torchs_varlen if fits else None


def attention(q: Tensor, k: Tensor, v: Tensor, padding: Padding | None) -> Tensor:
    """Return attention [sequence, head, token, head_dim], as of `masked`; where it can be without
    a mask, the padding's own is something else."""
    varlen: Any = None if padding is None else varlen_for(q.device, q.dtype, q.shape[3])
    if varlen is None or padding is None:
        return masked(q, k, v, padding)
    return in_segments(varlen, q, k, v, padding)
