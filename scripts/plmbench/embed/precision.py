"""How much a precision below float32 changes embeddings, measured on the data set itself.

What counts is the error against the spread between sequences, which probes live on: mutants of one
protein have embeddings of a cosine above 0.999 to each other, and so has a rounded one to its own.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from plmbench.core.logs import log
from plmbench.embed.extraction import Extraction
from plmbench.embed.forward import pooled
from plmbench.models.families import Encoder

SAMPLE = 32  # sequences
WORTH_A_WARNING = 0.01
States = NDArray[np.float32]


def sample_of(sequences: Sequence[str]) -> list[str]:
    """Return at most SAMPLE sequences, evenly from the longest to the shortest."""
    positions = np.unique(np.linspace(0, len(sequences) - 1, SAMPLE).round().astype(int))
    return [sequences[position] for position in positions]


def sampled_states(encoder: Encoder, extraction: Extraction, device: torch.device) -> States:
    """Return float32 [layer, sequence, hidden_size] of a sample, averaged over residues."""
    mean = extraction.pooling._replace(names=["mean"], window=None)
    texts = [text[: extraction.pooling.window] for text in sample_of(extraction.sequences)]
    parts = [pooled(encoder, [text], mean, device)["mean"] for text in texts]
    return np.concatenate(parts, axis=1)  # of [layer, 1, hidden_size]


def relative_error(found: States, expected: States) -> float:
    """Return the largest of all layers' root mean square errors, in units of the root mean square
    deviation of a sequence from the mean of all; NaN where there is an error and sequences do not
    differ.

    found, expected: float32 [layer, sequence, hidden_size].
    """
    error = np.sqrt(np.square(found - expected).mean((1, 2)))  # [layer]
    spread = np.sqrt(np.square(expected - expected.mean(1, keepdims=True)).mean((1, 2)))
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.where(spread > 0, error / spread, np.nan)
    return float(np.max(np.where(error == 0, 0, relative)))


def log_error(error: float, precision: str) -> None:
    """Log an error, and warn where it is too large to be ignored."""
    log.info("%s differs from float32 by %.2g of the spread between sequences", precision, error)
    if not error <= WORTH_A_WARNING:
        log.warning(
            "%s: an error of %.1f %% of the spread between sequences; probes may see it. "
            "precision: float32 has none",
            precision,
            100 * error,
        )
