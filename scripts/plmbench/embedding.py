"""One embedding file, from sequences and a checkpoint to HDF5."""

import platform
from importlib.metadata import version

import pandas as pd

from plmbench.ablations import ablate
from plmbench.batches import fit_to_limit, length_order
from plmbench.encoders import load_encoder
from plmbench.extraction import device_for, extract, keep_freed_memory, use_full_precision
from plmbench.logs import log
from plmbench.poolings import check_lengths
from plmbench.provenance import sha256_of_texts
from plmbench.store import new_embeddings, write_ledger
from plmbench.weights import parse_weights

LIBRARIES = ("torch", "fair-esm", "sequence-models", "numpy", "h5py")


def versions():
    """Return the versions that a result may depend on, as text."""
    found = [f"python {platform.python_version()}"]
    return ", ".join(found + [f"{name} {version(name)}" for name in LIBRARIES])


def read_sequences(path, limit, too_long):
    """Return ids and sequences by falling length, none above `limit`, and counts for the record."""
    table = pd.read_csv(path, sep="\t", dtype={"id": str, "sequence": str}, keep_default_na=False)
    ids, sequences = table["id"].tolist(), table["sequence"].tolist()
    digest = sha256_of_texts(f"{i}\t{s}" for i, s in zip(ids, sequences, strict=True))
    sequences, cut = fit_to_limit(ids, sequences, limit, too_long)
    order = length_order([len(sequence) for sequence in sequences])
    counts = {
        "sequences_sha256": digest,
        "too_long": too_long,
        "cut_sequences": cut,
        "masked_letters": int(table["masked"].sum()),
    }
    return [ids[i] for i in order], [sequences[i] for i in order], counts


def embed_dataset(
    sequences, output, *, checkpoint, names, network, table, poolings, too_long, code, compute
):
    """Embed the sequences of a table into the HDF5 file `output` (see store).

    names: {dataset, model, weights}; network: what `load_encoder` takes, and the limit in residues;
    table: the ablation's rows, [] for none; compute: device and tokens_per_batch.
    Raises InputError for input that cannot be used.
    """
    weights, network = parse_weights(names["weights"]), dict(network)
    ids, sequences, counts = read_sequences(sequences, network.pop("limit", None), too_long)
    check_lengths(poolings, [len(sequence) for sequence in sequences])
    log.info("%d sequences, %d cut to the model's limit", len(ids), counts["cut_sequences"])
    use_full_precision()
    device = device_for(compute["device"])
    encoder, digest = load_encoder(names["model"], checkpoint=checkpoint, **network)
    ledger = ablate(encoder.module, table, weights.seed) if weights.ablated else []
    encoder.module.to(device)
    keep_freed_memory()
    log.info("%s on %s, %s", names["weights"], device, versions())
    attributes = {
        **names,
        "ablation": weights.ablation,
        "seed": -1 if weights.seed is None else weights.seed,
        "poolings": " ".join(poolings),
        **counts,
        "checkpoint_sha256": digest,
        "code": code,
        "versions": versions(),
        "device": str(device),
        "precision": "float32",
    }
    lengths = [len(sequence) for sequence in sequences]
    with new_embeddings(output, ids, lengths, encoder.layers + 1, attributes) as writer:
        write_ledger(writer.file, ledger)
        budget = compute["tokens_per_batch"]
        extract(encoder, ids, sequences, poolings, writer, device, budget)
