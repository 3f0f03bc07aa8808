"""A family's parameters: how each one is initialised, and what an ablation is.

`config/families/<family>.yaml` holds one table per family; `study.families` reads and checks it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import translate
from typing import Any

from plmbench.core.scopes import WHOLE, Parts, Scope

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
    before: bool = False  # outside of the blocks: before them, where its role would say after

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


# The options of a row, and the initialisers that read them, () for any; a shuffle reads
# padding_row, too.
OPTIONS: dict[str, tuple[str, ...]] = {
    "gain": ("xavier_uniform",),
    "padding_row": ("normal", "truncated_normal"),
    "std": ("normal", "truncated_normal"),
    "bound": ("truncated_normal",),
    "value": ("constant",),
    "before": (),
}
AFTER = ("norm", "head", "contact_head")  # roles that outside of the blocks stand after them


@dataclass(frozen=True)
class Ablation:
    """What is done to the parameters of a family, and to which of them."""

    action: str  # of models.ablations.ACTIONS
    parameters: Sequence[ParameterRow]
    scope: Scope = WHOLE
    parts: Parts | None = None  # what is swept over, each point with a scope of its own

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> "Ablation":
        """Make an ablation of a job's parameter: {action, parameters: [row, ...]}, with `parts`
        where it has a scope."""
        rows = tuple(ParameterRow(**row) for row in settings["parameters"])
        parts = Parts.read(settings["parts"]) if "parts" in settings else None
        return cls(settings["action"], rows, parts=parts)
