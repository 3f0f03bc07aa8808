"""Groups: sequences of one length side by side, and groups one after the other, without padding.

What works on each token alone (products, LayerNorm, the activation) takes all tokens of all groups
at once. Attention takes one group after the other; convolution gathers each token's neighbours.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from plmbench.hardware.attention import Padding


class Groups:
    """Tokens in groups, and what their states look like."""

    def __init__(self, tokens: Sequence[Tensor], padding: int) -> None:
        """tokens: int64 [sequence, token] of each group; padding: the token that fills up. Groups
        have none on a CPU; a batch on a GPU is one group and may have some."""
        self.tokens = tokens
        self.sizes = [group.numel() for group in tokens]
        self.masks = [group == padding for group in tokens]  # each bool [sequence, token]
        self.paddings = [Padding(mask) if mask.any() else None for mask in self.masks]
        self.longest = max(group.shape[1] for group in tokens)
        self.tables: dict[int, Tensor] = {}

    def with_zeros(self, states: Tensor) -> Tensor:
        """Return states [token + 1, ...], zeros in the last row: where `neighbours` has none."""
        return torch.cat([states, states.new_zeros(1, *states.shape[1:])])

    def neighbours(self, offset: int) -> Tensor:
        """Return int64 [token * 2], where the tokens `offset` before and after each one stand; the
        number of tokens where that is beyond the sequence or padding."""
        if offset not in self.tables:
            none, first, pairs = sum(self.sizes), 0, []
            for mask in self.masks:
                positions = torch.arange(first, first + mask.numel(), device=mask.device)
                positions = positions.view(mask.shape).masked_fill(mask, none)  # [sequence, token]
                # [sequence, offset + token + offset]
                wide = functional.pad(positions, (offset, offset), value=none)
                # [sequence, token, 2]
                pair = torch.stack([wide[:, : -2 * offset], wide[:, 2 * offset :]], -1)
                pairs.append(pair.flatten())  # [sequence * token * 2]
                first += mask.numel()
            self.tables[offset] = torch.cat(pairs)
        return self.tables[offset]

    def packed(self, states: Sequence[Tensor]) -> Tensor:
        """Return states [token, ...] of all groups from those of each [sequence, token, ...]."""
        flat = [part.flatten(0, 1) for part in states]  # each [sequence * token, ...]
        return torch.cat(flat) if len(flat) > 1 else flat[0]

    def parts(self, states: Tensor) -> list[Tensor]:
        """Return each group's states [sequence, token, ...] from those of all [token, ...]."""
        parts = states.split(self.sizes)  # each [sequence * token, ...]
        pairs = zip(parts, self.tokens, strict=True)
        return [part.unflatten(0, group.shape) for part, group in pairs]

    def one_by_one(
        self, work: Callable[[Tensor, Padding | None], Tensor], states: Tensor
    ) -> Tensor:
        """Return states [token, ...] after `work(part, padding)` on each group's [sequence, token,
        ...]; padding: None where a group has none."""
        pairs = zip(self.parts(states), self.paddings, strict=True)
        return self.packed([work(part, padding) for part, padding in pairs])
