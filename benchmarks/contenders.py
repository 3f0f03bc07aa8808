"""Ways to embed every layer, mean-pooled, into a folder, and what each returns for a check.

The peers are restated from what they are. The extract loops are the scripts that fair-esm and
sequence-models ship (`scripts/extract.py`): fair-esm sorts by length under a token budget and
writes one file per sequence; sequence-models takes one sequence per batch, keeps gradients, and
writes one file per sequence and layer. The earlier study's procedure takes fixed batches in the
order of the file, brings every layer's tokens to the host, pools them in numpy and appends to HDF5;
its CARP path keeps gradients. The libraries are called as they are.
"""

from contextlib import nullcontext
from functools import partial
from pathlib import Path

import numpy as np
import torch

from plmbench.embed.batches import length_order
from plmbench.embed.extraction import Extraction, Pooling
from plmbench.embed.forward import extract
from plmbench.models.carp import Carp

TOKENS_PER_BATCH = 4096  # fair-esm's default
BATCH = 24  # sequences of the earlier procedure: more do not fit here, with gradients
CPU = torch.device("cpu")


def plmbench(encoder, sequences, folder):
    """Embed as the workflow does."""
    from plmbench.store.embeddings import new_embeddings  # h5py, which a GPU's bench does without

    order = length_order([len(sequence) for sequence in sequences])
    sequences, ids = [sequences[i] for i in order], [str(i) for i in order]
    extraction, widths = (
        Extraction(ids, sequences, Pooling(["mean"])),
        {"mean": encoder.hidden_size},
    )
    output, layers = Path(folder) / "plmbench.h5", encoder.num_layers + 1
    with new_embeddings(output, ids, extraction.lengths, layers, widths, {}) as writer:
        extract(encoder, extraction, writer, CPU, TOKENS_PER_BATCH)


def library_outputs(encoder, tokens):
    """Return {layer: states [sequence, token, dim]} on the host, the head computed where the
    library does."""
    layers = list(range(encoder.num_layers + 1))
    tokens = tokens.to(next(encoder.module.parameters()).device)
    if isinstance(encoder, Carp):
        from sequence_models.pretrained import CARP

        result = CARP(encoder.module.model)(tokens, repr_layers=layers, logits=True)
        states = {0: result[0], **result["representations"]}
    else:
        states = encoder.module(tokens, repr_layers=layers)["representations"]
    return {layer: x.cpu() for layer, x in states.items()}  # as the scripts do


def extract_loop(encoder, sequences, folder):
    """Embed as the library's own extract script does."""
    if isinstance(encoder, Carp):
        carp_loop(encoder, sequences, Path(folder))
    else:
        esm_loop(encoder.alphabet, partial(library_outputs, encoder), sequences, Path(folder))


def esm_loop(alphabet, states_of, sequences, folder):
    """Embed as fair-esm's script does; states_of: tokens to {layer: states}."""
    from esm import FastaBatchedDataset

    dataset = FastaBatchedDataset([str(i) for i in range(len(sequences))], sequences)
    batches = dataset.get_batch_indices(TOKENS_PER_BATCH, extra_toks_per_seq=1)
    convert = alphabet.get_batch_converter()
    loader = torch.utils.data.DataLoader(dataset, collate_fn=convert, batch_sampler=batches)
    with torch.no_grad():
        for labels, texts, tokens in loader:
            states = states_of(tokens)
            for i, (label, text) in enumerate(zip(labels, texts, strict=True)):
                means = {n: x[i, 1 : len(text) + 1].mean(0).clone() for n, x in states.items()}
                torch.save({"mean_representations": means}, folder / f"{label}.pt")


def transformers_loop(model, sequences, folder):
    """Embed with transformers' model, in the batches and to the files of fair-esm's script.

    model: the alphabet, and a function of tokens to {layer: states}.
    """
    esm_loop(*model, sequences, Path(folder))


def carp_loop(encoder, sequences, folder):
    """Embed as sequence-models' script does."""
    collate = carp_collater()
    for i, sequence in enumerate(sequences):
        for layer, x in library_outputs(encoder, collate([[sequence]])[0]).items():
            torch.save(x[0, : len(sequence)].mean(0).detach(), folder / f"{i}_{layer}.pt")


def carp_collater():
    """Return what makes tokens of a batch for CARP."""
    from sequence_models.collaters import SimpleCollater
    from sequence_models.constants import PROTEIN_ALPHABET

    return SimpleCollater(PROTEIN_ALPHABET, pad=True)


def earlier_procedure(encoder, sequences, folder):
    """Embed as the earlier study's code did."""
    import h5py

    is_carp = isinstance(encoder, Carp)
    first = 0 if is_carp else 1
    collate = carp_collater() if is_carp else None
    convert = None if is_carp else encoder.alphabet.get_batch_converter()
    shape = (encoder.num_layers + 1, 0, encoder.hidden_size)
    with (
        h5py.File(Path(folder) / "earlier.h5", "w") as file,
        nullcontext() if is_carp else torch.no_grad(),
    ):
        kept = file.create_dataset(
            "mean", shape, "f4", maxshape=(shape[0], None, shape[2]), chunks=True
        )
        for start in range(0, len(sequences), BATCH):
            part = sequences[start : start + BATCH]
            pairs = [("", text) for text in part]
            tokens = collate([[text] for text in part])[0] if is_carp else convert(pairs)[2]
            outputs = library_outputs(encoder, tokens).values()
            states = [x.detach().numpy() for x in outputs]
            means = [
                np.stack([x[i, first : len(t) + first].mean(0) for i, t in enumerate(part)])
                for x in states
            ]
            kept.resize(start + len(part), axis=1)
            kept[:, start:] = np.stack(means)


def read_plmbench(folder, count):
    """Return what plmbench wrote, float32 [layer, sequence, dim], in the order of the data."""
    import h5py

    with h5py.File(Path(folder) / "plmbench.h5") as file:
        order = np.argsort(file["ids"].asstr()[:].astype(int))
        return file["mean"][:][:, order]


def read_earlier(folder, count):
    """Return what the earlier procedure wrote, float32 [layer, sequence, dim]."""
    import h5py

    with h5py.File(Path(folder) / "earlier.h5") as file:
        return file["mean"][:]


def read_loop(folder, count):
    """Return what an extract loop wrote, float32 [layer, sequence, dim]."""
    folder = Path(folder)
    if not (folder / "0.pt").exists():
        layers = len(list(folder.glob("0_*.pt")))
        stored = [[torch.load(folder / f"{i}_{n}.pt") for i in range(count)] for n in range(layers)]
        return np.stack([torch.stack(layer).numpy() for layer in stored])
    files = [torch.load(folder / f"{i}.pt")["mean_representations"] for i in range(count)]
    return np.stack([torch.stack([f[n] for f in files]).numpy() for n in sorted(files[0])])


READERS = {
    "plmbench": read_plmbench,
    "plmbench, bf16": read_plmbench,
    "extract loop": read_loop,
    "transformers": read_loop,
    "earlier procedure": read_earlier,
}
