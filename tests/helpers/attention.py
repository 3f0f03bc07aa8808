"""Attention within segments as torch's kernel has it for GPUs, in plain steps for a CPU."""

from itertools import pairwise

import torch

from plmbench.hardware.attention import masked


def one_by_one(q, k, v, segments):
    """Attend within one segment after the other, each [token, head, head_dim]."""
    starts = list(zip(segments.queries.tolist(), segments.keys.tolist(), strict=True))
    parts = []
    for (a, c), (b, d) in pairwise(starts):
        assert 0 < b - a <= segments.most_queries
        assert 0 < d - c <= segments.most_keys
        part = (q[a:b], k[c:d], v[c:d])
        mixed = masked(*(x.transpose(0, 1)[None] for x in part), None)
        parts.append(mixed[0].transpose(0, 1))
    return torch.cat(parts)
