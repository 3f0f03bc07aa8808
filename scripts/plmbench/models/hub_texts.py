"""Texts for a network of transformers: the tokens of its folder's tokenizer.

What the tokenizer puts around a text counts for nothing, and neither does padding.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from plmbench.core.errors import InputError
from plmbench.core.examples import packed_text, unpacked_text
from plmbench.core.logs import log
from plmbench.core.wording import brief
from plmbench.models.hub_facts import position_limits
from plmbench.models.hub_networks import Network
from plmbench.models.residue_texts import FILES, PADDING, Counted

EXAMPLE = "a dog and the cat"


def only_unknown(tokenizer: Any) -> set[int]:
    """Return the token of what a tokenizer does not know, where it is nothing else beside: CLIP's
    is the mark of a text's end."""
    roles = ("bos", "eos", "sep", "pad", "cls", "mask")
    others = {getattr(tokenizer, f"{role}_token_id") for role in roles}
    return {tokenizer.unk_token_id} - others


class Texts(Counted):
    """Texts to tokens of a library's tokenizer."""

    example = packed_text(EXAMPLE)

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.longest: int | None = None  # tokens that fit, beside those around
        self.special = set(tokenizer.all_special_ids) - only_unknown(tokenizer)
        self.counts = torch.ones(len(tokenizer) + 1, dtype=torch.int64)
        self.counts[[0, *(token + 1 for token in self.special)]] = 0

    def tokens(self, lines: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, without what stands around them; raises InputError for a
        text of none, or with a mark of the tokenizer's own in it."""
        texts = [unpacked_text(line) for line in lines]
        rows: list[list[int]] = self.tokenizer(texts, add_special_tokens=False)["input_ids"]
        for text, row in zip(texts, rows, strict=True):
            if not row:
                raise InputError(
                    f"the tokenizer makes no token of the text {brief(text)}; take it out"
                )
            if marks := self.special.intersection(row):
                mark = self.tokenizer.convert_ids_to_tokens(min(marks))
                raise InputError(
                    f"the text {brief(text)} holds {mark}, which is a mark of the tokenizer's and "
                    "no text; take it out of the text"
                )
        return rows

    def lengths(self, lines: Sequence[str]) -> list[int]:
        """Return how many tokens each text makes; log how many texts are alike to the network."""
        rows, unknown = self.tokens(lines), self.tokenizer.unk_token_id
        alike = [i for i, row in enumerate(rows) if set(row) == {unknown}]
        if alike:
            log.warning(
                "%s of %s texts hold nothing that the tokenizer knows, so that they are alike to "
                "the network; the first is %s",
                *(f"{len(alike):,}", f"{len(rows):,}", brief(unpacked_text(lines[alike[0]]))),
            )
        return [len(row) for row in rows]

    def cut(self, line: str, length: int) -> str:
        """Return the beginning of a text that makes no more than so many tokens."""
        text = unpacked_text(line)
        if not self.tokenizer.is_fast:
            raise InputError(
                "long_sequences: truncate: this model's tokenizer does not say where its tokens "
                "stand in a text; set it to drop"
            )
        found = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ends = [end for _, end in found["offset_mapping"]]
        # A text that is cut may make another token at its end, so it is asked again.
        for last in range(min(length, len(ends)) - 1, -1, -1):
            shorter = packed_text(text[: ends[last]])
            if len(self.tokens([shorter])[0]) <= length:
                return shorter
        raise InputError(f"no beginning of the text {brief(text)} makes {length} tokens or fewer")

    def __call__(self, sequences: Sequence[str]) -> Tensor:
        """Return int64 [text, token], PADDING on the right."""
        self.tokens(sequences)  # which are what they seem
        texts = [unpacked_text(line) for line in sequences]
        rows = [torch.tensor(row) for row in self.tokenizer(texts)["input_ids"]]
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PADDING)


def texts_for(folder: Path, tokenizer: Any, network: Network) -> Texts:
    """Return what turns texts into tokens for a network; raises InputError for a folder without a
    tokenizer, or whose tokenizer knows no word."""
    texts = Texts(tokenizer)
    (row,) = texts.tokens([texts.example])
    if not any((folder / name).exists() for name in FILES) or set(row) == {tokenizer.unk_token_id}:
        raise InputError(
            f"checkpoint {folder}: its tokenizer is missing or knows no word; one of "
            f"{', '.join(FILES)} should be there, of these weights"
        )
    around = texts([texts.example]).shape[1] - len(row)
    limits = list(position_limits(network.whole))
    texts.longest = min(limits) - around if limits else None
    return texts
