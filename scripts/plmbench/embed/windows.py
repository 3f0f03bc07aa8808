"""Windows: a sequence above a model's max_length as overlapping pieces, put together again."""

import torch


def window_starts(length, max_length):
    """Return where windows of `max_length` residues start: half a window apart, and at the end."""
    stride = max(max_length // 2, 1)
    return [*range(0, length - max_length, stride), length - max_length]


def stitched(states, residues, starts, length):
    """Return [1, length, dim] from the states of one sequence's windows [window, token, dim].

    A residue that several windows hold gets the mean of its states.
    """
    total = states.new_zeros(length, states.shape[2])
    count = states.new_zeros(length, 1)
    for window, mine, start in zip(states, residues, starts, strict=True):
        part = slice(start, start + int(mine.sum()))
        total[part] += window[mine]
        count[part] += 1
    return (total / count).unsqueeze(0)


def stitching(hook, residues, starts, length):
    """Return a hook that takes the states of windows and hands `hook` those of the sequence."""

    def stitch(layer, states):
        hook(layer, [stitched(states[0], residues, starts, length)])

    return stitch, torch.ones(1, length, dtype=torch.bool, device=residues.device)
