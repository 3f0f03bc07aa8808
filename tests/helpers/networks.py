"""Small real networks of the libraries' own classes, and checkpoints in the libraries' own layouts.

`save_tiny(family, path)` writes a checkpoint that `load_encoder` reads; TINY says what is in it.
`ablation(name, family)` is what config/ says that an ablation does.
Nothing in a network stays as its constructor left it: LayerNorms, biases and heads are perturbed,
so that one which is forgotten or misplaced shows.
"""

from argparse import Namespace
from pathlib import Path

import torch
import yaml
from esm import Alphabet, ProteinBertModel
from esm.model.esm2 import ESM2
from sequence_models.constants import MASK, PROTEIN_ALPHABET
from sequence_models.convolutional import ByteNetLM
from sequence_models.pretrained import CARP

from plmbench.core.families import Ablation
from plmbench.models import families
from plmbench.pretrain.layouts import ARCHITECTURES, esm_arguments, layout
from plmbench.study.families import encoder, table

ROOT = Path(__file__).parents[2]
ABLATIONS = yaml.safe_load((ROOT / "config/ablations.yaml").read_text())

# Threads gain nothing on tiny networks, and wait for each other where tests share the cores.
torch.set_num_threads(1)

ESM_SIZES = {"num_layers": 3, "hidden_size": 32, "intermediate_size": 64, "num_heads": 4}
SIZES = {
    "esm1": ESM_SIZES,
    "esm1b": ESM_SIZES,
    "esm2": {"num_layers": 3, "hidden_size": 32, "num_heads": 4},
    "carp": {"num_layers": 3, "hidden_size": 32, "embedding_size": 8, "dilation": 2, "slim": True},
}
TINY = {
    family: {"num_layers": size["num_layers"], "hidden_size": size["hidden_size"]}
    for family, size in SIZES.items()
}
STUDY = {  # every network of config/models.yaml but the largest ESM-2: family and sizes
    "esm1_t6_43M_UR50S": (
        "esm1",
        {"num_layers": 6, "hidden_size": 768, "intermediate_size": 3072, "num_heads": 12},
    ),
    "esm1_t12_85M_UR50S": (
        "esm1",
        {"num_layers": 12, "hidden_size": 768, "intermediate_size": 3072, "num_heads": 12},
    ),
    "esm1_t34_670M_UR50S": (
        "esm1",
        {"num_layers": 34, "hidden_size": 1280, "intermediate_size": 5120, "num_heads": 20},
    ),
    "esm1b_t33_650M_UR50S": (
        "esm1b",
        {"num_layers": 33, "hidden_size": 1280, "intermediate_size": 5120, "num_heads": 20},
    ),
    "esm2_t6_8M_UR50D": ("esm2", {"num_layers": 6, "hidden_size": 320, "num_heads": 20}),
    "esm2_t12_35M_UR50D": ("esm2", {"num_layers": 12, "hidden_size": 480, "num_heads": 20}),
    "esm2_t30_150M_UR50D": ("esm2", {"num_layers": 30, "hidden_size": 640, "num_heads": 20}),
    "esm2_t33_650M_UR50D": ("esm2", {"num_layers": 33, "hidden_size": 1280, "num_heads": 20}),
    "esm2_t36_3B_UR50D": ("esm2", {"num_layers": 36, "hidden_size": 2560, "num_heads": 40}),
    **{
        name: (
            "carp",
            {
                "num_layers": layers,
                "hidden_size": dim,
                "embedding_size": 8,
                "dilation": 128,
                "slim": slim,
            },
        )
        for name, layers, dim, slim in [
            ("carp_600k", 16, 128, True),
            ("carp_38M", 16, 1024, True),
            ("carp_76M", 32, 1024, True),
            ("carp_640M", 56, 1280, False),
        ]
    },
}


def build(family, num_layers, hidden_size, **sizes):
    """Return a network of the library's class as its constructor draws it; CARP is wrapped."""
    if family == "carp":
        tokens, mask = len(PROTEIN_ALPHABET), PROTEIN_ALPHABET.index(MASK)
        settings = {"activation": "gelu", "slim": sizes["slim"]}
        fixed = {"padding_idx": mask, "causal": False, "dropout": 0.0, "final_ln": True}
        shape = (tokens, sizes["embedding_size"], hidden_size, num_layers, 5, sizes["dilation"])
        return CARP(ByteNetLM(*shape, **fixed, **settings))
    if family == "esm2":
        return ESM2(
            num_layers=num_layers, embed_dim=hidden_size, attention_heads=sizes["num_heads"]
        )
    alphabet = Alphabet.from_architecture(ARCHITECTURES[family])
    arguments = esm_arguments(
        family, num_layers, hidden_size, sizes["intermediate_size"], sizes["num_heads"]
    )
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


def load_encoder(name, family, checkpoint=None, **settings):
    """Return the encoder of a family, by the table in config/families, and its sha256."""
    return families.load_encoder(name, encoder(family), checkpoint, **settings)


def ablation(name, family):
    """Return what an ablation of config/ablations.yaml does to the networks of a family."""
    return Ablation(ABLATIONS[name]["action"], table(family))


def layers_of(network):
    """Return how many blocks a network of any family has."""
    return len(network.model.embedder.layers if isinstance(network, CARP) else network.layers)
