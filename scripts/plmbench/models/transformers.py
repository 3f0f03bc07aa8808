"""Any network of transformers that has a class there, from a folder as the hub has it.

The forward pass is the library's own, with each layer taken where it is made; a fast one has its
matrix products swapped. The last layer is the library's `last_hidden_state`, after a final norm
where there is one, and layer 0 is what enters the first block.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from plmbench.core.errors import InputError, about
from plmbench.core.families import ParameterRow
from plmbench.core.modalities import PROTEIN
from plmbench.hardware.matmul import Product
from plmbench.models.ablations import Decision, first_matches
from plmbench.models.families import Hook
from plmbench.models.hub_facts import (
    check_finite,
    check_known,
    described,
    is_causal,
    position_limits,
)
from plmbench.models.hub_folders import checked_folder, read_weights
from plmbench.models.hub_inputs import PREPARATIONS
from plmbench.models.hub_networks import (
    TOKENS,
    Network,
    blocks_of,
    config_of,
    load_network,
    names_of,
)
from plmbench.models.recorded import recorded_rows, with_draws
from plmbench.models.residue_texts import PADDING, Pieces, Tokens
from plmbench.models.swapped import swap_products

Sink = Callable[[int, Tensor], None]


class Enough(Exception):  # noqa: N818 - it is no error
    """Ends a forward pass whose later layers nobody asks for."""


@contextmanager
def hooked(blocks: Sequence[nn.Module], before: Any, after: Any) -> Iterator[None]:
    """Have `before` called with what enters a block, and `after` with what leaves it."""
    hooks = [block.register_forward_pre_hook(before, with_kwargs=True) for block in blocks]
    hooks += [block.register_forward_hook(after) for block in blocks]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


class Transformer:
    """A network of transformers; an encoder, a decoder, or both."""

    one_by_one: ClassVar[bool] = True  # a group of tokens after the other through all layers

    def __init__(
        self, network: Network, blocks: Sequence[nn.Module], tokens: Tokens, stored: str
    ) -> None:
        """blocks: of the tower whose layers are asked for, in order; stored: the types of numbers
        in the checkpoint."""
        self.network, self.blocks, self.tokenize = network, blocks, tokens
        # A decoder reads what its encoder makes, so both are ablated.
        self.module = network.tower if network.part == "encoder" else network.whole
        self.config = network.tower.config
        self.module.eval()
        self.reads = type(self.module).main_input_name  # how the library calls its input
        self.longest = min(position_limits(self.module), default=None)  # in tokens
        example, sizes = tokens([tokens.example]), []

        def note(layer: int, states: Tensor) -> None:
            check_finite(layer, states)
            sizes.append(states.shape[2])

        self.run(example, note)
        self.num_layers, self.hidden_size = len(sizes) - 1, sizes[-1]
        self.causal = is_causal(self, example)
        self.facts = {"network": described(self, example, stored)}

    @classmethod
    def load(
        cls,
        name: str,
        checkpoint: str | Path,
        sha256: str | None = None,
        part: str | None = None,
        writing: Mapping[str, Any] | None = None,
        modality: str = PROTEIN,
    ) -> tuple[Self, str]:
        """Read a folder as the hub has it; return the encoder and the sha256 of its files.

        part: `encoder` or `decoder`, `text_model` or `vision_model` of a network that has both;
        writing: how residues are written, where it is not as the model's type has it; modality: of
        the examples.
        """
        folder = checked_folder(checkpoint)
        preparation = PREPARATIONS[modality](folder, config_of(folder), writing)
        weights = read_weights(folder, sha256)
        network = load_network(folder, name, weights, part, preparation.reads)
        tokens = preparation.tokens_for(network)
        blocks = blocks_of(folder, network.tower)
        with about(f"checkpoint {folder}"):
            return cls(network, blocks, tokens, weights.stored), weights.digest

    @property
    def without_sites(self) -> str:
        """Return why residues of one position cannot be compared between sequences, "" if they
        can."""
        if isinstance(self.tokenize, Pieces):
            return "its tokens are pieces of several residues, whose borders a mutation moves"
        return "it is causal: a state knows nothing of what comes after it" if self.causal else ""

    def residues(self, tokens: Tensor) -> Tensor:
        """Return int64 [sequence, token], how many residues each token holds."""
        return self.tokenize.residues(tokens)

    def decide(self, names: Iterable[str], table: Sequence[ParameterRow]) -> dict[str, Decision]:
        """Return what the family's table says of each parameter, with what the library draws."""
        whole = self.network.whole
        inside = "" if self.module is whole else f"{self.network.part}."
        rows = recorded_rows(type(whole), whole.config)
        own = {name.removeprefix(inside): row for name, row in rows.items()}
        blocks = {name: i for i, name in enumerate(names_of(self.module, self.blocks))}
        return with_draws(first_matches(names, table), own, blocks, self.before_blocks())

    def before_blocks(self) -> set[str]:
        """Return the names of the modules that states pass through before the first block, as a run
        shows: the library registers some of them behind the blocks."""
        passed: set[str] = set()
        reached: list[bool] = []

        def note(name: str, *_: Any) -> None:
            if not reached:
                passed.add(name)

        def reach(*_: Any) -> None:
            reached.append(True)

        hooks = [self.blocks[0].register_forward_pre_hook(reach)]
        hooks += [
            m.register_forward_pre_hook(partial(note, n)) for n, m in self.module.named_modules()
        ]
        self.run(self.tokenize([self.tokenize.example]), lambda layer, states: None)
        for hook in hooks:
            hook.remove()
        return passed

    def pack(self, matmul: type[Product]) -> None:
        """Put matrix products in the place of the library's linear layers, which are let go of."""
        swap_products(self.module, matmul)

    def inputs(self, tokens: Tensor) -> dict[str, Tensor]:
        """Return what the library's forward pass is given for tokens [sequence, token]."""
        if self.reads != TOKENS:
            return {self.reads: tokens}
        width = tokens.shape[1] + (self.network.part == "decoder")
        if self.longest and width > self.longest:
            raise InputError(
                f"a sequence makes {width:,} tokens, and the network has {self.longest:,} "
                "positions; set max_length in its entry of config/models.yaml to the residues "
                "that fit, without the tokens around them"
            )
        real = tokens != PADDING  # [sequence, token]
        padding = getattr(self.config, "pad_token_id", None) or 0
        given = {"input_ids": tokens.masked_fill(~real, padding)}
        if not real.all():
            given["attention_mask"] = real.long()
        if self.network.part == "decoder":
            # What begins a decoder's text comes before, so that a token's state has read it.
            first = getattr(self.config, "decoder_start_token_id", None)
            start = tokens.new_full((len(tokens), 1), padding if first is None else first)
            given["decoder_input_ids"] = torch.cat([start, given["input_ids"]], 1)
            if "attention_mask" in given:
                ones = torch.ones_like(start)
                given["decoder_attention_mask"] = torch.cat([ones, given["attention_mask"]], 1)
        check_known(given, self.module)
        return given

    def of_tokens(self, states: Tensor) -> Tensor:
        """Return the states of tokens alone [sequence, token, hidden_size], without what begins a
        decoder's text."""
        return states[:, 1:] if self.network.part == "decoder" else states

    @torch.inference_mode()
    def run(self, tokens: Tensor, sink: Sink) -> None:
        """Call `sink(layer, states)` for each layer as it is made, with states [sequence, token,
        hidden_size]; tokens: [sequence, token]."""
        self.forward(tokens, sink)

    def forward(
        self,
        tokens: Tensor,
        sink: Sink,
        given: tuple[int, Tensor] | None = None,
        stop: int | None = None,
    ) -> None:
        """Do what `run` does, up to layer `stop`. given: a layer, and the states that enter the
        block after it in place of the network's own."""
        made: list[Tensor] = []  # the block's output that is not handed over yet
        layers = iter(range(1 << 30))

        def before(module: nn.Module, args: Any, kwargs: Any) -> Any:
            own = args[0] if args else kwargs["hidden_states"]
            layer, states = next(layers), made.pop() if made else own
            replaced = given is not None and given[0] == layer
            if given is not None and replaced:  # what begins a decoder's text stays
                states = torch.cat([own[:, : own.shape[1] - given[1].shape[1]], given[1]], 1)
            sink(layer, self.of_tokens(states))
            if layer == stop:
                raise Enough
            if not replaced:
                return None
            return (
                ((states, *args[1:]), kwargs)
                if args
                else (args, {**kwargs, "hidden_states": states})
            )

        def after(module: nn.Module, args: Any, output: Any) -> None:
            made.append(output[0] if isinstance(output, tuple) else output)

        with hooked(self.blocks, before, after), suppress(Enough):
            last = self.module(**self.inputs(tokens)).last_hidden_state
            sink(next(layers), self.of_tokens(last))

    @torch.inference_mode()
    def library_states(self, tokens: Tensor) -> dict[int, Tensor]:
        """Return {layer: [sequence, token, hidden_size]} as the library itself hands them out."""
        output = self.module(**self.inputs(tokens), output_hidden_states=True)
        kind = "decoder_hidden_states" if self.network.part == "decoder" else "hidden_states"
        layers = [*output[kind][:-1], output.last_hidden_state]
        return {layer: self.of_tokens(states) for layer, states in enumerate(layers)}

    def embed(self, tokens: Sequence[Tensor], hook: Hook) -> None:
        """Call `hook(layer, states)`: see `Encoder`; tokens: one group."""
        (group,) = tokens
        self.run(group, lambda layer, states: hook(layer, [states]))

    @property
    def has_contact_head(self) -> bool:
        """Tell whether the checkpoint has a head that reads contacts from attention."""
        zeroed = any("contact_head" in name for name in self.network.zeroed)
        return hasattr(self.network.whole, "predict_contacts") and not zeroed

    def contacts(self, sequence: str) -> Tensor:
        """Return [p, q], the probability that residues touch, as that head reads it; before the
        weights are packed."""
        whole = self.network.whole
        tokens = self.tokenize([sequence]).to(whole.device)
        kind = whole.config._attn_implementation
        whole.set_attn_implementation("eager")  # the others hand out no attention
        try:
            return whole.predict_contacts(tokens, torch.ones_like(tokens))[0]
        finally:
            whole.set_attn_implementation(kind)

    def first_states(self, tokens: Sequence[Tensor]) -> list[Tensor]:
        """Return layer 0 of each group [sequence, token, hidden_size]."""
        kept: list[Tensor] = []
        for group in tokens:
            self.forward(group, lambda layer, states: kept.append(states), stop=0)
        return kept

    def embed_from(
        self,
        start: int,
        states: Sequence[Tensor],
        tokens: Sequence[Tensor],
        hook: Hook,
        stop: int | None = None,
    ) -> None:
        """Call `hook(layer, states)` for layer `start` and those after it: see `Resumable`.

        The blocks below are run, too: T5's first one makes what all others add to attention.
        """
        (group,), (given,) = tokens, states

        def later(layer: int, states: Tensor) -> None:
            if layer >= start:
                hook(layer, [states])

        self.forward(group, later, (start, given), stop)
