"""Images without a network: their pixels, what one-hot is to proteins."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from plmbench.core.examples import CHANNELS, packed_image, unpacked_image
from plmbench.models.one_layer import OneLayer


class Shrunk:
    """Images to pixels, all of them of side x side."""

    example = packed_image(1, 1, bytes(CHANNELS))

    def __init__(self, side: int) -> None:
        self.side = side

    def lengths(self, images: Sequence[str]) -> list[int]:
        """Return the pixels of each image, which are as many for all."""
        return [self.side**2] * len(images)

    def pixels(self, line: str) -> np.ndarray:
        """Return float32 [pixel, channel] of an image, between 0 and 1."""
        width, height, pixels = unpacked_image(line)
        if (width, height) != (self.side, self.side):
            from PIL import Image

            image = Image.frombytes("RGB", (width, height), pixels)
            pixels = image.resize((self.side, self.side), Image.Resampling.BICUBIC).tobytes()
        return np.frombuffer(pixels, np.uint8).reshape(-1, CHANNELS).astype(np.float32) / 255

    def __call__(self, sequences: Sequence[str]) -> Tensor:
        """Return float32 [image, pixel, channel]."""
        return torch.from_numpy(np.stack([self.pixels(line) for line in sequences]))


class Pixels(OneLayer):
    """Three numbers per pixel: red, green and blue."""

    def __init__(self, side: int) -> None:
        super().__init__(Shrunk(side), CHANNELS)
