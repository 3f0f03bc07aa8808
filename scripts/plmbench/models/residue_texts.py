"""How a network of transformers is told residues: as which text, and which tokens that makes.

Tokens are letters, one for each residue, or pieces of several; which of both, the tokenizer shows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from plmbench.core.alphabet import LETTERS, MASK, STANDARD
from plmbench.core.errors import InputError
from plmbench.models.tokens import Tokenizer

PADDING = -1  # a mark of ours: a library's padding may be a token like any other
RARE, UNKNOWN = "BOUZ", "X"
PAIRS = "".join(map("".join, product(STANDARD, repeat=2)))  # every letter beside every other
FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "tokenizer.model")


@dataclass(frozen=True)
class Writing:
    """A sequence as a text."""

    separator: str = ""  # between residues
    suffix: str = ""  # after each residue: SaProt's structure letter
    rare: str = ""  # the letter in whose place B, O, U and Z stand; "" for themselves
    prefix: str = ""  # before the sequence, token or text
    line_length: int | None = None  # residues after which a line ends, as in FASTA

    def text(self, sequence: str) -> str:
        """Return the text of a sequence, without its prefix."""
        length = self.line_length or len(sequence)
        lines = [sequence[i : i + length] for i in range(0, len(sequence), length)]
        return "\n".join(self.separator.join(c + self.suffix for c in line) for line in lines)


LETTER_BY_LETTER, SPACED = Writing(), Writing(separator=" ", rare="X")
# How the networks of proteins that have a class were trained, by config.json's model_type.
WRITINGS = {
    "albert": SPACED,
    "bart": SPACED,
    "bert": SPACED,
    "electra": SPACED,
    "esm": LETTER_BY_LETTER,
    "esmc": LETTER_BY_LETTER,
    "gpt2": Writing(prefix="<|endoftext|>"),
    "modernbert": LETTER_BY_LETTER,
    "roberta": LETTER_BY_LETTER,
    "t5": SPACED,
}


def writing_of(folder: Path, model_type: str, given: Mapping[str, Any] | None) -> Writing:
    """Return how a model's residues are written: by its type, and what its entry says instead."""
    if model_type not in WRITINGS and given is None:
        raise InputError(
            f"checkpoint {folder}: nothing says how model type {model_type!r} is told residues; "
            "add `writing` to its entry in config/models.yaml, {} for letters side by side"
        )
    return replace(WRITINGS.get(model_type, LETTER_BY_LETTER), **(given or {}))


class Tokens(Protocol):
    """Examples to tokens: what a network of transformers is given of them."""

    example: str  # on which a network is tried

    def __call__(self, sequences: Sequence[str]) -> Tensor:
        """Return int64 [sequence, token], PADDING on the right; of images their pixels."""

    def residues(self, tokens: Tensor) -> Tensor:
        """Return int64 [sequence, token], how many residues each token holds."""


class Counted:
    """Tokens of which a table says how many residues each holds."""

    example = STANDARD
    counts: Tensor  # int64 [token + 1], residues of each token; the first of PADDING

    def residues(self, tokens: Tensor) -> Tensor:
        """Return int64 [sequence, token], how many residues each token holds."""
        return self.counts.to(tokens.device)[tokens + 1]


class Letters(Counted, Tokenizer):
    """Tokens that are residues, from a table that was read from a library's tokenizer."""

    unknown_is_mask = False  # there is no token for X, which is the mask then

    def __init__(self, table: Mapping[str, int], before: list[int], after: list[int]) -> None:
        super().__init__(table, PADDING, before, after)
        self.counts = torch.zeros(2 + max(*table.values(), *before, *after), dtype=torch.int64)
        self.counts[[token + 1 for token in table.values()]] = 1


