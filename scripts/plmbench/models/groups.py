"""Groups: sequences of one length side by side, and groups one after the other, without padding.

What works on each token alone (products, LayerNorm, the activation) takes all tokens of all groups
at once. Attention takes a group after the other; convolution gathers each token's neighbours.
"""

import torch
from torch.nn import functional


class Groups:
    """Tokens in groups, and what their states look like."""

    def __init__(self, tokens, padding):
        """tokens: int64 [sequence, token], one a group; padding: the token that is none, of which a
        group may have some, as a batch on a GPU does."""
        self.tokens = tokens
        self.sizes = [group.numel() for group in tokens]
        self.masks = [group == padding for group in tokens]  # bool [sequence, token]
        self.paddings = [mask if mask.any() else None for mask in self.masks]
        self.longest = max(group.shape[1] for group in tokens)
        self.tables = {}

    def with_nothing(self, states):
        """Return states [token + 1, ...], zeros in the last row: where `neighbours` has none."""
        return torch.cat([states, states.new_zeros(1, *states.shape[1:])])

    def neighbours(self, offset):
        """Return int64 [token * 2], where the tokens so far before and after each one stand; the
        number of tokens where that is beyond the sequence or padding."""
        if offset not in self.tables:
            none, first, pairs = sum(self.sizes), 0, []
            for mask in self.masks:
                there = torch.arange(first, first + mask.numel(), device=mask.device)
                there = there.view(mask.shape).masked_fill(mask, none)
                wide = functional.pad(there, (offset, offset), value=none)
                pairs.append(torch.stack([wide[:, : -2 * offset], wide[:, 2 * offset :]], -1))
                first += mask.numel()
            self.tables[offset] = torch.cat([pair.flatten() for pair in pairs])
        return self.tables[offset]

    def packed(self, states):
        """Return states [token, ...] of all groups from those of each [sequence, token, ...]."""
        flat = [part.flatten(0, 1) for part in states]
        return torch.cat(flat) if len(flat) > 1 else flat[0]

    def parts(self, states):
        """Return each group's states [sequence, token, ...] from those of all [token, ...]."""
        parts = states.split(self.sizes)
        return [p.unflatten(0, g.shape) for p, g in zip(parts, self.tokens, strict=True)]

    def apart(self, work, states):
        """Return states [token, ...] after `work(part, padding)` on each group; padding: bool
        [sequence, token], or None."""
        pairs = zip(self.parts(states), self.paddings, strict=True)
        return self.packed([work(part, padding) for part, padding in pairs])
