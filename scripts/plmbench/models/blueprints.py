"""Networks without memory for their weights, to count parameters: from a folder's config.json, from
what an entry says of its network's settings, or from a checkpoint.

What stands in an entry is by the library's own names: `vocab_size`, `attention_heads`, `d_embed`.
"""

from argparse import Namespace
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from plmbench.core.errors import InputError, first_line
from plmbench.core.wording import brief, shortened
from plmbench.models.families import load_encoder
from plmbench.models.hub_networks import (
    blocks_of,
    config_of,
    library,
    names_of,
    refused_by_library,
    tower_of,
)

Config = Mapping[str, Any]
KINDS = {"esm1": "protein_bert_base", "esm1b": "roberta_large"}  # fair-esm's names of alphabets
POSITIONS = 1024  # tokens that ESM-1 and ESM-1b take
# Parts of CLIP, and where the configuration of the whole has theirs.
JOINED = {"text_model": "text_config", "vision_model": "vision_config"}
SIZES = ("num_layers", "hidden_size")  # of an entry
SETTINGS = ("architecture", "side")  # of an entry, that a family without a library reads
ACTIVATIONS = ("relu", "gelu")  # of CARP
CARP_SETTINGS = ("d_embed", "kernel_size", "r", "slim", "activation")


class Blueprint(NamedTuple):
    """A network whose parameters have shapes, and perhaps no values."""

    module: nn.Module  # what an ablation rewrites
    whole: nn.Module  # the same, or the network that it is a part of
    layers: int  # that are embedded, layer 0 among them
    width: int  # of a layer
    blocks: Mapping[str, int] | None = None  # {name: number, from 0}; None: patterns tell them
    applied: int = 1  # how often states pass through each block
    tokens: int | None = None  # of each example, where all have as many


def check_keys(name: str, config: Config, known: Collection[str], all_of_them: bool) -> None:
    """Raise InputError for a setting that a library does not have, or one that is missing."""
    unknown = [key for key in config if key not in known]
    missing = [key for key in known if all_of_them and key not in config]
    if unknown or missing:
        found = f"has no setting {brief(unknown[0])}" if unknown else f"needs {missing[0]}"
        raise InputError(
            f"model {name}: config: its library {found}; mend its entry in config/models.yaml, "
            "where settings are called as in the library's own file"
        )


def esm(family: str, name: str, config: Config, num_layers: int, hidden_size: int) -> Blueprint:
    """Return a network of fair-esm."""
    from esm import ESM2, Alphabet, ProteinBertModel

    check_keys(name, config, ["attention_heads"], True)
    heads = config["attention_heads"]
    if family == "esm2":
        network = ESM2(num_layers, hidden_size, heads)
        return Blueprint(network, network, num_layers + 1, hidden_size)
    own = {"final_bias": True} if family == "esm1" else {"emb_layer_norm_before": True}
    arguments = Namespace(
        arch=KINDS[family],
        max_positions=POSITIONS,
        layers=num_layers,
        embed_dim=hidden_size,
        ffn_embed_dim=4 * hidden_size,
        attention_heads=heads,
        token_dropout=family == "esm1b",
        **own,
    )
    network = ProteinBertModel(arguments, Alphabet.from_architecture(KINDS[family]))
    return Blueprint(network, network, num_layers + 1, hidden_size)


def carp(family: str, name: str, config: Config, num_layers: int, hidden_size: int) -> Blueprint:
    """Return a network of sequence-models."""
    from sequence_models.constants import MASK, PROTEIN_ALPHABET
    from sequence_models.convolutional import ByteNetLM

    check_keys(name, config, CARP_SETTINGS, True)
    if config["activation"] not in ACTIVATIONS:
        raise InputError(
            f"model {name}: config: activation is {brief(config['activation'])}; its library knows "
            f"{' and '.join(ACTIVATIONS)}"
        )
    embedding, kernel, dilation = (config[key] for key in ("d_embed", "kernel_size", "r"))
    network = nn.Module()  # as models.carp.Network, whose parameters have these names
    network.model = ByteNetLM(
        *(len(PROTEIN_ALPHABET), embedding, hidden_size, num_layers, kernel, dilation),
        padding_idx=PROTEIN_ALPHABET.index(MASK),
        final_ln=True,
        slim=config["slim"],
        activation=config["activation"],
    )
    return Blueprint(network, network, num_layers + 1, hidden_size)


