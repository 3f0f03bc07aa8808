"""Networks of transformers from a folder, loaded whole or not at all.

The library fills what a file lacks with draws, and leaves out what it does not know; here either is
an error, but for heads through which no embedding passes.
"""

import os
import re
from collections.abc import Collection
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import nn

from plmbench.core.errors import UNBUILDABLE, InputError, first_line
from plmbench.core.wording import brief, shortened
from plmbench.models.hub_folders import CONFIG, Weights, read_config
from plmbench.models.refusals import some, unbuildable

HEADS = re.compile(r"(^|\.)((pooler|contact_head|lm_head|cls|predictions)\.|mask_token$)")
# Keys whose absence the library fills with another network's.
REQUIRED = {"esm": ("token_dropout", "emb_layer_norm_before", "position_embedding_type")}
# Values of keys beside which the library takes any, and goes on without what they name.
KNOWN = {"esm": {"position_embedding_type": ("absolute", "rotary")}}
TOKENS, PIXELS = "input_ids", "pixel_values"  # as the library calls what a network reads
TOWERS = ("encoder", "decoder")
# Parts that are networks of their own, and where the configuration of the whole has theirs.
JOINED = {"text_model": "text_config", "vision_model": "vision_config"}


def library() -> ModuleType:
    """Return transformers, told to ask no server and to say nothing."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return transformers


def refused_by_library() -> tuple[type[Exception], ...]:
    """Return what transformers raises for a folder that it cannot read, or makes no network of."""
    from huggingface_hub.errors import StrictDataclassError

    return (OSError, ImportError, StrictDataclassError, *UNBUILDABLE)


def tokenizer_of(folder: Path) -> Any:
    """Return the library's tokenizer of a folder; raises InputError where it cannot be read."""
    try:
        return library().AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except refused_by_library() as error:
        reason = f"{type(error).__name__}: {shortened(first_line(error))}"
        if "trust_remote_code" in str(error):
            reason = "it is code in the folder, which is never run"
        raise InputError(
            f"checkpoint {folder}: transformers cannot read its tokenizer ({reason}); fetch its "
            "files again"
        ) from error


class Network(NamedTuple):
    """A network, and the part of it whose layers are asked for."""

    whole: Any  # a PreTrainedModel
    tower: Any  # the same, or one of its towers
    part: str  # of TOWERS; "" where the network is one tower
    zeroed: list[str]  # parameters of unused heads that the files lack


def config_of(folder: Path) -> Any:
    """Return the library's configuration of a folder; raises InputError for a class that it does
    not have, or would have to guess."""
    content, hub = read_config(folder), library()
    kind = content["model_type"]
    if kind not in hub.CONFIG_MAPPING:
        found = f"checkpoint {folder}: model_type {kind!r} of {CONFIG} is no class of transformers"
        if "auto_map" in content:
            raise InputError(
                f"{found} {hub.__version__} but code in the folder (auto_map), which is never run; "
                "another model with a class of its own there can be given"
            )
        raise InputError(f"{found} {hub.__version__}; is it misspelt, or newer than that?")
    if lacking := [key for key in REQUIRED.get(kind, ()) if key not in content]:
        raise InputError(
            f"checkpoint {folder}: {CONFIG} lacks {' and '.join(lacking)}, for which the library "
            "has defaults of another network; fetch the newest version of the folder"
        )
    for key, values in KNOWN.get(kind, {}).items():
        if content[key] not in values:
            raise InputError(
                f"checkpoint {folder}: {key} of {CONFIG} is {brief(content[key])}, and the library "
                f"knows {' and '.join(values)} of model type {kind!r}; it would go on without one"
            )
    try:
        return hub.AutoConfig.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except refused_by_library() as error:
        raise unbuildable(folder, f"transformers ({CONFIG})", "of this folder", error) from error


def config_of_part(folder: Path, config: Any, part: str | None) -> Any:
    """Return the configuration of the part asked for, of one that joins several networks; raises
    InputError where it is not said which."""
    if part in JOINED and hasattr(config, JOINED[part]):
        return getattr(config, JOINED[part])
    known = [name for name, key in JOINED.items() if hasattr(config, key)]
    if part in JOINED:
        raise InputError(
            f"checkpoint {folder}: model type {config.model_type!r} has no part {part!r}; "
            + (f"it has {' and '.join(known)}" if known else "leave `part` out")
        )
    if len(known) == len(JOINED):
        raise InputError(
            f"checkpoint {folder}: model type {config.model_type!r} joins several networks; say "
            f"which in its entry, as part: {' or '.join(known)}"
        )
    return config


def class_of(folder: Path, config: Any, part: str | None, reads: str) -> Any:
    """Return the class that has the part asked for: an encoder alone where the library has one.

    reads: how the library calls what is to be read.
    """
    hub = library()
    mappings = [hub.MODEL_FOR_TEXT_ENCODING_MAPPING, hub.MODEL_MAPPING]
    for mapping in mappings[part == "decoder" :]:
        if type(config) in mapping:
            found = mapping[type(config)]
            found = found[0] if isinstance(found, tuple) else found
            if found.main_input_name != reads:
                raise InputError(
                    f"checkpoint {folder}: {found.__name__} reads {found.main_input_name}, and the "
                    f"data set's examples are {reads}; set `modality` of its entry to what it reads"
                )
            return found
    raise InputError(
        f"checkpoint {folder}: transformers has no network without a head for model type "
        f"{config.model_type!r}"
    )


