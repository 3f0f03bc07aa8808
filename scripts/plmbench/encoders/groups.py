"""Groups: sequences of one length side by side, and groups one after the other, without padding.

What works on each token alone (products, LayerNorm, the activation) takes all tokens of all groups
at once. Attention takes a group after the other; convolution all sequences side by side.
"""

import torch


class Groups:
    """Tokens in groups, and what their states look like."""

    def __init__(self, tokens, padding):
        """tokens: int64 [sequence, token], one a group; padding: the token that is none, of which a
        group may have some, as a batch on a GPU does."""
        self.tokens = tokens
        self.sizes = [group.numel() for group in tokens]
        self.masks = [group == padding for group in tokens]  # bool [sequence, token]
        self.paddings = [mask if mask.any() else None for mask in self.masks]
        whole = all(mask is None for mask in self.paddings)
        self.padding = None if whole else self.packed(self.masks)  # bool [token]
        self.count = sum(map(len, tokens))
        self.longest = max(group.shape[1] for group in tokens)
        self.places = self.places_side_by_side() if len(tokens) > 1 else None

    def places_side_by_side(self):
        """Return where each token stands in [sequence, token of the longest], flattened."""
        places, first = [], 0
        for group in self.tokens:
            rows = torch.arange(first, first + len(group), device=group.device)
            columns = torch.arange(group.shape[1], device=group.device)
            places.append((rows[:, None] * self.longest + columns).flatten())
            first += len(group)
        return torch.cat(places)

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

    def side_by_side(self, work, states):
        """Return states [token, dim] after `work` on [sequence, token, dim] of all sequences at
        once, with zeros for padding and after the end of the shorter ones."""
        if self.padding is not None:
            states = states.masked_fill(self.padding.unsqueeze(-1), 0.0)
        shape = (self.count, self.longest)
        if self.places is None:
            return work(states.unflatten(0, shape)).flatten(0, 1)
        wide = states.new_zeros(self.count * self.longest, states.shape[1])
        wide.index_copy_(0, self.places, states)
        return work(wide.unflatten(0, shape)).flatten(0, 1).index_select(0, self.places)
