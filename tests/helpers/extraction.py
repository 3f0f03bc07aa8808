"""Embedding files of tiny networks: random sequences through `embed_dataset`, read back by id."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from helpers import networks
from plmbench.core.poolings import RESIDUES
from plmbench.embed.dataset import embed_dataset
from plmbench.embed.settings import Compute, Files, Job, Names, Network, Storage
from plmbench.store.embeddings import open_embeddings
from plmbench.study.families import encoder

ROOT = Path(__file__).parents[2]
FAMILIES = sorted(networks.TINY)
LETTERS = "ACDEFGHIKLMNPQRSTVWYXBZUO#"
CPU = torch.device("cpu")
LENGTHS = [3, 40, 1, 17, 40, 90, 88, 17, 2, 61]
STORAGE = {
    "poolings": ["mean", "max"],
    "layers": "all",
    "dtype": "float32",
    "precision": "float32",
    "nonstandard_residues": "error",
    "long_sequences": "error",
}
COMPUTE = {"device": "cpu", "backend": "fast", "tokens_per_batch": "auto"}


def sequences_of(lengths, letters=LETTERS):
    """Return {id: sequence} with random letters, ids in no order."""
    generator = np.random.default_rng(0)
    texts = ["".join(generator.choice(list(letters), length)) for length in lengths]
    return {f"P{i * 7 % 10}": text for i, text in enumerate(texts)}


SEQUENCES = sequences_of(LENGTHS)


def written(folder, sequences, sites):
    """Write the tables that the rule `sequences` makes; return their paths."""
    rows = [(i, text, text.count("#")) for i, text in sequences.items()]
    table, positions = folder / "sequences.tsv", folder / "sites.tsv"
    pd.DataFrame(rows, columns=["id", "sequence", "masked"]).to_csv(table, sep="\t", index=False)
    pd.DataFrame({"site": sites}).to_csv(positions, sep="\t", index=False)
    return table, positions


def embed(
    folder,
    family,
    sequences=SEQUENCES,
    weights="pretrained",
    *,
    sites=(),
    network=(),
    compute=(),
    checkpoint=None,
    shard=None,
    **storage,
):
    """Embed sequences with a tiny network; return the path of the file."""
    output = folder / "embeddings" / "x.h5"
    output.parent.mkdir(exist_ok=True)
    if family in networks.TINY and not checkpoint:
        checkpoint = networks.save_tiny(family, folder / "tiny.pt")
    table, positions = written(folder, sequences, sites)
    embed_dataset(
        Files(table, output, positions, checkpoint),
        job_of(family, weights, shard, dict(network), storage),
        Compute(**COMPUTE | dict(compute)),
    )
    return output


def job_of(family, weights, shard, network, storage):
    """Return the Job of a tiny network; network, storage: keys in the place of the usual ones."""
    entry = {"encoder": encoder(family), **networks.TINY.get(family, {}), **network}
    name = weights.partition("-")[0]
    return Job(
        Names("letters", "tiny", weights, shard),
        Network.read(entry),
        Storage(**STORAGE | storage),
        networks.ablation(name, family) if name in networks.ABLATIONS else None,
        code="c0de",
    )


def nothing_left(folder):
    """Tell whether an embedding job that was refused left no file behind."""
    return list((folder / "embeddings").iterdir()) == []


@torch.inference_mode()
def states_of(encoder, text):
    """Return a sequence's residues [layer, residue, dim] from the encoder alone."""
    kept, tokens = {}, encoder.tokenize([text])
    encoder.embed([tokens], lambda layer, states: kept.update({layer: states[0]}))
    return np.stack([kept[layer][encoder.residues(tokens)] for layer in sorted(kept)])


def vectors(path, pooling="mean"):
    """Return {id: [layer, width]}."""
    with open_embeddings(path) as embeddings:
        layers = [embeddings.layer(pooling, i) for i in embeddings.layers_of(pooling)]
        return dict(zip(embeddings.ids, np.stack(layers, 1), strict=True))


def residues_of(path):
    """Return {id: [stored layer, residue, dim]}."""
    with open_embeddings(path) as embeddings:
        stored = embeddings.layers_of(RESIDUES)
        spans = {name: embeddings.spans([name]) for name in embeddings.ids}
        return {
            name: np.stack([embeddings.residues(layer, span) for layer in stored])
            for name, span in spans.items()
        }
