"""Roles of parameters, and scopes: which part of a network an ablation reaches, and sweeps.

Block i makes layer i, so blocks count from 1. What stands before the blocks has position 0, what
stands after them num_layers + 1: top k takes what is after them along, bottom k what is before.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
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
ATTENTION = tuple(role for role in ROLES if role.startswith("attention."))
GROUPS = {  # of roles, under names that mean the same in every family
    "attention": ATTENTION,
    "attention.qk": ("attention.q", "attention.k"),
    "attention.vo": ("attention.v", "attention.out"),
    "mixing": ("conv", *ATTENTION, "relative_position"),  # what takes one residue to another
    "pointwise": ("mlp",),  # what works on each residue alone
}
FUSED = "attention.qkv"
SPLIT = ("attention.q", "attention.k", "attention.v", "attention.qk", "attention.vo")  # of it
UNSEEN = ("head", "contact_head")  # no embedding passes through them
KEPT = ("token_embedding", "projection")  # in every family
SCOPED_ROLES = (*GROUPS, *(role for role in ROLES if role not in (*UNSEEN, *KEPT, *GROUPS)))
SWEPT_ROLES = (
    *("mixing", "attention.qk", "attention.vo", FUSED, "pointwise"),
    *("norm", "position", "relative_position", "token_type"),
)

BLOCKS = r"all|every|(?:top|bottom) [1-9]\d{0,3}|\[[1-9]\d{0,3}, ?[1-9]\d{0,3}\)"
TOP, BOTTOM, BY_ROLE, WINDOW, SCOPE = "top", "bottom", "roles", "window", "scope"
SWEEPS = (TOP, BOTTOM, BY_ROLE, WINDOW)
NOTHING, EVERYTHING = "none", "all"  # names of the points that every sweep has
ERROR, SKIP = "error", "skip"  # what becomes of a scope that reaches nothing of a network


@dataclass(frozen=True)
class Scope:
    """Which parameters are ablated; what is outside stays as it is."""

    blocks: str = "all"  # as BLOCKS, or `none`
    roles: tuple[str, ...] = ()  # of SCOPED_ROLES; all of them if empty
    excepted: tuple[str, ...] = ()  # of SCOPED_ROLES

    def numbers(self) -> list[int]:
        """Return the numbers that its blocks are told by."""
        return [int(number) for number in re.findall(r"\d+", self.blocks)]

    def positions(self, num_layers: int) -> range:
        """Return the positions in a network of so many blocks that the scope takes."""
        numbers, first, last = self.numbers(), 0, num_layers + 1
        spans = {
            "none": lambda: range(0),
            "all": lambda: range(first, last + 1),
            "every": lambda: range(1, last),
            "top": lambda: range(last - numbers[0], last + 1),
            "bottom": lambda: range(first, numbers[0] + 1),
        }
        kind = self.blocks.partition(" ")[0]
        return spans[kind]() if kind in spans else range(*numbers)

    def takes(self, role: str) -> bool:
        """Tell whether the scope takes a role of a family's table."""
        return (not self.roles or role in spelt_out(self.roles)) and role not in spelt_out(
            self.excepted
        )

    def why_absent(self, roles: Collection[str], num_layers: int) -> str:
        """Return why a network of so many blocks, whose parameters have these roles, has not what
        the scope asks for; "" where it has."""
        numbers, window = self.numbers(), self.blocks.startswith("[")
        fits = all(number <= num_layers + (window and i) for i, number in enumerate(numbers))
        if not fits or (window and numbers[0] >= numbers[1]):
            return f"blocks {self.blocks} are not all in a network of {num_layers} blocks"
        if FUSED in roles and (parts := [r for r in (*self.roles, *self.excepted) if r in SPLIT]):
            return (
                f"{parts[0]} is no tensor of its own in this network, whose queries, keys and "
                f"values are one: {FUSED}"
            )
        taken = [role for role in roles if self.takes(role)]
        return "" if taken else f"no parameter has role {' or '.join(self.roles) or 'asked for'}"

    def described(self) -> str:
        """Return the scope in words."""
        words = [f"blocks {self.blocks}"] if self.blocks not in ("all", "none") else []
        words += [f"roles {', '.join(self.roles)}"] if self.roles else []
        words += [f"except {', '.join(self.excepted)}"] if self.excepted else []
        return "; ".join(words) or self.blocks


