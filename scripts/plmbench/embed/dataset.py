"""One embedding file, from sequences and a checkpoint to HDF5."""

import gc
from pathlib import Path
from typing import NamedTuple

import torch

from plmbench.core.digests import sha256_of_texts
from plmbench.core.errors import InputError
from plmbench.core.layers import chosen_layers
from plmbench.core.lengths import ALL_LEFT_OUT, fit_to_max_length
from plmbench.core.logs import log
from plmbench.core.poolings import AT_SITES, RESIDUES, check_poolings
from plmbench.core.weights import parse_weights
from plmbench.embed.batches import length_order
from plmbench.embed.forward import Pooling, extract
from plmbench.embed.precision import relative_error, sampled_states, say
from plmbench.hardware.devices import device_for, reserved_device
from plmbench.hardware.matmul import matmul_for
from plmbench.hardware.memory import keep_freed_memory, use_full_precision
from plmbench.hardware.versions import versions
from plmbench.models.ablations import ablate
from plmbench.models.backends import BACKENDS
from plmbench.models.families import load_encoder
from plmbench.store.embeddings import new_embeddings, write_ledger
from plmbench.store.files import TEXT


def rows_of(path):
    """Return the rows of a table of ours as dicts of text; pandas would cost a small job a fifth of
    its time, and csv has a limit to a field's length."""
    with Path(path).open(encoding="utf-8") as file:
        header, *rows = (line.rstrip("\n").split("\t") for line in file)
    return [dict(zip(header, row, strict=True)) for row in rows]


def read_sequences(path, max_length, long_sequences):
    """Return ids and sequences by falling length, as the policy leaves them, the ids above the
    max_length, and counts for the record."""
    rows = rows_of(path)
    ids, sequences = [row["id"] for row in rows], [row["sequence"] for row in rows]
    digest = sha256_of_texts(f"{i}\t{s}" for i, s in zip(ids, sequences, strict=True))
    ids, sequences, long = fit_to_max_length(ids, sequences, max_length, long_sequences)
    order = length_order([len(sequence) for sequence in sequences])
    counts = {
        "sequences_sha256": digest,
        "long_sequences": long_sequences,
        "max_length": max_length or 0,
        "above_max_length": len(long),
        "masked_residues": sum(int(row["masked"]) for row in rows),
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
            "max_length; set the data set's long_sequences to windows, or its pooling to [mean]"
        )
    return [int(row["site"]) for row in rows_of(path)]


def widths_of(encoder, pooling, length):
    """Return {pooling: width of one vector}."""
    times = {"flat": length, "sites": len(pooling.sites)}
    return {name: encoder.hidden_size * times.get(name, 1) for name in pooling.names}


def described(weights):
    """Return what a file says of its weights, and of the libraries that read them."""
    return {
        "ablation": weights.ablation,
        "seed": -1 if weights.seed is None else weights.seed,
        "versions": versions(),
    }


class Task(NamedTuple):
    """What is embedded, and what is kept of it."""

    ids: list
    sequences: list  # by falling length, as the policy for long ones leaves them
    dropped: list  # ids of sequences that the policy leaves out
    pooling: Pooling
    counts: dict  # for the record


def read_task(sequences, sites, storage, max_length):
    """Return the Task of a table of sequences and one of positions of mutation, under the policies
    and poolings of `storage`, for a model with this max_length in residues, or None.

    A task may be empty: all sequences of a shard may be above max_length.
    """
    long_sequences, poolings = storage["long_sequences"], storage["poolings"]
    ids, texts, long, counts = read_sequences(sequences, max_length, long_sequences)
    log.info(
        "%d sequences, %d above the model's max_length: %s", len(ids), len(long), long_sequences
    )
    was_cut = long and long_sequences in ("truncate", "keep_ends")
    window = max_length if long_sequences == "windows" else None
    pooling = Pooling(poolings, sites=read_sites(sites, poolings, was_cut), window=window)
    check_poolings(poolings, [len(text) for text in texts], pooling.sites)
    return Task(ids, texts, long if long_sequences == "drop" else [], pooling, counts)


