"""A family's parameters: their roles, how each one is initialised, and what an ablation is.

`config/families/<family>.yaml` holds one table per family; `study.families` reads and checks it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import translate
from typing import Any

ROLES = {
    "token_embedding": "one vector per token; often also the output weights, as one tied tensor",
    "position": "learned positions, added to the token embeddings",
    "relative_position": "a bias of attention for each distance between tokens",
    "token_type": "one vector per kind of token, added to the token embeddings",
    "projection": "a linear map from one width to another outside of the blocks",
    "norm": "scale and shift of a LayerNorm that embeddings pass through",
    "attention.q": "queries",
    "attention.k": "keys",
    "attention.v": "values",
    "attention.qkv": "queries, keys and values in one tensor",
    "attention.out": "the linear map after attention",
    "attention.cross": "what a decoder takes from its encoder's states",
    "attention.bias_kv": "one learned key and value beside those of the tokens",
    "conv": "a convolution, which mixes residues",
    "mlp": "the position-wise feed-forward layers",
    "head": "the language-model head with its LayerNorm; no embedding passes through it",
    "contact_head": "the regression from attention to contacts; no embedding passes through it",
}
KEEP = "keep"  # the initialiser of parameters that no ablation touches
BLOCK = "{block}"  # where the number of a block stands in a pattern
BY_LIBRARY = "library"  # the initialiser that the library's own constructor is asked for
NO_BLOCK = -1  # of parameters outside of the blocks


@dataclass(frozen=True)
class ParameterRow:
    """One row of a family's table: what the parameters that it matches are, and how they start."""

    match: str  # a glob over parameter names, with {block} for the number of the block
    role: str  # of ROLES
    initialiser: str  # of models.initialisers.INITIALISERS
    gain: float = 1.0  # factor of xavier_uniform
    padding_row: int | None = None  # the row of an embedding that belongs to padding
    std: float = 1.0  # standard deviation of normal and truncated_normal, before the latter is cut
    bound: float = 2.0  # where truncated_normal is cut, on either side
    value: float = 0.0  # of constant

    @property
    def pattern(self) -> re.Pattern[str]:
        """Return the row's glob as a regular expression, with a group `block` where it has one."""
        return re.compile(translate(self.match).replace(r"\{block\}", r"(?P<block>\d+)"))

    def settings(self) -> dict[str, Any]:
        """Return the row as a configuration writes it, without what it leaves open."""
        options = self.options()
        return {key: value for key, value in asdict(self).items() if key not in OPTIONS} | options

    def stated(self) -> str:
        """Return what the ledger says of options that were read from a library: "(std=0.02)"."""
        read = {key: v for key, v in self.options().items() if key in ("std", "bound", "value")}
        return f"({', '.join(f'{key}={v:.9g}' for key, v in read.items())})" if read else ""

    def options(self) -> dict[str, Any]:
        """Return the options that are not as they are if nothing is said."""
        given = {key: getattr(self, key) for key in OPTIONS}
        return {key: v for key, v in given.items() if v != self.__dataclass_fields__[key].default}


# The options of a row, and the initialisers that read them; a shuffle reads padding_row, too.
OPTIONS = {
    "gain": ("xavier_uniform",),
    "padding_row": ("normal", "truncated_normal"),
    "std": ("normal", "truncated_normal"),
    "bound": ("truncated_normal",),
    "value": ("constant",),
}


@dataclass(frozen=True)
class Ablation:
    """What is done to the parameters of a family."""

    action: str  # of models.ablations.ACTIONS
    parameters: Sequence[ParameterRow]

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> "Ablation":
        """Make an ablation of a job's parameter: {action, parameters: [row, ...]}."""
        return cls(settings["action"], tuple(ParameterRow(**row) for row in settings["parameters"]))
