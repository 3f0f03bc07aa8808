"""Small real networks of the libraries' own classes, and checkpoints in the libraries' own layouts.

`save_tiny(family, path)` writes a checkpoint that `load_encoder` reads; TINY says what is in it.
Nothing in a network stays as its constructor left it: LayerNorms, biases and heads are perturbed,
so that one which is forgotten or misplaced shows.
"""

from argparse import Namespace

import torch
from esm import Alphabet, ProteinBertModel
from esm.model.esm2 import ESM2
from sequence_models.constants import MASK, PROTEIN_ALPHABET
from sequence_models.convolutional import ByteNetLM
from sequence_models.pretrained import CARP

from plmbench.pretrain.layouts import ARCHITECTURES, esm_arguments, layout

# Threads gain nothing on tiny networks, and wait for each other where tests share the cores.
torch.set_num_threads(1)

ESM_SIZES = {"layers": 3, "dim": 32, "hidden": 64, "heads": 4}
SIZES = {
    "esm1": ESM_SIZES,
    "esm1b": ESM_SIZES,
    "esm2": {"layers": 3, "dim": 32, "heads": 4},
    "carp": {"layers": 3, "dim": 32, "embed": 8, "dilation": 2, "slim": True},
}
TINY = {family: {"layers": size["layers"], "dim": size["dim"]} for family, size in SIZES.items()}
STUDY = {  # every network of config/models.yaml but the largest ESM-2: family and sizes
    "esm1_t6_43M_UR50S": ("esm1", {"layers": 6, "dim": 768, "hidden": 3072, "heads": 12}),
    "esm1_t12_85M_UR50S": ("esm1", {"layers": 12, "dim": 768, "hidden": 3072, "heads": 12}),
    "esm1_t34_670M_UR50S": ("esm1", {"layers": 34, "dim": 1280, "hidden": 5120, "heads": 20}),
    "esm1b_t33_650M_UR50S": ("esm1b", {"layers": 33, "dim": 1280, "hidden": 5120, "heads": 20}),
    "esm2_t6_8M_UR50D": ("esm2", {"layers": 6, "dim": 320, "heads": 20}),
    "esm2_t12_35M_UR50D": ("esm2", {"layers": 12, "dim": 480, "heads": 20}),
    "esm2_t30_150M_UR50D": ("esm2", {"layers": 30, "dim": 640, "heads": 20}),
    "esm2_t33_650M_UR50D": ("esm2", {"layers": 33, "dim": 1280, "heads": 20}),
    "esm2_t36_3B_UR50D": ("esm2", {"layers": 36, "dim": 2560, "heads": 40}),
    **{
        name: ("carp", {"layers": layers, "dim": dim, "embed": 8, "dilation": 128, "slim": slim})
        for name, layers, dim, slim in [
            ("carp_600k", 16, 128, True),
            ("carp_38M", 16, 1024, True),
            ("carp_76M", 32, 1024, True),
            ("carp_640M", 56, 1280, False),
        ]
    },
}


def build(family, layers, dim, **sizes):
    """Return a network of the library's class as its constructor draws it; CARP is wrapped."""
    if family == "carp":
        tokens, mask = len(PROTEIN_ALPHABET), PROTEIN_ALPHABET.index(MASK)
        settings = {"activation": "gelu", "slim": sizes["slim"]}
        fixed = {"padding_idx": mask, "causal": False, "dropout": 0.0, "final_ln": True}
        shape = (tokens, sizes["embed"], dim, layers, 5, sizes["dilation"])
        return CARP(ByteNetLM(*shape, **fixed, **settings))
    if family == "esm2":
        return ESM2(num_layers=layers, embed_dim=dim, attention_heads=sizes["heads"])
    alphabet = Alphabet.from_architecture(ARCHITECTURES[family])
    arguments = esm_arguments(family, layers, dim, sizes["hidden"], sizes["heads"])
    return ProteinBertModel(
        Namespace(**arguments, emb_layer_norm_before=family == "esm1b"), alphabet
    )


@torch.no_grad()
def perturb(network):
    """Move every parameter of `network` off what its constructor sets; positions keep their zero
    row for padding, as training keeps it."""
    for name, parameter in network.named_parameters():
        scale = 0.3 if parameter.dim() == 1 else 0.02
        parameter.add_(scale * torch.randn_like(parameter))
        if name == "embed_positions.weight":
            parameter[network.padding_idx] = 0.0
    return network


def random_network(family, seed=0, **sizes):
    """Return a perturbed network in evaluation mode; its sizes are those of SIZES by default."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return perturb(build(family, **(sizes or SIZES[family]))).eval()


def save(family, path, seed=0, **sizes):
    """Write the checkpoint of a perturbed network of these sizes; return its path as text."""
    torch.save(layout(family, random_network(family, seed, **sizes), **sizes), path)
    return str(path)


def save_tiny(family, path, seed=0):
    """Write the checkpoint of a tiny perturbed network; return its path as text."""
    return save(family, path, seed, **SIZES[family])


def layers_of(network):
    """Return how many blocks a network of any family has."""
    return len(network.model.embedder.layers if isinstance(network, CARP) else network.layers)
