"""Images for a network of transformers: pixels, as the preprocessor of its folder makes them.

The library's own image processor resizes, crops and normalises, the one that needs Pillow alone.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from plmbench.core.errors import InputError, first_line
from plmbench.core.examples import CHANNELS, packed_image, unpacked_image
from plmbench.core.wording import shortened
from plmbench.models.hub_networks import Network, library, refused_by_library

FILES = ("preprocessor_config.json", "processor_config.json")
UNEQUAL = (
    "images are prepared to {found} rows and columns of pixels, and the network was tried with "
    f"{{tried}}; have {FILES[0]} resize or crop all to one size (do_resize, size, do_center_crop)"
)
SIDE = 32  # of the example on which a network is tried


def noise() -> str:
    """Return an image in which no two pixels are alike but by chance."""
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, CHANNELS), np.uint8)
    return packed_image(SIDE, SIDE, pixels.tobytes())


def processor_of(folder: Path) -> Any:
    """Return the library's image processor of a folder; raises InputError where it has none."""
    if not any((folder / name).exists() for name in FILES):
        raise InputError(
            f"checkpoint {folder}: has no {FILES[0]}, which says how images are resized and "
            "normalised; fetch it from where the weights are from"
        )
    try:
        return library().AutoImageProcessor.from_pretrained(
            folder, backend="pil", local_files_only=True, trust_remote_code=False
        )
    except refused_by_library() as error:
        reason = f"{type(error).__name__}: {shortened(first_line(error))}"
        raise InputError(
            f"checkpoint {folder}: transformers cannot read how its images are prepared "
            f"({reason}); fetch {FILES[0]} again"
        ) from error


class Images:
    """Images to pixels; their tokens are patches, behind the class token and its like."""

    example = noise()

    def __init__(self, processor: Any) -> None:
        self.processor = processor
        self.before, self.patches = 0, 0  # tokens
        self.made: tuple[int, ...] = ()  # rows and columns that the processor makes

    def lengths(self, images: Sequence[str]) -> list[int]:
        """Return the patches of each image, which are as many for all."""
        return [self.patches] * len(images)

    def __call__(self, sequences: Sequence[str]) -> Tensor:
        """Return float32 [image, channel, row, column]."""
        from PIL import Image

        unpacked = map(unpacked_image, sequences)
        images = [Image.frombytes("RGB", (w, h), pixels) for w, h, pixels in unpacked]
        try:
            given: Tensor = self.processor(images=images, return_tensors="pt")["pixel_values"]
        except ValueError as error:  # of a batch that does not stack
            if not self.made:
                raise
            raise InputError(UNEQUAL.format(found="several sizes", tried=self.made)) from error
        self.made = self.made or tuple(given.shape[2:])
        if (found := tuple(given.shape[2:])) != self.made:
            raise InputError(UNEQUAL.format(found=found, tried=self.made))
        return given.float()

    def residues(self, tokens: Tensor) -> Tensor:
        """Return int64 [image, token]: 1 at each patch."""
        kinds = torch.tensor([0] * self.before + [1] * self.patches, device=tokens.device)
        return kinds.expand(len(tokens), -1)


def grid_of(network: Network, pixels: Tensor) -> tuple[int, int]:
    """Return how many tokens a network makes of an image, and how many of them are patches: what
    its first convolution makes. pixels: [1, channel, row, column]."""
    made: list[int] = []

    def note(module: nn.Module, args: Any, output: Tensor) -> None:
        made.append(output[0, 0].numel())

    convolutions = [m for m in network.tower.modules() if isinstance(m, nn.Conv2d)]
    hooks = [each.register_forward_hook(note) for each in convolutions]
    try:
        with torch.inference_mode():
            states = network.tower(pixel_values=pixels).last_hidden_state
    finally:
        for hook in hooks:
            hook.remove()
    return states.shape[1] if states.dim() == 3 else 0, made[0] if len(made) == 1 else 0


def images_for(folder: Path, processor: Any, network: Network) -> Images:
    """Return what turns images into pixels for a network; raises InputError for one that does not
    take what the folder's preprocessor makes, or whose tokens are no patches."""
    images = Images(processor)
    try:
        pixels = images([images.example])
        tokens, images.patches = grid_of(network, pixels)
    except refused_by_library() as error:
        raise InputError(
            f"checkpoint {folder}: its network does not take images as {FILES[0]} makes them "
            f"({shortened(first_line(error))}); is that file of these weights?"
        ) from error
    if pixels.max() == pixels.min():
        raise InputError(
            f"checkpoint {folder}: {FILES[0]} makes all pixels alike; is its rescale_factor right?"
        )
    images.before = tokens - images.patches
    if images.patches < 1 or images.before < 0:
        raise InputError(
            f"checkpoint {folder}: {type(network.tower).__name__} does not keep one token per "
            "patch through all layers, as ViT does; networks that merge patches are not read"
        )
    return images
