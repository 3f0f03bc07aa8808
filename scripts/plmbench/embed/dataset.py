"""One embedding file, from sequences and a checkpoint to HDF5."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch

from plmbench.core.errors import InputError
from plmbench.core.layers import chosen_layers
from plmbench.core.lengths import ALL_LEFT_OUT, BY_RESIDUES, Measure
from plmbench.core.logs import log
from plmbench.core.poolings import AT_SITES, BEFORE, POOLINGS, RESIDUES
from plmbench.core.weights import Weights, parse_weights
from plmbench.embed.extraction import Extraction
from plmbench.embed.forward import extract
from plmbench.embed.inputs import read_extraction
from plmbench.embed.precision import log_error, relative_error, sampled_states
from plmbench.embed.settings import Compute, Files, Job
from plmbench.hardware.devices import device_for, reserved_device
from plmbench.hardware.matmul import matmul_for
from plmbench.hardware.memory import keep_freed_memory, use_full_precision
from plmbench.hardware.versions import versions
from plmbench.models.ablations import LedgerRow, ablate, decide
from plmbench.models.backends import BACKENDS
from plmbench.models.families import Encoder, example_for, load_encoder
from plmbench.models.parts import load_sweep
from plmbench.store.embeddings import EmbeddingWriter, new_embeddings, write_ledger
from plmbench.store.files import TEXT

Attributes = Mapping[str, Any]


def widths_of(encoder: Encoder, extraction: Extraction) -> dict[str, int]:
    """Return {pooling: width of one vector}."""
    length, sites = max(extraction.lengths, default=0), len(extraction.pooling.sites)
    kept = {name: POOLINGS[name].states_kept(length, sites) for name in extraction.pooling.names}
    return {name: encoder.hidden_size * count for name, count in kept.items()}


def described(weights: Weights) -> Attributes:
    """Return what a file says of its weights, and of the libraries that read them."""
    return {
        "ablation": weights.ablation,
        "seed": -1 if weights.seed is None else weights.seed,
        "versions": versions(),
    }


def attributes_of(job: Job, compute: Compute) -> Attributes:
    """Return what a file says of how it was made, as far as it is known before."""
    return {
        **job.names.attributes(),
        **described(parse_weights(job.names.weights)),
        "code": job.code,
        "nonstandard_residues": job.storage.nonstandard_residues,
        "precision": job.storage.precision,
        "backend": compute.backend,
    }


def pack(
    encoder: Encoder, extraction: Extraction, device: torch.device, precision: str
) -> Attributes:
    """Pack an encoder's weights for a device and a precision; return what the file says of that:
    whose matrix products, and below float32 the error."""
    matmul = matmul_for(device, precision)
    facts = {"matmul": getattr(encoder, "matmul", matmul.name)}
    if precision == "float32" or not extraction.ids:
        encoder.pack(matmul)
        return facts
    expected = sampled_states(encoder, extraction, device)
    encoder.pack(matmul)
    error = relative_error(sampled_states(encoder, extraction, device), expected)
    log_error(error, precision)
    return facts | {"precision_error": error}


def load(job: Job, files: Files, compute: Compute) -> tuple[Encoder, str, list[LedgerRow]]:
    """Return the encoder with its weights as the job wants them, the checkpoint's sha256, and the
    ledger of the ablation, [] where there is none."""
    network, weights = job.network, parse_weights(job.names.weights)
    read = partial(
        load_encoder, job.names.model, network.encoder, files.checkpoint, **network.settings
    )
    ledger: list[LedgerRow] = []
    if job.ablation is not None and job.ablation.parts and weights.seed is not None:
        if compute.backend != "fast":
            raise InputError(
                f"weights {job.names.weights}: an ablation with a scope needs compute: backend: "
                "fast; the library's own forward pass runs whole networks"
            )
        return load_sweep(read, job.ablation, weights.seed)
    encoder, digest = read()
    if job.ablation is not None and weights.seed is not None:
        own = getattr(encoder, "decide", decide)
        ledger = ablate(encoder.module, job.ablation, weights.seed, own)
    return BACKENDS[compute.backend](encoder), digest, ledger


def with_residue_layers(extraction: Extraction, job: Job, num_layers: int) -> Extraction:
    """Return an extraction that knows which layers' residues are kept, of `num_layers` blocks; of
    the points of a sweep all."""
    if RESIDUES not in job.storage.poolings:
        return extraction
    swept = job.ablation is not None and job.ablation.parts is not None
    kept = chosen_layers("all" if swept else job.storage.layers, num_layers + 1)
    return extraction._replace(pooling=extraction.pooling._replace(residue_layers=kept))


def check_pooling(encoder: Encoder, model: str, extraction: Extraction) -> None:
    """Raise InputError where something is asked for that a network does not have: states of one
    position that can be compared, or a token before the residues."""
    pooling, reason = extraction.pooling, getattr(encoder, "without_sites", "")
    windows = bool(pooling.window) and max(extraction.lengths, default=0) > (pooling.window or 0)
    asked = [f"pooling {name}" for name in pooling.names if name in AT_SITES]
    asked += ["long_sequences: windows"] * windows
    before = [name for name in pooling.names if name in BEFORE]
    if before and getattr(encoder, "causal", False):
        raise InputError(
            f"pooling {before[0]} is not for model {model}, which is causal: its first token has "
            "read nothing and is the same for all; choose another, such as last or mean, in the "
            "pooling of its entry in config/models.yaml"
        )
    tried = encoder.tokenize([example_for(encoder, "A")])
    if before and (windows or encoder.residues(tried)[0, 0]):
        has = "windows have" if windows else f"model {model} has"
        raise InputError(
            f"pooling {before[0]}: {has} no token before the residues of a sequence; choose "
            "another, such as mean, in the pooling of its entry in config/models.yaml"
        )
    if reason and asked:
        raise InputError(
            f"{asked[0]} is not for model {model}, for {reason}; set the pooling of its entry in "
            "config/models.yaml to [mean], and long_sequences to another policy than windows"
        )


def measure_of(encoder: Encoder, max_length: int | None) -> tuple[int | None, Measure]:
    """Return the longest example that a model takes, None for any, and how long one is for it.

    max_length: as the model's entry says; where examples are no proteins the network knows, too.
    """
    tokenize = encoder.tokenize
    if not hasattr(tokenize, "lengths"):
        return max_length, BY_RESIDUES
    known = [max_length, getattr(tokenize, "longest", None)]

    def shortened(text: str, most: int | None, policy: str) -> str:
        return tokenize.cut(text, most) if policy == "truncate" else text  # type: ignore[attr-defined]

    measure = Measure(tokenize.lengths, shortened, "tokens", ("error", "drop", "truncate"))
    return min(filter(None, known), default=None), measure


@contextmanager
def new_file(
    files: Files, encoder: Encoder, extraction: Extraction, attributes: Attributes, dtype: str
) -> Iterator[EmbeddingWriter]:
    """Yield the writer of a new file of embeddings; the file has its name when all went well."""
    with new_embeddings(
        files.embeddings,
        extraction.ids,
        extraction.lengths,
        encoder.num_layers + 1,
        widths_of(encoder, extraction),
        attributes,
        extraction.pooling.residue_layers,
        dtype,
    ) as writer:
        if extraction.dropped:
            writer.file.create_dataset("dropped", data=extraction.dropped, dtype=TEXT)
        yield writer


def prepare(compute: Compute) -> None:
    """Set up torch for a job; raises InputError for a device that is not there."""
    torch.set_num_threads(compute.threads or torch.get_num_threads())
    use_full_precision()
    device_for(compute.device)  # a wrong name stops here, not after the wait for a free device


def embed_dataset(files: Files, job: Job, compute: Compute) -> None:
    """Embed the sequences of a table into an HDF5 file (see store).

    Raises InputError for input that cannot be used.
    """
    precision, max_length = job.storage.precision, job.network.max_length
    if compute.backend == "reference" and precision != "float32":
        raise InputError(
            "precision: the library's own forward pass (backend: reference) is float32"
        )
    prepare(compute)
    encoder, digest, ledger = load(job, files, compute)
    max_length, measure = measure_of(encoder, max_length)
    extraction = read_extraction(files, job.storage, max_length, measure)
    if not extraction.ids and job.names.shard is None:
        raise InputError(ALL_LEFT_OUT.format(files.sequences, max_length, measure.unit))
    check_pooling(encoder, job.names.model, extraction)
    keep_freed_memory()
    extraction = with_residue_layers(extraction, job, encoder.num_layers)
    facts = {**attributes_of(job, compute), **extraction.counts, "checkpoint_sha256": digest}
    facts |= getattr(encoder, "facts", {})
    with reserved_device(compute.device) as device:
        log.info("%s on %s, %s", job.names.weights, device, facts["versions"])
        encoder.module.to(device)
        facts |= pack(encoder, extraction, device, precision)
        gc.collect()  # what loading and packing have left in cycles
        facts["device"] = device.type  # which device of its kind it is changes no number
        with new_file(files, encoder, extraction, facts, job.storage.dtype) as writer:
            write_ledger(writer.file, ledger)
            extract(encoder, extraction, writer, device, compute.tokens_per_batch)
