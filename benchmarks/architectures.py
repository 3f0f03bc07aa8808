"""Time networks of transformers against the library as people run it, on one core.

usage: python -m benchmarks.architectures [--rounds N] [--sequences N] [NETWORK ...]

Networks have 12 blocks of width 480, as ESM-2 of 35M parameters, and random weights; sequences have
lognormal lengths. Every layer is mean-pooled. The contenders take turns in one process, and CPU
time is counted, so that what else runs on the machine matters little. Every layer of each is
compared with the library's own. Writes benchmarks/results/architectures/<processor>.tsv.
"""

import argparse
import statistics
import time
from functools import partial

import numpy as np
import pandas as pd
import torch

from benchmarks.contenders import CPU
from benchmarks.extraction import differences, mixed
from benchmarks.hub import bert, encoder_around, letters, t5
from benchmarks.networks import NETWORKS as ENGINES
from benchmarks.tables import keep
from benchmarks.transformers_esm import configuration, renamed
from plmbench.core.alphabet import LETTERS
from plmbench.embed.batches import MOST_TOKENS, length_order, token_batches
from plmbench.embed.extraction import Pooling
from plmbench.embed.forward import pooled
from plmbench.hardware.matmul import matmul_for
from plmbench.hardware.memory import keep_freed_memory
from plmbench.models.hub_networks import library
from plmbench.models.residue_texts import PADDING, Letters

LAYERS, WIDTH, HEADS = 12, 480, 20
BATCH = 8  # sequences, as they come
AS_RUN, SORTED, OURS = "transformers, as they come", "transformers, sorted", "plmbench"
ENGINE = "plmbench, own engine"


def of_that_size(build):
    """Return a function of nothing to a network of transformers, of 35M parameters."""
    return lambda: build(library(), LAYERS, WIDTH, HEADS)


def esm2():
    """Return the library's ESM-2 with the weights of our engine's."""
    engine = ENGINES["esm2_t12_35M"].encoder()
    network = library().EsmModel(configuration(engine), add_pooling_layer=False)
    weights = {renamed(name): value for name, value in engine.module.state_dict().items()}
    weights.pop(None, None)
    network.load_state_dict(weights, strict=False)
    return network


NETWORKS = {"bert_35M": of_that_size(bert), "t5_35M": of_that_size(t5), "esm2_35M": esm2}


def network_of(name):
    """Return a network from seed 0, in evaluation mode."""
    torch.manual_seed(0)
    network = NETWORKS[name]().eval().requires_grad_(False)
    network.set_attn_implementation("sdpa")
    return network


def letters_of(name):
    """Return what makes tokens: letters between two tokens of their own, and padding."""
    if name == "esm2_35M":
        engine = ENGINES["esm2_t12_35M"].encoder()
        table = {letter: engine.alphabet.get_idx(letter) for letter in LETTERS}
        return Letters(table, [engine.alphabet.cls_idx], [engine.alphabet.eos_idx])
    return letters()


def encoder_of(name):
    """Return the encoder of the workflow, its weights packed for a CPU."""
    encoder = encoder_around(network_of(name), letters_of(name))
    encoder.pack(matmul_for(CPU))
    return encoder


def by_plmbench(encoder, sequences):
    """Return every layer, mean-pooled, float32 [layer, sequence, dim], as the workflow does."""
    order = length_order([len(sequence) for sequence in sequences])
    ordered = [sequences[i] for i in order]
    batches = token_batches([len(s) for s in ordered], MOST_TOKENS["cpu"])
    parts = [pooled(encoder, ordered[a:b], Pooling(["mean"]), CPU)["mean"] for a, b in batches]
    return np.concatenate(parts, 1)[:, np.argsort(order)]


def batches_as_they_come(sequences):
    """Return the places of sequences in batches of BATCH."""
    places = range(len(sequences))
    return [places[start : start + BATCH] for start in places[::BATCH]]


def batches_by_length(sequences):
    """Return them in batches of like length, with little padding."""
    order = length_order([len(sequence) for sequence in sequences])
    lengths = [len(sequences[i]) for i in order]
    return [order[a:b] for a, b in token_batches(lengths, MOST_TOKENS["cpu"])]


@torch.no_grad()
def by_library(network, tokens_of, batches_of, sequences):
    """Return every layer, mean-pooled, as the library hands all of them out."""
    padding = network.config.pad_token_id or 0
    found = [None] * len(sequences)
    for batch in batches_of(sequences):
        tokens = tokens_of([sequences[i] for i in batch])
        real, counted = tokens != PADDING, tokens_of.counts[tokens + 1].float()
        given = {"input_ids": tokens.masked_fill(~real, padding), "attention_mask": real.long()}
        output = network(**given, output_hidden_states=True)
        layers = torch.stack([*output.hidden_states[:-1], output.last_hidden_state])
        means = torch.einsum("lstd,st->lsd", layers, counted / counted.sum(1, keepdim=True))
        for place, mean in zip(batch, means.unbind(1), strict=True):
            found[place] = mean.numpy()
    return np.stack(found, 1)


def contenders_of(name):
    """Return {contender: function of sequences to every layer}."""
    network, tokens_of = network_of(name), letters_of(name)
    found = {
        AS_RUN: partial(by_library, network, tokens_of, batches_as_they_come),
        SORTED: partial(by_library, network, tokens_of, batches_by_length),
        OURS: partial(by_plmbench, encoder_of(name)),
    }
    if name == "esm2_35M":
        engine = ENGINES["esm2_t12_35M"].encoder()
        engine.pack(matmul_for(CPU))
        found[ENGINE] = partial(by_plmbench, engine)
    return found


def measure(name, sequences, rounds):
    """Yield one row per contender: residues per CPU second, and ratios within a round."""
    contenders, spent, values = contenders_of(name), {}, {}
    for embed in contenders.values():  # warm up
        embed(sequences[:2])
    for _ in range(rounds):
        for contender, embed in contenders.items():
            start = time.process_time()
            values[contender] = embed(sequences)
            spent.setdefault(contender, []).append(time.process_time() - start)
    residues = sum(map(len, sequences))
    for contender, seconds in spent.items():
        ratios = {
            peer: statistics.median(a / b for a, b in zip(spent[peer], seconds, strict=True))
            for peer in (SORTED, AS_RUN)
        }
        yield {
            "network": name,
            "contender": contender,
            "residues_per_cpu_s": round(residues / statistics.median(seconds)),
            "times_sorted": round(ratios[SORTED], 2),
            "times_as_they_come": round(ratios[AS_RUN], 2),
            "difference": f"{differences(values[contender], values[AS_RUN]):.1e}",
            "sequences": len(sequences),
            "rounds": rounds,
        }


def main():
    """Measure the networks, and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("networks", nargs="*", default=list(NETWORKS), metavar="NETWORK")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sequences", type=int, default=24)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()
    for name in asked.networks:
        rows = list(measure(name, mixed(asked.sequences), asked.rounds))
        print(pd.DataFrame(rows).to_string(index=False), flush=True)
        if not asked.dry:
            keep("architectures", rows, "network", NETWORKS)


if __name__ == "__main__":
    main()
