"""Windows: a sequence above a model's max_length as overlapping pieces, put together again."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from plmbench.models.families import Hook


def window_starts(length: int, max_length: int) -> list[int]:
    """Return where windows of `max_length` residues start: half a window apart, and at the end."""
    stride = max(max_length // 2, 1)
    return [*range(0, length - max_length, stride), length - max_length]


def stitched(states: Tensor, residues: Tensor, starts: Sequence[int], length: int) -> Tensor:
    """Return [1, length, hidden_size] from the states of one sequence's windows [window, token,
    hidden_size]; residues: of each token none or one [window, token].

    A residue that several windows hold gets the mean of its states.
    """
    total = states.new_zeros(length, states.shape[2])  # [residue, hidden_size]
    count = states.new_zeros(length, 1)  # [residue, 1]
    for window, mask, start in zip(states, residues, starts, strict=True):
        part = slice(start, start + int(mask.sum()))
        total[part] += window[mask.bool()]
        count[part] += 1
    return (total / count).unsqueeze(0)  # [1, residue, hidden_size]


def stitching(
    hook_for: Callable[[Sequence[Tensor]], Hook],
    residues: Tensor,
    starts: Sequence[int],
    length: int,
) -> Hook:
    """Return a hook that takes the states of windows and hands those of the sequence to the hook
    that `hook_for` makes for its residues, bool [1, length]: all of its tokens."""
    whole = torch.ones(1, length, dtype=torch.bool, device=residues.device)
    hook = hook_for([whole])

    def stitch(layer: int, states: list[Tensor]) -> None:
        hook(layer, [stitched(states[0], residues, starts, length)])

    return stitch
