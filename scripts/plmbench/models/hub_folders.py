"""Folders as the hub has them: config.json, weights, a tokenizer. Read offline, without running
code that may hide in them.

Weights are handed over as float32 tensors by name, all of them finite, whatever their files hold.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from plmbench.core.digests import sha256_of_file, sha256_of_texts
from plmbench.core.errors import InputError, first_line
from plmbench.core.wording import brief, shortened
from plmbench.models.checkpoints import flaw_of, load_checkpoint, without_wrapper
from plmbench.models.other_files import SAFETENSORS, other_format

CONFIG = "config.json"
# The first that is there is read: tensors alone before pickles, one file before parts.
WEIGHTS = tuple(
    f"{name}{end}"
    for name in ("model.safetensors", "pytorch_model.bin")
    for end in ("", ".index.json")
)
DESCRIBING = (".json", ".txt", ".model", ".jinja")  # of config and tokenizer, by their ends
REAL = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


class Weights(NamedTuple):
    """What the files of a folder hold."""

    state: dict[str, Tensor]  # float32
    stored: str  # the types of numbers in the files
    digest: str  # of all that decides a network's states


def checked_folder(path: Path | str) -> Path:
    """Return a folder; raises InputError where it is none, or a file in it is a link that leads
    out of it."""
    folder = Path(path)
    if not folder.is_dir():
        raise InputError(
            f"checkpoint {path}: is no folder; family transformers reads one as the hub has it, "
            f"with {CONFIG}, weights and a tokenizer"
        )
    for file in sorted(folder.iterdir()):
        if not within(file, folder):
            raise InputError(
                f"checkpoint {path}: {brief(file.name)} is a link that leads out of the folder or "
                "to itself, or has a name that is no text, and is not read; copy the file itself "
                "(cp -L, or the hub's download to a folder)"
            )
    return folder


def within(file: Path, folder: Path) -> bool:
    """Tell whether a file is in a folder, by a name that is text."""
    try:
        return bool(file.name.encode()) and file.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, UnicodeError):  # RuntimeError of a loop of links
        return False


def read_json(file: Path) -> dict[str, Any]:
    """Return what a JSON file of a folder holds; raises InputError where it is no mapping."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"checkpoint {file.parent}: {file.name} cannot be read "
            f"({type(error).__name__}: {shortened(first_line(error))}); fetch the folder again"
        ) from error
    if not isinstance(content, dict):
        raise InputError(f"checkpoint {file.parent}: {file.name} is no mapping; fetch it again")
    return content


def read_config(folder: Path) -> dict[str, Any]:
    """Return config.json; raises InputError for one that names no class, or whose weights are
    quantised."""
    config = read_json(folder / CONFIG)
    if not isinstance(config.get("model_type"), str):
        raise InputError(
            f"checkpoint {folder}: {CONFIG} has no model_type, so its class is a guess; add the "
            f'one of its architectures {brief(config.get("architectures"))}, such as "bert"'
        )
    if "quantization_config" in config:
        raise InputError(
            f"checkpoint {folder}: its weights are quantised ({CONFIG} has quantization_config), "
            "which changes embeddings; give the full ones"
        )
    return config


def weight_files(folder: Path) -> list[Path]:
    """Return the files of a folder's weights, the parts of an index among them."""
    name = next((name for name in WEIGHTS if (folder / name).is_file()), None)
    if name is None:
        raise InputError(
            f"checkpoint {folder}: has no weights that torch reads; one of {', '.join(WEIGHTS)} "
            "should be there"
        )
    if not name.endswith(".index.json"):
        return [folder / name]
    places = read_json(folder / name).get("weight_map", {})
    if not isinstance(places, dict) or not all(isinstance(p, str) for p in places.values()):
        raise InputError(
            f"checkpoint {folder}: weight_map of {name} should say of each tensor which file holds "
            "it; fetch the folder again"
        )
    parts = sorted(set(places.values()))
    wrong = [part for part in parts if Path(part).name != part or not (folder / part).is_file()]
    if wrong or not parts:
        raise InputError(
            f"checkpoint {folder}: {name} names {brief(wrong[0]) if wrong else 'no part'}, which "
            "is not in the folder; fetch all parts"
        )
    return [folder / part for part in parts]


def read_safetensors(file: Path) -> tuple[dict[str, Tensor], str]:
    """Return a safetensors file's tensors, and its sha256."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if (found := other_format(file)) not in (None, SAFETENSORS):
        raise InputError(f"checkpoint {file}: it is {found.name}; {found.remedy}")
    try:
        return load_file(file), sha256_of_file(file)
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"checkpoint {file}: not a complete safetensors file "
            f"({shortened(first_line(error))}); fetch it again"
        ) from error


def real_tensors(file: Path, state: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
    """Yield the names and tensors of real numbers, as they are stored; counts and masks beside
    them are buffers of older versions. Raises InputError for anything else."""
    for name, value in state.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise InputError(
                f"checkpoint {file}: {brief(name)} is a {type(value).__name__}, not a tensor by "
                "name; have it written anew by save_pretrained"
            )
    for name, value in without_wrapper(state).items():
        if value.is_floating_point():
            if value.dtype not in REAL:
                raise InputError(
                    f"checkpoint {file}: {brief(name)} is quantised ({value.dtype}); give the full "
                    "weights"
                )
            yield name, value


def read_weights(folder: Path, sha256: str | None = None) -> Weights:
    """Return the Weights of a folder; raises InputError that names the file which cannot be
    trusted, or is not the one of this sha256."""
    state: dict[str, Tensor] = {}
    digests, stored = {}, set()
    for file in weight_files(folder):
        reader = read_safetensors if file.suffix == ".safetensors" else load_checkpoint
        tensors, digests[file.name] = reader(file)
        for name, value in real_tensors(file, tensors):
            if name in state:
                raise InputError(
                    f"checkpoint {file}: {brief(name)} stands in another part, too, so which one "
                    "counts is a guess; fetch the folder again"
                )
            state[name] = value.float()
            stored.add(str(value.dtype).removeprefix("torch."))
            if flaw := flaw_of(state[name]):
                raise InputError(f"checkpoint {file}: {brief(name)} {flaw}; fetch the file again")
    described = [file for file in sorted(folder.iterdir()) if file.suffix in DESCRIBING]
    digests |= {file.name: sha256_of_file(file) for file in described}
    found = sha256_of_texts(f"{name}\t{digests[name]}" for name in sorted(digests))
    if sha256 and found != sha256:
        raise InputError(
            f"checkpoint {folder}: truncated or altered; the sha256 of its files is {found}, "
            f"expected {sha256}. Fetch the folder again"
        )
    return Weights(state, ", ".join(sorted(stored)), found)
