"""Part 4: where the time of one batch goes: the longest kernels, products, and the gaps."""

import re
from collections import defaultdict
from itertools import pairwise

from benchmarks.gpu.cards import timeline
from benchmarks.gpu.networks import encoder_of, packed
from benchmarks.gpu.scales import data
from plmbench.embed.batches import token_batches
from plmbench.embed.budgets import budget
from plmbench.embed.extraction import Pooling
from plmbench.embed.forward import pooled
from plmbench.hardware.memory import use_full_precision

PART = "profile"
LONGEST = 10
KINDS = {  # the first that matches; names are those of cuBLAS, CUTLASS, FlashAttention, torch
    "attention": r"flash|fmha|attention|sdpa",
    "products": r"gemm|gemv|nvjet|cutlass|xmma|cublas|mm\b|linear|conv",
    "copies": r"memcpy|memset|copy",
}


def kind_of(kernel):
    """Return the kind of a kernel, by its name."""
    matches = (kind for kind, words in KINDS.items() if re.search(words, kernel, re.I))
    return next(matches, "the rest")


def merged(intervals):
    """Return sorted (start, end) of the times in which anything ran."""
    found = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([start, end])
    return found


def gaps(intervals):
    """Return the seconds of each gap in which nothing ran, and the seconds from first to last."""
    busy = merged(intervals)
    between = [b[0] - a[1] for a, b in pairwise(busy)]
    return between, busy[-1][1] - busy[0][0]


def add_rows(bench, who, kernels):
    """Add what a timeline of (name, start, end) says."""
    spent, calls, kinds = defaultdict(float), defaultdict(int), defaultdict(float)
    for name, start, end in kernels:
        spent[name] += end - start
        calls[name] += 1
        kinds[kind_of(name)] += end - start
    total = sum(spent.values())
    idle, span = gaps([(start, end) for _, start, end in kernels])
    bench.record.add(PART, "ms from first to last kernel", 1e3 * span, **who)
    note = f"{len(idle)} gaps, the longest {1e6 * max(idle, default=0):.0f} us"
    bench.record.add(PART, "share in gaps", sum(idle) / span, note=note, **who)
    for kind in (*KINDS, "the rest"):
        bench.record.add(PART, f"share in {kind}", kinds[kind] / total, **who)
    for name in sorted(spent, key=lambda name: -spent[name])[:LONGEST]:
        note = f"{calls[name]} x {kind_of(name)}: {name[:150]}"
        bench.record.add(PART, "share of a kernel", spent[name] / total, note=note, **who)


def run(bench):
    """Profile the first batch of mixed lengths in the first precision."""
    name, network = next(iter(bench.scale.networks.items()))
    precision, device = next(iter(bench.card.precisions)), bench.card.device
    who = {"network": name, "data": "mixed", "precision": precision}
    if not bench.time_for(PART, **who):
        return
    use_full_precision()
    with bench.step(PART, **who):
        encoder, pooling = packed(encoder_of(network), device, precision), Pooling(["mean"])

        def embed(sequences, pooling):
            return pooled(encoder, sequences, pooling, device)

        tokens = budget(bench.scale.tokens, embed, pooling, device, encoder.hidden_size)
        sequences = data(bench.scale, "mixed", bench.scale.most)
        batches = token_batches([len(sequence) for sequence in sequences], tokens)
        start, stop = batches[len(batches) // 2]
        embed(sequences[start:stop], pooling)  # warm
        add_rows(bench, who, timeline(bench.card, lambda: embed(sequences[start:stop], pooling)))