def stated_config(name: str, config: Config) -> Any:
    """Return the library's configuration of what an entry states of its config.json."""
    hub, settings = library(), dict(config)
    kind = settings.pop("model_type", None)
    if kind not in hub.CONFIG_MAPPING:
        raise InputError(
            f"model {name}: config: model_type {brief(kind)} is no class of transformers; state "
            "that of its config.json in its entry of config/models.yaml"
        )
    default = hub.AutoConfig.for_model(kind)
    known = {*default.to_dict(), *default.attribute_map}
    check_keys(name, settings, known, False)
    return hub.AutoConfig.for_model(kind, **settings)


def class_of(config: Any, part: str | None) -> Any:
    """Return the class that is run: an encoder alone where the library has one."""
    hub = library()
    mappings = [hub.MODEL_FOR_TEXT_ENCODING_MAPPING, hub.MODEL_MAPPING][part == "decoder" :]
    kinds = (mapping[type(config)] for mapping in mappings if type(config) in mapping)
    if (found := next(kinds, None)) is None:
        raise ValueError(f"it has no network without a head for model type {config.model_type!r}")
    return found[0] if isinstance(found, tuple) else found


def of_library(where: str, config: Any, part: str | None) -> Blueprint:
    """Return the network of transformers that is run for a configuration of that library."""
    if part in JOINED:  # a network of its own
        config, part = getattr(config, JOINED[part]), None
    kind = class_of(config, part)
    with torch.device("meta"):
        whole = kind(config)
    tower, part_name = tower_of(Path(where), whole, part)
    module, blocks = whole if part_name != "encoder" else tower, blocks_of(Path(where), tower)
    # ALBERT has fewer blocks than layers: each group of them is passed through again and again.
    groups = getattr(config, "num_hidden_groups", None)
    times = config.num_hidden_layers // groups if groups else 1
    numbers = {name: i for i, name in enumerate(names_of(module, blocks))}
    layers = 1 + times * len(blocks)
    return Blueprint(module, whole, layers, tower.config.hidden_size, numbers, times)


@contextmanager
def of_its_library(where: str, remedy: str) -> Iterator[None]:
    """Name what a library refuses, of settings of which it makes no network."""
    try:
        yield
    except InputError:
        raise
    except refused_by_library() as error:
        reason = f"{type(error).__name__}: {shortened(first_line(error))}"
        raise InputError(f"{where}: its library makes no network of it ({reason}); {remedy}") from (
            error
        )


def stated(name: str, module: str, entry: Mapping[str, Any]) -> Blueprint:
    """Return the Blueprint of a model by what its entry states; raises InputError where that says
    two things of one size."""
    config, sizes = entry["config"], [entry.get(key) for key in SIZES]
    if module == TRANSFORMERS:
        found = of_library(f"of model {name}", stated_config(name, config), entry.get("part"))
    elif None in sizes:
        raise InputError(
            f"model {name}: config: needs {' and '.join(SIZES)} beside it, which its entry in "
            "config/models.yaml does not state"
        )
    else:
        with torch.device("meta"):
            make, family = LIBRARIES[module], entry["family"]
            found = make(family, name, config, entry["num_layers"], entry["hidden_size"])
    for key, size, made in zip(SIZES, sizes, (found.layers - 1, found.width), strict=True):
        if size not in (None, made):
            raise InputError(
                f"model {name}: its entry in config/models.yaml says {key}: {size}, and config "
                f"makes a network of {made}; mend the one that is wrong"
            )
    return found


Make = Callable[[str, str, Config, int, int], Blueprint]
LIBRARIES: dict[str, Make] = {"esm": esm, "carp": carp}  # by modules of encoders
TRANSFORMERS = "transformers"


def blueprint(name: str, entry: Mapping[str, Any], path: str | None) -> Blueprint | None:
    """Return the Blueprint of a model; None where neither its files nor its config are here.

    entry: of config/models.yaml, and `encoder`, the class that reads it; path: of its checkpoint,
    or of a folder's config.json, if it is here.
    """
    module, config = entry["encoder"].partition(".")[0], entry.get("config")
    if not path and not config and module in (TRANSFORMERS, *LIBRARIES):
        return None
    if module == TRANSFORMERS and path:
        own = config_of(Path(path).parent)
        with of_its_library(f"checkpoint {Path(path).parent}", "is config.json that of a network?"):
            return of_library(path, own, entry.get("part"))
    if module in (TRANSFORMERS, *LIBRARIES) and not path:
        with of_its_library(f"model {name}: config", "mend its entry in config/models.yaml"):
            return stated(name, module, entry)
    settings = {key: entry[key] for key in SETTINGS if key in entry}
    encoder, _ = load_encoder(name, entry["encoder"], path, **settings)
    shape = encoder.num_layers + 1, encoder.hidden_size
    tokens = entry["side"] ** 2 if "side" in entry else None
    return Blueprint(encoder.module, encoder.module, *shape, tokens=tokens)
