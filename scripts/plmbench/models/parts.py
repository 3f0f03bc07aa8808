"""A sweep over scopes as one encoder: its layer p is the last layer of the network at point p.

A draw depends on seed and name alone, so the network at a point is made of blocks of two networks:
the pretrained one, and one that is ablated everywhere. Nothing is computed twice for the same
tokens: where a point begins like an earlier one, it goes on from the states after those blocks.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from plmbench.core.errors import InputError
from plmbench.core.families import Ablation
from plmbench.core.logs import log
from plmbench.core.scopes import NOTHING, UNSEEN, Parts, Point, Scope
from plmbench.hardware.matmul import Product
from plmbench.models.ablations import Decision, LedgerRow, ablate, decide
from plmbench.models.blocks import Blocks
from plmbench.models.families import Encoder, Hook, example_for

Step = Callable[..., Any]  # what a block computes: states and what goes with them to states
Choices = tuple[int, ...]  # which network each position is of: before, block 1 ..., after
PRETRAINED = 0  # the number of the network as it was read
EXAMPLE = "MKTAYIAKQRQISFVK"  # on which a sweep is held against computing every point whole


class Variant(NamedTuple):
    """A network, and at which positions its parameters are not the pretrained ones."""

    encoder: Any  # an Encoder with `blocks`
    changed: frozenset[int]
    after: Mapping[str, nn.Parameter]  # what of it stands after the blocks


def steps_of(encoder: Any) -> list[Step]:
    """Return what computes each block of an encoder."""
    blocks = encoder.blocks
    return list(blocks) if isinstance(blocks, Blocks) else [block.forward for block in blocks]


@contextmanager
def with_steps(encoder: Any, steps: Sequence[Step]) -> Iterator[None]:
    """Have other functions compute the blocks of an encoder."""
    if isinstance(encoder.blocks, Blocks):
        with encoder.blocks.replaced(steps):
            yield
        return
    for block, step in zip(encoder.blocks, steps, strict=True):
        block.forward = step
    try:
        yield
    finally:
        for block in encoder.blocks:
            del block.forward  # that of its class stays


@contextmanager
def with_parameters(module: nn.Module, parameters: Mapping[str, nn.Parameter]) -> Iterator[None]:
    """Have other parameters stand in a module, by name."""
    places = [(*name.rpartition("."), other) for name, other in parameters.items()]
    owners = [(module.get_submodule(path), leaf, other) for path, _, leaf, other in places]
    own = [owner._parameters[leaf] for owner, leaf, _ in owners]
    for owner, leaf, other in owners:
        owner._parameters[leaf] = other
    try:
        yield
    finally:
        for (owner, leaf, _), parameter in zip(owners, own, strict=True):
            owner._parameters[leaf] = parameter


def decisions_of(encoder: Any, ablation: Ablation) -> dict[str, Decision]:
    """Return what the family's table says of each parameter of an encoder."""
    names = [name for name, _ in encoder.module.named_parameters()]
    found: dict[str, Decision] = getattr(encoder, "decide", decide)(names, ablation.parameters)
    return found


def points_of(encoder: Any, ablation: Ablation) -> list[Point]:
    """Return the points that a network has. Raises InputError for one that it lacks, unless the
    entry says to leave such out, and for a network without blocks to tell apart."""
    num_layers, parts = encoder.num_layers, ablation.parts or Parts()
    if not hasattr(encoder, "blocks") or len(steps_of(encoder)) != num_layers:
        raise InputError(
            "a scope needs a network whose blocks have weights of their own; states pass through "
            "the same ones of this network again and again, so ablate it as a whole"
        )
    decisions, points = decisions_of(encoder, ablation), []
    for point in parts.points(num_layers):
        touched = replace(point.scope, roles=(), excepted=())
        roles = {
            decision.row.role
            for decision in decisions.values()
            if decision.within(touched, num_layers) and decision.row.role not in UNSEEN
        }
        reason = point.scope.why_absent(roles, num_layers) if point.name != NOTHING else ""
        if not reason:
            points.append(point)
        elif parts.may_lack(point):
            log.info("%s is left out: %s", point.name, reason)
        else:
            raise InputError(
                f"the scope {point.scope.described()} reaches no parameter of this network: "
                f"{reason}; mend the entry in config/ablations.yaml, or say where_absent: skip"
            )
    return points


