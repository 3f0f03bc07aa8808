"""Embedding files of tiny networks: random sequences through `embed_dataset`, read back by id."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
import yaml

from helpers import networks
from plmbench.core.poolings import RESIDUES
from plmbench.embed.dataset import embed_dataset
from plmbench.store.embeddings import open_embeddings

ROOT = Path(__file__).parents[2]
ABLATIONS = yaml.safe_load((ROOT / "config/ablations.yaml").read_text())
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
    ablation, names = weights.partition("-")[0], {"shard": shard} if shard else {}
    embed_dataset(
        *written(folder, sequences, sites),
        output,
        checkpoint=checkpoint,
        names={"dataset": "letters", "model": "tiny", "weights": weights, **names},
        network={"family": family, **networks.TINY.get(family, {}), **dict(network)},
        table=ABLATIONS[ablation][family] if ablation in ABLATIONS else [],
        storage=STORAGE | storage,
        code="c0de",
        compute=COMPUTE | dict(compute),
    )
    return output


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
