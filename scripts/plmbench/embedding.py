"""One embedding file, from sequences and a checkpoint to HDF5."""

import platform
from importlib.metadata import version
from pathlib import Path

from plmbench.ablations import ablate
from plmbench.batches import fit_to_limit, length_order
from plmbench.devices import device_for, reserved_device
from plmbench.encoders import load_encoder
from plmbench.encoders.products import product_for
from plmbench.errors import InputError
from plmbench.extraction import Pooling, extract, keep_freed_memory, use_full_precision
from plmbench.layers import chosen_layers
from plmbench.logs import log
from plmbench.poolings import AT_SITES, RESIDUES, check_poolings
from plmbench.provenance import sha256_of_texts
from plmbench.store import TEXT, new_embeddings, write_ledger
from plmbench.weights import parse_weights

LIBRARIES = ("torch", "fair-esm", "sequence-models", "numpy", "h5py")


def versions():
    """Return the versions that a result may depend on, as text."""
    found = [f"python {platform.python_version()}"]
    return ", ".join(found + [f"{name} {version(name)}" for name in LIBRARIES])


def rows_of(path):
    """Return the rows of a table of ours as dicts of text; pandas would cost a small job a fifth of
    its time, and csv has a limit to a field's length."""
    with Path(path).open(encoding="utf-8") as file:
        header, *rows = (line.rstrip("\n").split("\t") for line in file)
    return [dict(zip(header, row, strict=True)) for row in rows]


def read_sequences(path, limit, too_long):
    """Return ids and sequences by falling length, as the policy leaves them, the ids above the
    limit, and counts for the record."""
    rows = rows_of(path)
    ids, sequences = [row["id"] for row in rows], [row["sequence"] for row in rows]
    digest = sha256_of_texts(f"{i}\t{s}" for i, s in zip(ids, sequences, strict=True))
    ids, sequences, long = fit_to_limit(ids, sequences, limit, too_long)
    if not ids:
        raise InputError(f"{path}: every sequence is above the model's limit of {limit:,} residues")
    order = length_order([len(sequence) for sequence in sequences])
    counts = {
        "sequences_sha256": digest,
        "too_long": too_long,
        "limit": limit or 0,
        "above_limit": len(long),
        "masked_letters": sum(int(row["masked"]) for row in rows),
    }
    return [ids[i] for i in order], [sequences[i] for i in order], long, counts


def read_sites(path, poolings, cut_sequences):
    """Return the positions of mutation for the poolings that need them, [] where none does.

    Raises InputError where sequences were cut, and positions with them.
    """
    if not set(poolings) & set(AT_SITES):
        return []
    if cut_sequences:
        raise InputError(
            "poolings 'mutated' and 'sites' need whole sequences, these were cut to the model's "
            "limit; set the data set's too_long to windows, or its pooling to [mean]"
        )
    return [int(row["site"]) for row in rows_of(path)]


def widths_of(encoder, pooling, length):
    """Return {pooling: width of one vector}."""
    times = {"flat": length, "sites": len(pooling.sites)}
    return {name: encoder.dim * times.get(name, 1) for name in pooling.names}


def described(weights):
    """Return what a file says of its weights, of the libraries that read them, and of precision."""
    return {
        "ablation": weights.ablation,
        "seed": -1 if weights.seed is None else weights.seed,
        "versions": versions(),
        "precision": "float32",
    }


def embed_dataset(
    sequences, sites, output, *, checkpoint, names, network, table, storage, code, compute
):
    """Embed the sequences of a table into the HDF5 file `output` (see store).

    sites: the table of positions of mutation; names: {dataset, model, weights}; network: what
    `load_encoder` takes, and the limit in residues; table: the ablation's rows, [] for none;
    storage: poolings, layers, dtype, and the policies letters and too_long; compute: device and
    tokens_per_batch.
    Raises InputError for input that cannot be used.
    """
    weights, network, too_long = parse_weights(names["weights"]), dict(network), storage["too_long"]
    limit = network.pop("limit", None)
    ids, sequences, long, counts = read_sequences(sequences, limit, too_long)
    poolings, lengths = storage["poolings"], [len(sequence) for sequence in sequences]
    was_cut = long and too_long in ("truncate", "ends")
    pooling = Pooling(poolings, sites=read_sites(sites, poolings, was_cut))
    check_poolings(poolings, lengths, pooling.sites)
    log.info("%d sequences, %d above the model's limit: %s", len(ids), len(long), too_long)
    use_full_precision()
    device_for(compute["device"])  # a wrong name stops here, not after the wait for a free device
    encoder, digest = load_encoder(names["model"], checkpoint=checkpoint, **network)
    ledger = ablate(encoder.module, table, weights.seed) if weights.ablated else []
    keep_freed_memory()
    kept = chosen_layers(storage["layers"], encoder.layers + 1) if RESIDUES in poolings else []
    window = limit if too_long == "windows" else None
    pooling = pooling._replace(residue_layers=kept, window=window)
    facts = {"checkpoint_sha256": digest, "code": code, "letters": storage["letters"]}
    attributes = names | described(weights) | counts | facts
    widths, layers = widths_of(encoder, pooling, lengths[0]), encoder.layers + 1
    with reserved_device(compute["device"]) as device:
        log.info("%s on %s, %s", names["weights"], device, versions())
        product = product_for(device)
        encoder.module.to(device)
        encoder.pack(product)
        # Which device of its kind it is changes no number.
        attributes |= {"device": device.type, "products": product.name}
        with new_embeddings(
            output, ids, lengths, layers, widths, attributes, kept, storage["dtype"]
        ) as writer:
            write_ledger(writer.file, ledger)
            if too_long == "drop":
                writer.file.create_dataset("dropped", data=long, dtype=TEXT)
            budget = compute["tokens_per_batch"]
            extract(encoder, ids, sequences, pooling, writer, device, budget)