class Pieces(Counted):
    """Tokens of several residues, from a library's tokenizer each time."""

    def __init__(self, tokenizer: Any, writing: Writing) -> None:
        self.tokenizer, self.writing = tokenizer, writing
        special = set(tokenizer.all_special_ids)
        self.counts = torch.zeros(len(tokenizer) + 1, dtype=torch.int64)
        for piece, token in tokenizer.get_vocab().items():
            if token not in special:
                self.counts[token + 1] = len(re.sub("[^A-Za-z]", "", piece))

    def __call__(self, sequences: Sequence[str]) -> Tensor:
        """Return int64 [sequence, token], PADDING on the right; raises InputError where tokens
        are not all of the residues."""
        rows = []
        for sequence in sequences:
            text = self.writing.prefix + self.writing.text(sequence.replace(MASK, "X"))
            rows.append(torch.tensor(self.tokenizer(text)["input_ids"]))
            held = int(self.counts[rows[-1] + 1].sum())
            if held != len(sequence):
                raise InputError(
                    f"the tokens of a sequence hold {held:,} residues of {len(sequence):,}; say in "
                    "`writing` of the model's entry how residues are written"
                )
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PADDING)


def letter_table(tokenizer: Any, writing: Writing) -> dict[str, int]:
    """Return {letter: token} of those letters that have a token of their own."""
    alone = {c: tokenizer(writing.text(c), add_special_tokens=False)["input_ids"] for c in LETTERS}
    table = {c: ids[0] for c, ids in alone.items() if len(ids) == 1}
    return {c: token for c, token in table.items() if token != tokenizer.unk_token_id}


def unread_letters(folder: Path, tokenizer: Any, letters: str) -> InputError:
    """Return the error for a tokenizer that tells not all amino acids apart, with its reason."""
    lowering = "a" if letters[0].isupper() else "A"
    if not any((folder / name).exists() for name in FILES):
        remedy = f"the folder has no tokenizer: one of {', '.join(FILES)} should be there"
    elif getattr(tokenizer, "do_lower_case", False) or lowering in tokenizer.tokenize(letters[0]):
        remedy = "it lower-cases letters: set do_lower_case to false in tokenizer_config.json"
    else:
        remedy = "say in `writing` of the model's entry how residues are written"
    return InputError(
        f"checkpoint {folder}: its tokenizer has no tokens of their own for {', '.join(letters)}; "
        f"{remedy}"
    )


def tokens_of(folder: Path, tokenizer: Any, writing: Writing) -> Tokens:
    """Return what turns sequences into tokens; raises InputError for a tokenizer that does not
    tell the amino acids apart."""
    table = letter_table(tokenizer, writing)
    tokens = [table.get(letter) for letter in STANDARD]
    shared = {token for token in tokens if token is None or tokens.count(token) > 1}
    if unread := [letter for letter in STANDARD if table.get(letter) in shared]:
        raise unread_letters(folder, tokenizer, "".join(unread))
    mask = tokenizer.mask_token_id
    unknown_is_mask = UNKNOWN not in table and mask is not None
    if unknown_is_mask:  # AntiBERTy has no X; its mask is what stands for a residue not known
        table[UNKNOWN] = mask
    if writing.rare in table:
        table |= dict.fromkeys(RARE, table[writing.rare])
    whole = tokenizer(writing.prefix + writing.text(PAIRS))["input_ids"]
    expected = [table[letter] for letter in PAIRS]
    starts = range(len(whole) - len(PAIRS) + 1)
    start = next((i for i in starts if whole[i : i + len(PAIRS)] == expected), None)
    if start is None:
        return Pieces(tokenizer, writing)
    before, after = whole[:start], whole[start + len(PAIRS) :]
    if tokenizer.unk_token_id is not None and tokenizer.unk_token_id in (*before, *after):
        raise InputError(
            f"checkpoint {folder}: its tokenizer does not know {writing.prefix!r}, which is "
            "written before a sequence; mend `writing` of the model's entry"
        )
    masked = table.get(UNKNOWN) if mask is None else mask
    letters = Letters(table | ({} if masked is None else {MASK: masked}), before, after)
    letters.unknown_is_mask = unknown_is_mask
    return letters
