"""What a network of transformers is given of examples, by their modality: one function per kind."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from plmbench.core.modalities import IMAGE, PROTEIN, TEXT
from plmbench.models.hub_images import images_for, processor_of
from plmbench.models.hub_networks import PIXELS, TOKENS, Network, tokenizer_of
from plmbench.models.hub_texts import texts_for
from plmbench.models.residue_texts import Tokens, tokens_of, writing_of


class Preparation(NamedTuple):
    """What a folder says of inputs, before its weights are read."""

    reads: str  # TOKENS or PIXELS
    tokens_for: Callable[[Network], Tokens]


def of_proteins(folder: Path, config: Any, writing: Mapping[str, Any] | None) -> Preparation:
    """Return the Preparation of proteins: their residues, written as the model's type has it."""
    written = writing_of(folder, config.model_type, writing)
    return Preparation(TOKENS, lambda network: tokens_of(folder, tokenizer_of(folder), written))


def of_images(folder: Path, config: Any, writing: Mapping[str, Any] | None) -> Preparation:
    """Return the Preparation of images: pixels, as the folder's preprocessor makes them."""
    return Preparation(PIXELS, partial(images_for, folder, processor_of(folder)))


def of_texts(folder: Path, config: Any, writing: Mapping[str, Any] | None) -> Preparation:
    """Return the Preparation of texts: the tokens of the folder's tokenizer."""
    return Preparation(TOKENS, partial(texts_for, folder, tokenizer_of(folder)))


PREPARATIONS = {PROTEIN: of_proteins, IMAGE: of_images, TEXT: of_texts}
