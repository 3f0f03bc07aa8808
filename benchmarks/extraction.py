"""Time extraction of every layer against the libraries' own extract loops, in one process, in turn.

usage: python -m benchmarks.extraction [ROUNDS]

Networks have their real size and random weights. The peers are restated from the scripts that
fair-esm and sequence-models ship (`scripts/extract.py`, mean of every layer): fair-esm sorts by
length under a token budget and writes a file a sequence; sequence-models takes one sequence a
batch, keeps gradients, and writes a file a sequence and layer. Writes
benchmarks/results/extraction/<processor>.tsv.
"""

import argparse
import copy
import platform
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from plmbench.alphabet import STANDARD  # noqa: E402
from plmbench.batches import length_order  # noqa: E402
from plmbench.datasets import read_split  # noqa: E402
from plmbench.encoders import Carp, Esm1, Esm2  # noqa: E402
from plmbench.encoders.products import product_for  # noqa: E402
from plmbench.extraction import Pooling, extract, keep_freed_memory  # noqa: E402
from plmbench.store import new_embeddings  # noqa: E402

TOKENS_PER_BATCH = 4096  # fair-esm's default
SEQUENCES = {"GB1": 100, "mixed": 20}
RESULTS = ROOT / "benchmarks" / "results" / "extraction"


def esm1_43m():
    """Return an encoder of the size of esm1_t6_43M_UR50S, with random weights."""
    import esm

    settings = {
        "arch": "protein_bert_base",
        "layers": 6,
        "embed_dim": 768,
        "ffn_embed_dim": 3072,
        "attention_heads": 12,
        "final_bias": True,
    }
    alphabet = esm.Alphabet.from_architecture("ESM-1")
    return Esm1(esm.ProteinBertModel(argparse.Namespace(**settings), alphabet), alphabet)


def esm2_35m():
    """Return an encoder of the size of esm2_t12_35M_UR50D, with random weights."""
    import esm

    module = esm.ESM2(num_layers=12, embed_dim=480, attention_heads=20)
    return Esm2(module, module.alphabet)


def carp_of(width):
    """Return an encoder of a 16-block slim CARP of this width, with random weights."""
    from sequence_models.constants import MASK, PROTEIN_ALPHABET
    from sequence_models.convolutional import ByteNetLM
    from sequence_models.pretrained import CARP

    tokens, mask = len(PROTEIN_ALPHABET), PROTEIN_ALPHABET.index(MASK)
    shape = {"activation": "gelu", "padding_idx": mask, "final_ln": True, "slim": True}
    network = ByteNetLM(tokens, 8, width, 16, 5, 128, **shape)
    return Carp(CARP(network))


NETWORKS = {
    "esm1_t6_43M": esm1_43m,
    "esm2_t12_35M": esm2_35m,
    "carp_600k": lambda: carp_of(128),
    "carp_38M": lambda: carp_of(1024),
}


def gb1(count):
    """Return the first `count` sequences of the GB1 domain."""
    table = read_split(ROOT / "resources/datasets/gb1/sampled.csv.gz", slice=[0, 56])
    return table["sequence"].tolist()[:count]


def mixed(count):
    """Return `count` random sequences of lognormal lengths, 50 to 1,022, about 300 on average."""
    draw = np.random.default_rng(0)
    lengths = np.clip(draw.lognormal(np.log(300) - 0.18, 0.6, count), 50, 1022).astype(int)
    return ["".join(draw.choice(list(STANDARD), length)) for length in lengths]


def plmbench(encoder, sequences, folder):
    """Embed as the workflow does."""
    sequences = [sequences[i] for i in length_order([len(s) for s in sequences])]
    ids, lengths = [str(i) for i in range(len(sequences))], [len(s) for s in sequences]
    output, widths = Path(folder) / "plmbench.h5", {"mean": encoder.dim}
    with new_embeddings(output, ids, lengths, encoder.layers + 1, widths, {}) as writer:
        device = torch.device("cpu")
        extract(encoder, ids, sequences, Pooling(["mean"]), writer, device, TOKENS_PER_BATCH)


