"""The {weights} wildcard: which weights a network carries.

`none` (a representation without weights), `pretrained`, or `<ablation>-<seed>` such as
`reinit-0`. Nothing else in the project reads this text.
"""

import re
from typing import NamedTuple

from plmbench.core.errors import InputError

NONE, PRETRAINED = "none", "pretrained"
ABLATED = r"([a-z][a-z0-9_]*)-(0|[1-9]\d{0,8})"  # one text per seed: 00 would count 0 twice
PATTERN = rf"none|pretrained|{ABLATED}"


class Weights(NamedTuple):
    """Which ablation (or `pretrained`, or `none`), under which seed (None: nothing to draw)."""

    ablation: str
    seed: int | None

    @property
    def ablated(self) -> bool:
        """Tell whether weights are redrawn."""
        return self.seed is not None


def parse_weights(text: str) -> Weights:
    """Read the {weights} wildcard; raises InputError for any other text."""
    if text in (NONE, PRETRAINED):
        return Weights(text, None)
    match = re.fullmatch(ABLATED, text)
    if not match:
        raise InputError(
            f"weights {text!r}: must be 'pretrained' or '<ablation>-<seed>', such as 'reinit-0'"
        )
    return Weights(match[1], int(match[2]))
