"""How much a precision below float32 changes embeddings, measured on the data set itself.

What counts is the error against the spread between sequences, which probes live on: mutants of one
protein have embeddings of a cosine above 0.999 to each other, and so has a rounded one to its own.
"""

import numpy as np

from plmbench.core.logs import log
from plmbench.embed.forward import pooled

SAMPLE = 32  # sequences
WORTH_A_WARNING = 0.01


def sample_of(sequences):
    """Return at most SAMPLE sequences, evenly from the longest to the shortest."""
    places = np.unique(np.linspace(0, len(sequences) - 1, SAMPLE).round().astype(int))
    return [sequences[place] for place in places]


def sampled_states(encoder, sequences, pooling, device):
    """Return {pooling: float32 [layer, sequence, width]} of a sample, averaged over residues."""
    mean = pooling._replace(names=["mean"], window=None)
    texts = [text[: pooling.window] for text in sample_of(sequences)]
    parts = [pooled(encoder, [text], mean, device)["mean"] for text in texts]
    return np.concatenate(parts, axis=1)


def relative_error(found, expected):
    """Return the largest of all layers' root mean square errors, in units of the root mean square
    deviation of a sequence from the mean of all; NaN where there is an error and sequences do not
    differ.

    found, expected: float32 [layer, sequence, dim].
    """
    error = np.sqrt(np.square(found - expected).mean((1, 2)))
    spread = np.sqrt(np.square(expected - expected.mean(1, keepdims=True)).mean((1, 2)))
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.where(spread > 0, error / spread, np.nan)
    return float(np.max(np.where(error == 0, 0, relative)))


def say(error, precision):
    """Log an error, and warn where it is too large to be ignored."""
    log.info("%s differs from float32 by %.2g of the spread between sequences", precision, error)
    if not error <= WORTH_A_WARNING:
        log.warning(
            "%s: an error of %.1f %% of the spread between sequences; probes may see it. "
            "precision: float32 has none",
            precision,
            100 * error,
        )