def fair_esm(encoder, sequences, folder):
    """Embed as fair-esm's extract script does."""
    from esm import FastaBatchedDataset

    dataset = FastaBatchedDataset([str(i) for i in range(len(sequences))], sequences)
    batches = dataset.get_batch_indices(TOKENS_PER_BATCH, extra_toks_per_seq=1)
    convert = encoder.alphabet.get_batch_converter()
    loader = torch.utils.data.DataLoader(dataset, collate_fn=convert, batch_sampler=batches)
    layers = list(range(encoder.layers + 1))
    with torch.no_grad():
        for labels, texts, tokens in loader:
            states = encoder.module(tokens, repr_layers=layers)["representations"]
            for i, (label, text) in enumerate(zip(labels, texts, strict=True)):
                means = {n: x[i, 1 : len(text) + 1].mean(0).clone() for n, x in states.items()}
                torch.save({"mean_representations": means}, Path(folder) / f"{label}.pt")


def sequence_models(encoder, sequences, folder):
    """Embed as sequence-models' extract script does."""
    from sequence_models.collaters import SimpleCollater
    from sequence_models.constants import PROTEIN_ALPHABET

    layers, collate = list(range(encoder.layers + 1)), SimpleCollater(PROTEIN_ALPHABET, pad=True)
    for i, sequence in enumerate(sequences):
        tokens = collate([[sequence]])[0]
        states = encoder.module(tokens, repr_layers=layers, logits=True)["representations"]
        for layer, x in states.items():
            torch.save(x[0, : len(sequence)].mean(0).detach(), Path(folder) / f"{i}_{layer}.pt")


def timed(contender, *arguments):
    """Return the wall seconds of one run into a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        contender(*arguments, folder)
        return time.perf_counter() - start


def measure(name, data, sequences, rounds):
    """Return a row a contender: median residues/s of `rounds`, one more to warm up, and range."""
    encoder = NETWORKS[name]()
    encoder.module.eval()
    peer = sequence_models if isinstance(encoder, Carp) else fair_esm
    packed = copy.deepcopy(encoder)
    packed.pack(product_for(torch.device("cpu")))
    contenders, seconds = {peer: encoder, plmbench: packed}, {peer: [], plmbench: []}
    for turn in range(rounds + 1):
        for contender, network in contenders.items():
            spent = timed(contender, network, sequences)
            if turn:
                seconds[contender].append(spent)
    residues = sum(map(len, sequences))
    ratios = [a / b for a, b in zip(seconds[peer], seconds[plmbench], strict=True)]
    return {
        "network": name,
        "data": data,
        "sequences": len(sequences),
        "peer": peer.__name__.replace("_", "-"),
        "peer_residues_per_s": round(residues / statistics.median(seconds[peer])),
        "plmbench_residues_per_s": round(residues / statistics.median(seconds[plmbench])),
        "ratio": round(statistics.median(ratios), 2),
        "ratio_min": round(min(ratios), 2),
        "ratio_max": round(max(ratios), 2),
        "rounds": rounds,
    }


def processor():
    """Return the processor's name as a file name."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    name = found[1] if found else platform.machine()
    return re.sub(r"\W+", "_", f"{name} {torch.get_num_threads()} threads").strip("_").lower()


def main(rounds=5):
    """Measure every network on both data sets and write the table."""
    keep_freed_memory()  # for all contenders alike
    rows = []
    for name in NETWORKS:
        for data, sequences in (
            ("GB1", gb1(SEQUENCES["GB1"])),
            ("mixed", mixed(SEQUENCES["mixed"])),
        ):
            rows.append(measure(name, data, sequences, rounds))
            print(rows[-1], flush=True)
    RESULTS.mkdir(exist_ok=True)
    pd.DataFrame(rows).to_csv(RESULTS / f"{processor()}.tsv", sep="\t", index=False)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