WHOLE = Scope()


def spelt_out(names: Collection[str]) -> set[str]:
    """Return the roles of families' tables that names of SCOPED_ROLES stand for."""
    return {role for name in names for role in GROUPS.get(name, (name,))}


@dataclass(frozen=True)
class Point:
    """One setting of a sweep: its name, unique in the sweep, and what is ablated."""

    name: str
    kind: str  # of SWEEPS; SCOPE where it stands alone, "" of the points that all sweeps have
    scope: Scope


@dataclass(frozen=True)
class Parts:
    """What an entry with a scope asks for: that scope alone, or sweeps."""

    scope: Scope = WHOLE
    sweep: tuple[str, ...] = ()  # of SWEEPS
    steps: int = 9  # least numbers of blocks in a sweep of the depth, 0 and all among them
    width: int = 1  # of a window, in blocks
    where_absent: str = ERROR

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> "Parts":
        """Make it of an entry of ablations.yaml."""
        roles, excepted = (tuple(settings.get(key, ())) for key in ("roles", "except"))
        own = {key: settings[key] for key in ("steps", "width", "where_absent") if key in settings}
        scope = Scope(settings.get("blocks", "all"), roles, excepted)
        return cls(scope, tuple(settings.get("sweep", ())), **own)

    def whole(self) -> Scope:
        """Return what the last point of a curve ablates: all that the entry can reach. A role's and
        a single scope's share is of the whole network."""
        alone = not self.sweep or BY_ROLE in self.sweep
        return WHOLE if alone else Scope("all", self.scope.roles, self.scope.excepted)

    def points(self, num_layers: int) -> list[Point]:
        """Return the points for a network of so many blocks: none, all, and those of the sweeps,
        whether the network has them or not."""
        ends = [Point(NOTHING, "", Scope("none")), Point(EVERYTHING, "", self.whole())]
        makers = {
            TOP: lambda: self.of_depth(TOP, num_layers),
            BOTTOM: lambda: self.of_depth(BOTTOM, num_layers),
            WINDOW: lambda: self.of_windows(num_layers),
            BY_ROLE: self.of_roles,
        }
        found = [point for name in self.sweep for point in makers[name]()]
        return ends + (found if self.sweep else [Point(self.scope.described(), SCOPE, self.scope)])

    def of_depth(self, direction: str, num_layers: int) -> Iterator[Point]:
        """Yield the points of a sweep from one end, but for those with no block and with all."""
        for k in depths(num_layers, self.steps)[1:-1]:
            yield Point(f"{direction} {k}", direction, self.in_blocks(f"{direction} {k}"))

    def of_windows(self, num_layers: int) -> Iterator[Point]:
        """Yield windows side by side; the last one may be narrower."""
        for first in range(1, num_layers + 1, self.width):
            stop = min(first + self.width, num_layers + 1)
            name = f"block {first}" if stop == first + 1 else f"blocks {first}-{stop - 1}"
            yield Point(name, WINDOW, self.in_blocks(f"[{first}, {stop})"))

    def of_roles(self) -> Iterator[Point]:
        """Yield one point for each role that is asked for, or for each there is."""
        for role in self.scope.roles or SWEPT_ROLES:
            if role not in self.scope.excepted:
                yield Point(role, BY_ROLE, Scope(self.scope.blocks, (role,)))

    def in_blocks(self, blocks: str) -> Scope:
        """Return the entry's scope in other blocks."""
        roles = () if BY_ROLE in self.sweep else self.scope.roles
        return Scope(blocks, roles, self.scope.excepted)

    def may_lack(self, point: Point) -> bool:
        """Tell whether a point is left out where a network lacks it: if the entry says so, and in a
        sweep over whatever roles there are."""
        return self.where_absent == SKIP or (point.kind == BY_ROLE and not self.scope.roles)


def depths(num_layers: int, steps: int) -> list[int]:
    """Return numbers of blocks from 0 to all, at least so many of them where there are so many:
    powers of two from either end, and the middles of the widest gaps."""
    powers = [1 << i for i in range(16) if 2 << i <= num_layers]
    found = sorted({0, num_layers, *powers, *(num_layers - power for power in powers)})
    while len(found) < min(steps, num_layers + 1):
        gap, low = max(((high - low, -low) for low, high in pairwise(found)))
        found = sorted([*found, -low + gap // 2])
    return found