class Sweep:
    """An Encoder whose layers are the points of a sweep."""

    def __init__(
        self, variants: Sequence[Variant], points: Sequence[Point], choices: Sequence[Choices]
    ) -> None:
        """choices: of each point, which variant each position is of."""
        self.variants, self.choices = variants, choices
        self.base = variants[PRETRAINED].encoder
        self.module: nn.Module = nn.ModuleList(each.encoder.module for each in variants)
        self.num_layers, self.hidden_size = len(points) - 1, self.base.hidden_size
        self.tokenize, self.residues = self.base.tokenize, self.base.residues
        described = [{"name": point.name, "kind": point.kind} for point in points]
        own = {"points": json.dumps(described), "blocks": self.base.num_layers}
        self.facts = getattr(self.base, "facts", {}) | own
        self.begun = [common_start(choices, i) for i in range(len(choices))]
        self.kept = set(self.begun)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.base, name)

    def pack(self, matmul: type[Product]) -> None:
        """Take the weights of all networks over into products, and hold what is computed once
        against every point computed whole."""
        for variant in self.variants:
            variant.encoder.pack(matmul)
        self.check()

    def embed(self, tokens: Sequence[Tensor], hook: Hook) -> None:
        """Call `hook(point, states)` point by point, with the last layer's states: see `Encoder`.

        In memory are the states after those blocks alone from which a later point goes on.
        """
        known: dict[Choices, Any] = {}
        for number in range(len(self.choices)):
            self.run(number, tokens, known, partial(hook, number))

    def run(
        self,
        number: int,
        tokens: Sequence[Tensor],
        known: dict[Choices, Any],
        sink: Callable[[list[Tensor]], None],
    ) -> None:
        """Call `sink` with the last layer's states at a point. known: {choices up to a block: what
        it gave}, to which is added what later points need."""
        choices, begun = self.choices[number], self.begun[number]
        first, *blocks, last = choices
        encoder = self.variants[first].encoder
        own = {variant: steps_of(self.variants[variant].encoder) for variant in set(blocks)}
        steps = [own[variant][i] for i, variant in enumerate(blocks)]
        for i, step in enumerate(steps, start=1):
            if choices[: i + 1] in self.kept:
                steps[i - 1] = partial(kept, step, known, choices[: i + 1])
        if begun in known:  # it is all that the next block asks for
            past = len(begun) - 1
            steps[:past] = [partial(recalled, known[begun])] * past

        def hook(layer: int, states: list[Tensor]) -> None:
            if layer == encoder.num_layers:
                sink(states)

        with ExitStack() as stack:
            stack.enter_context(with_steps(encoder, steps))
            if last != first:
                after = self.variants[last].after
                stack.enter_context(with_parameters(encoder.module, after))
            encoder.embed(tokens, hook)

    @torch.inference_mode()
    def check(self) -> None:
        """Raise RuntimeError where a point that goes on from known states is not, to the last bit,
        what it is when all its blocks are computed."""
        device = next(self.module.parameters()).device
        tokens = [self.base.tokenize([example_for(self.base, EXAMPLE)]).to(device)]
        swept: list[Tensor] = []
        self.embed(tokens, lambda point, states: swept.append(states[0].clone()))
        for number, states in enumerate(swept):
            whole: list[Tensor] = []
            self.run(number, tokens, {}, whole.extend)
            if not torch.equal(states, whole[0]):
                raise RuntimeError(f"point {number} of a sweep is not the network computed whole")


def recalled(output: Any, *args: Any, **kwargs: Any) -> Any:
    """Return what a block gave before."""
    return output


def kept(step: Step, known: dict[Choices, Any], key: Choices, *args: Any, **kwargs: Any) -> Any:
    """Return what a block gives, and keep it under `key`."""
    known[key] = step(*args, **kwargs)
    return known[key]


def common_start(choices: Sequence[Choices], number: int) -> Choices:
    """Return the longest beginning, up to a block, that a point shares with an earlier one."""
    own = choices[number][:-1]
    lengths = [0]
    for other in choices[:number]:
        same = [a == b for a, b in zip(own, other[:-1], strict=True)]
        lengths.append(same.index(False) if False in same else len(own))
    return own[: max(lengths)]


def choices_of(scope: Scope, number: int, changed: frozenset[int], num_layers: int) -> Choices:
    """Return which variant each position of a point is of; number: that of the variant which has
    the scope's roles ablated everywhere, at the positions `changed`."""
    reached = changed & {*scope.positions(num_layers)}
    return tuple(number if i in reached else PRETRAINED for i in range(num_layers + 2))


def variant_of(encoder: Any, decisions: Mapping[str, Decision], scope: Scope | None) -> Variant:
    """Return the Variant of an encoder that is ablated within a scope, or is not (None)."""
    num_layers = encoder.num_layers
    seen = {name: each for name, each in decisions.items() if each.row.role not in UNSEEN}
    changed = {
        each.position(num_layers)
        for each in seen.values()
        if scope and each.within(scope, num_layers)
    }
    parameters = dict(encoder.module.named_parameters())
    after = {n: parameters[n] for n, each in seen.items() if each.position(num_layers) > num_layers}
    return Variant(encoder, frozenset(changed), after)


def load_sweep(
    read: Callable[[], tuple[Encoder, str]], ablation: Ablation, seed: int
) -> tuple[Sweep, str, list[LedgerRow]]:
    """Return the Sweep of an ablation's parts, the checkpoint's sha256, and the ledger: that of
    `ablate` for each network that is ablated everywhere, with what is in a column `scope`.

    read: returns the network anew, and the sha256; as many are in memory as there are scopes that
    differ in roles, and the pretrained one. Raises InputError for a network that lacks what is
    asked for, or whose blocks have no weights of their own.
    """
    base, digest = read()
    decisions, points = decisions_of(base, ablation), points_of(base, ablation)
    scopes = [replace(point.scope, blocks="all") for point in points]
    numbers = {scope: i for i, scope in enumerate(dict.fromkeys(scopes[1:]), start=1)}
    variants, ledger = [variant_of(base, decisions, None)], []
    for scope in numbers:
        encoder, _ = read()
        own = getattr(encoder, "decide", decide)
        rows = ablate(encoder.module, replace(ablation, scope=scope), seed, own)
        ledger += [row | {"scope": scope.described()} for row in rows]
        variants.append(variant_of(encoder, decisions, scope))
    choices = []
    for point, scope in zip(points, scopes, strict=True):
        number = numbers.get(scope, PRETRAINED)
        choices.append(choices_of(point.scope, number, variants[number].changed, base.num_layers))
    return Sweep(variants, points, choices), digest, ledger
