"""One file of responses: the chains of a table through a network."""

from collections.abc import Mapping
from typing import Any

import h5py
import torch

from plmbench.core.errors import InputError
from plmbench.core.layers import chosen_layers
from plmbench.core.logs import Progress, log
from plmbench.core.nudges import HEAD, map_name
from plmbench.core.weights import parse_weights
from plmbench.embed.budgets import budget
from plmbench.embed.dataset import described, load, prepare
from plmbench.embed.extraction import Extraction, Pooling
from plmbench.embed.forward import pooled
from plmbench.embed.inputs import read_extraction
from plmbench.embed.settings import Compute, Files, Job
from plmbench.hardware.devices import reserved_device
from plmbench.hardware.matmul import matmul_for
from plmbench.hardware.memory import keep_freed_memory
from plmbench.perturb.kinds import Settings
from plmbench.perturb.passes import check_resumable
from plmbench.perturb.responses import Nudges, responses
from plmbench.store.embeddings import write_ledger
from plmbench.store.responses import new_responses, write_values

Nudging = Mapping[str, Any]  # layers, eps, draws, seed, maps, contact_head


def stored_layers(nudging: Nudging, num_layers: int) -> list[int]:
    """Return the layers that are stored: a nudged input answers to itself alone, so not layer 0."""
    if kept := [j for j in chosen_layers(nudging["layers"], num_layers + 1) if j]:
        return kept
    raise InputError("config: perturb: layers: has layer 0 alone, where nothing spreads; add -1")


def tokens_for(network: Any, compute: Compute, device: torch.device) -> int:
    """Return how many tokens a batch may have."""

    def embed(sequences: Any, pooling: Pooling) -> Any:
        return pooled(network, sequences, pooling, device)

    asked = compute.tokens_per_batch, embed, Pooling(["mean"])
    return budget(*asked, device, network.hidden_size)


def nudge(network: Any, chains: Extraction, nudging: Nudging, file: h5py.File, tokens: int) -> None:
    """Write the responses of every chain under each kind of nudge."""
    settings = Settings(nudging["eps"], nudging["seed"], nudging["draws"])
    progress = Progress(len(chains.ids), sum(chains.lengths) * len(nudging["maps"]))
    kept = file["layers"][:].tolist()
    for number, sequence in enumerate(chains.sequences):
        for kind, observe in nudging["maps"]:
            found = responses(network, sequence, Nudges(0, None, kind, observe), settings, tokens)
            rows = [found.layers.index(layer) for layer in kept]
            write_values(file, map_name(kind, observe), number, found.change[rows])
            progress.advance(0, len(sequence))
        write_values(file, "norms", number, found.norms[rows])
        progress.advance(1, 0)


def contact_maps(network: Any, chains: Extraction, wanted: bool) -> list[Any]:
    """Return what a network's own contact head says of each chain [p, q]; [] where it has none, or
    nobody asks. It needs the network's weights before they are packed."""
    if not wanted or not getattr(network, "has_contact_head", False):
        return []
    log.info("reading the network's own contact head")
    return [network.contacts(sequence).cpu().numpy() for sequence in chains.sequences]


def facts_of(job: Job, nudging: Nudging, chains: Extraction, digest: str) -> dict[str, Any]:
    """Return what a file says of how it was made."""
    names = job.names.attributes() | dict(described(parse_weights(job.names.weights)))
    noise = {"eps": nudging["eps"], "draws": nudging["draws"], "noise_seed": nudging["seed"]}
    maps = " ".join(map_name(*each) for each in nudging["maps"])
    return {
        **names,
        **noise,
        "maps": maps,
        "code": job.code,
        "checkpoint_sha256": digest,
        **chains.counts,
    }


def perturb_chains(files: Files, job: Job, compute: Compute, nudging: Nudging) -> None:
    """Nudge each residue of each chain of a table, and write what every layer makes of it.

    Raises InputError for input that cannot be used.
    """
    chains = read_extraction(files, job.storage, job.network.max_length)
    prepare(compute)
    network, digest, ledger = load(job, files, compute)
    check_resumable(network)
    keep_freed_memory()
    with reserved_device(compute.device) as device, torch.inference_mode():
        network.module.to(device)
        heads = contact_maps(network, chains, nudging["contact_head"])
        network.pack(matmul_for(device))
        facts = facts_of(job, nudging, chains, digest) | {"device": device.type}
        layers = stored_layers(nudging, network.num_layers)
        log.info("%s on %s, %s", job.names.weights, device, facts["versions"])
        named = files.embeddings, chains.ids, chains.sequences, layers, facts
        with new_responses(*named) as file:
            write_ledger(file, ledger)
            for number, head in enumerate(heads):
                write_values(file, HEAD, number, head)
            nudge(network, chains, nudging, file, tokens_for(network, compute, device))
