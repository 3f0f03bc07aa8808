"""What networks learn by: what one is shown of proteins, and which tokens it must tell.

A new objective is a function and a line in OBJECTIVES.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from plmbench.models.residue_texts import PADDING
from plmbench.pretrain.masking import corrupt

NONE = -1  # where a vocabulary has no such token
IGNORED = -100  # in the place of a token that need not be told
DENSITY, SPAN = 0.15, 3.0  # of T5: the share of residues that is cut out, and the mean of a span


class Words(NamedTuple):
    """The tokens that an objective needs of a vocabulary."""

    amino_acids: Sequence[int]  # the twenty
    mask: int = NONE  # of a masked residue
    sentinels: Sequence[int] = ()  # of spans that are cut out
    start: int = NONE  # what begins a decoder's text
    end: int = NONE  # what ends it


class Problem(NamedTuple):
    """What a network is shown, and what it must tell."""

    shown: tuple[Tensor, ...]  # what `logits` of a trainee takes, int64 [sequence, token]
    targets: Tensor  # int64 [sequence, token] of the logits, or IGNORED


def masked(tokens: Tensor, residues: Tensor, words: Words, draw: np.random.Generator) -> Problem:
    """Return BERT's problem: to tell residues that are masked or replaced."""
    shown, chosen = corrupt(tokens, residues, words.amino_acids, words.mask, draw)
    return Problem((shown,), tokens.masked_fill(~chosen, IGNORED))


def next_residue(
    tokens: Tensor, residues: Tensor, words: Words, draw: np.random.Generator
) -> Problem:
    """Return GPT-2's problem: to tell each residue from what comes before it."""
    targets = torch.full_like(tokens, IGNORED)
    targets[:, :-1] = tokens[:, 1:].masked_fill(~residues[:, 1:], IGNORED)
    return Problem((tokens,), targets)


def parts(total: int, count: int, draw: np.random.Generator) -> np.ndarray:
    """Return `count` whole numbers of at least 1 whose sum is `total`, all such rows being equally
    likely."""
    borders = np.sort(draw.choice(np.arange(1, total), count - 1, replace=False))
    return np.diff([0, *borders, total])


def cut_out(length: int, most: int, draw: np.random.Generator) -> np.ndarray:
    """Return lengths [span, 2] of what is kept and what is cut out in turn, as T5 draws them
    (`random_spans_noise_mask`); most: of spans."""
    noise = min(max(round(length * DENSITY), 1), max(length - 1, 1))
    if length == 1:
        return np.array([[0, 1]])
    spans = min(max(round(noise / SPAN), 1), length - noise, most)
    return np.stack([parts(length - noise, spans, draw), parts(noise, spans, draw)], axis=1)


def one_with_spans(
    row: Tensor, residues: Tensor, words: Words, draw: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Return the tokens of a sequence with a sentinel in place of each span, and the sentinels with
    what stood there; row, residues: [token]."""
    first, last = residues.nonzero()[[0, -1], 0].tolist()
    texts, answers, at = [row[:first]], [], first
    lengths = cut_out(last + 1 - first, len(words.sentinels), draw)
    for (kept, cut), sentinel in zip(lengths.tolist(), words.sentinels, strict=False):
        mark = row.new_tensor([sentinel])
        texts += [row[at : at + kept], mark]
        answers += [mark, row[at + kept : at + kept + cut]]
        at += kept + cut
    after = row[last + 1 :]
    return torch.cat([*texts, after[after != PADDING]]), torch.cat(
        [*answers, row.new_tensor([words.end])]
    )


def spans(tokens: Tensor, residues: Tensor, words: Words, draw: np.random.Generator) -> Problem:
    """Return T5's problem: to tell the spans that are cut out of a sequence, each after its
    sentinel (Raffel et al. 2020)."""
    pairs = [
        one_with_spans(row, known, words, draw) for row, known in zip(tokens, residues, strict=True)
    ]
    shown = pad_sequence([text for text, _ in pairs], True, PADDING)
    targets = pad_sequence([answer for _, answer in pairs], True, IGNORED)  # [sequence, token]
    before = targets.masked_fill(targets == IGNORED, PADDING)
    start = targets.new_full((len(targets), 1), words.start)
    return Problem((shown, torch.cat([start, before[:, :-1]], 1)), targets)


Objective = Callable[[Tensor, Tensor, Words, np.random.Generator], Problem]
OBJECTIVES: dict[str, Objective] = {"masked": masked, "next": next_residue, "spans": spans}