def pack(encoder, task, device, precision):
    """Pack an encoder's weights for a device and a precision; return what the file says of that:
    whose products, and below float32 the error."""
    product = matmul_for(device, precision)
    said = {"matmul": getattr(encoder, "matmul", product.name)}
    if precision == "float32" or not task.ids:
        encoder.pack(product)
        return said
    expected = sampled_states(encoder, task.sequences, task.pooling, device)
    encoder.pack(product)
    found = sampled_states(encoder, task.sequences, task.pooling, device)
    error = relative_error(found, expected)
    say(error, precision)
    return said | {"precision_error": error}


def embed(encoder, task, ledger, output, attributes, dtype, compute):
    """Embed a Task with an encoder on a free device, and write the file."""
    lengths, layers = [len(sequence) for sequence in task.sequences], encoder.num_layers + 1
    widths = widths_of(encoder, task.pooling, max(lengths, default=0))
    with reserved_device(compute["device"]) as device:
        log.info("%s on %s, %s", attributes["weights"], device, attributes["versions"])
        encoder.module.to(device)
        # Which device of its kind it is changes no number.
        said = pack(encoder, task, device, attributes["precision"])
        gc.collect()  # what loading and packing have left in cycles
        attributes = attributes | {"device": device.type, **said}
        shape = lengths, layers, widths, attributes, task.pooling.residue_layers, dtype
        with new_embeddings(output, task.ids, *shape) as writer:
            write_ledger(writer.file, ledger)
            if task.dropped:
                writer.file.create_dataset("dropped", data=task.dropped, dtype=TEXT)
            budget = compute["tokens_per_batch"]
            extract(encoder, task.ids, task.sequences, task.pooling, writer, device, budget)


def embed_dataset(
    sequences, sites, output, *, checkpoint, names, network, table, storage, code, compute
):
    """Embed the sequences of a table into the HDF5 file `output` (see store).

    sites: the table of positions of mutation, for poolings that need it; names: {dataset, model,
    weights}, and of a shard its {shard}; network: what `load_encoder` takes, and the max_length in
    residues; table: the ablation's rows, [] for none; storage: poolings, layers, dtype, precision,
    and the policies nonstandard_residues and long_sequences; compute: device, backend,
    tokens_per_batch, and threads, as many as torch has if absent.
    Raises InputError for input that cannot be used.
    """
    if compute["backend"] == "reference" and storage["precision"] != "float32":
        raise InputError(
            "precision: the library's own forward pass (backend: reference) is float32"
        )
    weights, network = parse_weights(names["weights"]), dict(network)
    max_length = network.pop("max_length", None)
    task = read_task(sequences, sites, storage, max_length)
    if not task.ids and "shard" not in names:
        raise InputError(ALL_LEFT_OUT.format(sequences, max_length))
    torch.set_num_threads(compute.get("threads") or torch.get_num_threads())
    use_full_precision()
    device_for(compute["device"])  # a wrong name stops here, not after the wait for a free device
    encoder, digest = load_encoder(names["model"], checkpoint=checkpoint, **network)
    ledger = ablate(encoder.module, table, weights.seed) if weights.ablated else []
    encoder = BACKENDS[compute["backend"]](encoder)
    keep_freed_memory()
    if RESIDUES in storage["poolings"]:
        kept = chosen_layers(storage["layers"], encoder.num_layers + 1)
        task = task._replace(pooling=task.pooling._replace(residue_layers=kept))
    facts = {
        "checkpoint_sha256": digest,
        "code": code,
        "nonstandard_residues": storage["nonstandard_residues"],
    }
    facts |= {"precision": storage["precision"], "backend": compute["backend"]}
    attributes = names | described(weights) | task.counts | facts
    embed(encoder, task, ledger, output, attributes, storage["dtype"], compute)