def tower_of(folder: Path, whole: Any, part: str | None) -> tuple[Any, str]:
    """Return the tower whose layers are asked for, and the name of the part: an encoder where
    nothing is said and there is one."""
    hub = library()
    towers = [t for t in TOWERS if isinstance(getattr(whole, t, None), hub.PreTrainedModel)]
    if part in JOINED:
        return whole, str(part)
    if whole.main_input_name != TOKENS:  # an encoder within it does not read images itself
        towers = []
    if "encoder" not in towers:  # one part, which some classes call a decoder
        tower, towers = (getattr(whole, towers[0]) if towers else whole), []
        if part is None:
            return tower, ""
    wanted = part or "encoder"
    if wanted not in towers:
        raise InputError(
            f"checkpoint {folder}: {type(whole).__name__} has no part {wanted!r}; "
            + (f"it has {' and '.join(towers)}" if towers else "it is one part: leave `part` out")
        )
    return getattr(whole, wanted), wanted


def blocks_of(folder: Path, tower: Any) -> list[nn.Module]:
    """Return the blocks of a tower in order: what the library itself takes hidden states from."""
    kind = (getattr(tower, "_can_record_outputs", None) or {}).get("hidden_states")
    kind = getattr(kind, "target_class", kind)
    blocks = [module for module in tower.modules() if kind and isinstance(module, kind)]
    if not blocks:
        raise InputError(
            f"checkpoint {folder}: transformers does not say what a block of "
            f"{type(tower).__name__} is, so its layers cannot be told"
        )
    return blocks


def check_taken(folder: Path, config: Any, info: dict[str, Any], blocks: Collection[str]) -> None:
    """Raise InputError where the weights of a folder are not those of the network, to the last
    one. blocks: what the names of parameters in blocks begin with."""
    missing = {name for name in info["missing_keys"] if not HEADS.search(name)}
    shapes = [
        f"{name} is {list(found)}, should be {list(own)}"
        for name, found, own in info["mismatched_keys"]
    ]
    beyond = {  # of heads nothing is taken, but a block too many is another network's
        name for name in info["unexpected_keys"] if any(f".{b}" in f".{name}" for b in blocks)
    }
    flaws = [(missing, "it lacks "), (shapes, ""), (beyond, "the network does not know ")]
    if said := [f"{words}{some(names)}" for names, words in flaws if names]:
        remedy = f"is {CONFIG} that of these weights?"
        if missing and all("embed_tokens" in name or "shared" in name for name in missing):
            tied = getattr(config, "tie_word_embeddings", True)
            remedy = "the library would draw its embeddings at random" + (
                "" if tied else f"; tie_word_embeddings is false in {CONFIG}: is that right?"
            )
        raise InputError(
            f"checkpoint {folder}: its weights are not those of the network that {CONFIG} "
            f"describes ({'; '.join(said)}); {remedy}"
        )


def state_of(weights: Weights, part: str | None) -> dict[str, torch.Tensor]:
    """Return the tensors that belong to a part: of joined networks those under its name."""
    own = {name: t for name, t in weights.state.items() if name.startswith(f"{part}.")}
    return own if part in JOINED else dict(weights.state)


def load_network(
    folder: Path, name: str, weights: Weights, part: str | None, reads: str = TOKENS
) -> Network:
    """Return the network of a folder with the weights that were read from it, in float32; raises
    InputError where they are not a network's to the last one."""
    config = config_of_part(folder, config_of(folder), part)
    kind = class_of(folder, config, part, reads)
    try:
        # Differences are reported, not raised: the message is ours.
        whole, info = kind.from_pretrained(
            None,
            config=config,
            state_dict=state_of(weights, part),
            dtype=torch.float32,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
    except refused_by_library() as error:
        raise unbuildable(folder, f"transformers as {kind.__name__}", name, error) from error
    tower, part_name = tower_of(folder, whole, part)
    stems = {stem(n) for n in names_of(whole, blocks_of(folder, tower))}
    check_taken(folder, config, info, stems)
    zeroed = sorted(info["missing_keys"])
    for parameter in zeroed:  # the library has drawn it: the ledger of an ablation would differ
        nn.init.zeros_(whole.get_parameter(parameter))
    return Network(whole, tower, part_name, zeroed)


def names_of(module: nn.Module, parts: Collection[nn.Module]) -> list[str]:
    """Return the names that parts of a module have in it."""
    wanted = {id(part) for part in parts}
    return [name for name, part in module.named_modules() if id(part) in wanted]


def stem(name: str) -> str:
    """Return the name of the list that a block stands in, with a dot: `encoder.layer.`."""
    return name.rpartition(".")[0] + "."
