"""Ways to embed every layer, mean-pooled, on a card: each is `work(sequences)`."""

import tempfile
from functools import partial
from importlib.util import find_spec

import torch

from benchmarks.contenders import extract_loop
from benchmarks.gpu.networks import on_device, packed
from benchmarks.transformers_esm import as_transformers
from plmbench.embed.batches import token_batches
from plmbench.embed.budgets import budget
from plmbench.embed.extraction import Extraction, Pooling
from plmbench.embed.forward import extract, pooled
from plmbench.models.transformers import Transformer

MEAN = Pooling(["mean"])
TOKENS = 16_384  # of a batch of transformers, which keeps every layer's states


class Rows:
    """A writer that counts rows and keeps none."""

    def __init__(self):
        self.count = 0

    def write(self, pooling, start, block):
        """Count a block's sequences."""
        self.count += block.shape[1]


def plmbench(bench, encoder, precision):
    """Return the workflow's way, its batches measured once as a job does."""
    fast, device = packed(encoder, bench.card.device, precision), bench.card.device

    def embed(sequences, pooling):
        return pooled(fast, sequences, pooling, device)

    tokens = budget(bench.scale.tokens, embed, MEAN, device, fast.hidden_size)

    def work(sequences):
        rows = Rows()
        ids = [str(i) for i in range(len(sequences))]
        extract(fast, Extraction(ids, sequences, MEAN), rows, device, tokens)
        if rows.count != len(sequences):
            raise RuntimeError(f"{rows.count} of {len(sequences)} sequences came back")

    return work


def transformers(bench, encoder, precision):
    """Return transformers' way, attention by SDPA, in sorted batches; None where it has none."""
    if not find_spec("transformers"):
        return None
    dtype, device = bench.card.precisions[precision], bench.card.device
    if isinstance(encoder, Transformer):
        own = on_device(encoder, device)
        own.module.to(dtype)
        states_of = own.library_states
    else:
        states_of = as_transformers(encoder, device, dtype)
    if states_of is None:
        return None

    def work(sequences):
        lengths = [len(sequence) for sequence in sequences]
        for start, stop in token_batches(lengths, TOKENS):
            tokens = encoder.tokenize(sequences[start:stop]).to(device)
            mask = encoder.residues(tokens).to(dtype)[:, None]  # [sequence, 1, token]
            layers = [mask @ states for states in states_of(tokens).values()]
            (torch.stack(layers).float() / mask.sum(2).float()[:, None]).cpu()

    return work


def library(bench, encoder, precision):
    """Return the library's own extract script, which knows float32 alone; None where it has none,
    as transformers."""
    if precision != "float32" or isinstance(encoder, Transformer):
        return None
    loop = partial(extract_loop, encoder)

    def work(sequences):
        with tempfile.TemporaryDirectory() as folder:
            loop(sequences, folder)

    return work


CONTENDERS = {"plmbench": plmbench, "transformers": transformers, "library": library}


def contenders_of(bench, encoder, missing):
    """Return {(contender, precision): work} for an encoder on the card, its weights the library's;
    `missing(contender, precision, error)` is told of those that cannot be made."""
    found = {}
    for precision in bench.card.precisions:
        for name, make in CONTENDERS.items():
            try:
                work = make(bench, encoder, precision)
            except Exception as error:
                missing(name, precision, error)
                continue
            if work:
                found[name, precision] = work
    return found
