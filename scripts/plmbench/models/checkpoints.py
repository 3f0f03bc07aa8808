"""Checkpoints: read without running code that may hide in them."""

import argparse
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from plmbench.core.digests import sha256_of_file
from plmbench.core.errors import InputError, first_line
from plmbench.core.wording import brief, shortened
from plmbench.models.other_files import refuse_other_files

STATES = ("model", "model_state_dict")  # where fair-esm and sequence-models keep tensors by name
UNTRUSTED = re.compile(r"GLOBAL (\S+)")  # what torch calls a class or function that it lets not in
WRAPPERS = (
    "module.",
    "_orig_mod.",
)  # what training in parallel, and torch.compile, put before names


def check_stored(path: str | Path) -> None:
    """Raise ValueError where a zip unpacks to more bytes than it has: torch packs none."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size > Path(path).stat().st_size:
            raise ValueError(f"its members are packed, and unpack to {size:,} bytes")


def flaw_of(value: object) -> str:
    """Say why something is no tensor that a network can take over; "" if it is one."""
    if not isinstance(value, torch.Tensor):
        return f"is a {type(value).__name__}, not a tensor"
    if (
        value.device.type != "cpu"
        or value.layout != torch.strided
        or value.is_quantized
        or value.is_nested
    ):
        return "is no plain tensor: it has no values, or they are packed"
    if value.numel() * value.element_size() > value.untyped_storage().nbytes():
        return "has a larger shape than it has values"
    if value.is_complex() or (value.numel() > 1 and not value.is_floating_point()):
        return f"is of {value.dtype}, not of real numbers"
    # In float64 no sum of finite numbers overflows, and no copy is made.
    if value.is_floating_point() and not value.sum(dtype=torch.float64).isfinite():
        return "holds a value that is not finite"
    return ""


def check_states(path: str | Path, data: Mapping[str, Any]) -> None:
    """Raise InputError for what stands where a checkpoint's tensors should, and is none."""
    for key in STATES:
        state = data.get(key, {})
        if isinstance(state, str):  # `model` of sequence-models is a name
            continue
        if not isinstance(state, dict) or not all(isinstance(name, str) for name in state):
            raise InputError(f"checkpoint {path}: {key} is not a mapping from names to tensors")
        for name, value in state.items():
            # fair-esm saves the memory of this one as it found it; only its type is ever read.
            if name.endswith("._float_tensor"):
                continue
            if flaw := flaw_of(value):
                raise InputError(
                    f"checkpoint {path}: {key}: {brief(name)} {flaw}; fetch the file again, or "
                    "have it written anew"
                )


def unreadable(path: str | Path, error: Exception) -> InputError:
    """Return the error for a file that torch does not read. What torch refuses is named, without
    its advice, which is to trust the file."""
    refused = UNTRUSTED.search(str(error))
    if refused:
        reason = f"it holds {refused[1]}"
        remedy = "have it written anew with tensors and plain settings alone; code is never run"
    else:
        own = "weights_only" not in str(error)
        reason = f"{type(error).__name__}{f': {shortened(first_line(error))}' if own else ''}"
        remedy = "delete the file and fetch it again"
    return InputError(
        f"checkpoint {path}: not a complete checkpoint of tensors ({reason}); {remedy}"
    )


def without_wrapper(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return tensors by name without what a wrapper has put before every name."""
    for prefix in WRAPPERS:
        if state and all(name.startswith(prefix) for name in state):
            return without_wrapper({name.removeprefix(prefix): state[name] for name in state})
    return state


def load_checkpoint(path: str | Path, sha256: str | None = None) -> tuple[dict[str, Any], str]:
    """Return what a checkpoint file holds, tensors on the CPU, and the file's sha256.

    Only tensors, plain containers and the `argparse.Namespace` of fair-esm are let in
    (`weights_only=True`). Raises InputError that names the file if it is not there, is truncated,
    altered, or holds anything else, a tensor that is not finite among it.
    """
    try:
        found = sha256_of_file(path)
    except OSError as error:
        raise InputError(f"checkpoint {path}: cannot be read ({error.strerror})") from error
    refuse_other_files(path)
    if sha256 and found != sha256:
        raise InputError(
            f"checkpoint {path}: truncated or altered; its sha256 is {found}, expected {sha256}. "
            "Delete the file and fetch it again"
        )
    try:
        check_stored(path)
        with torch.serialization.safe_globals([argparse.Namespace]):
            data = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch, pickle and zipfile each have their own for a broken file
        raise unreadable(path, error) from error
    if not isinstance(data, dict):
        raise InputError(
            f"checkpoint {path}: holds a {type(data).__name__}, not a network's settings and "
            "tensors by name; is it the file that the library of its family writes?"
        )
    check_states(path, data)
    unwrapped = {k: without_wrapper(data[k]) for k in STATES if isinstance(data.get(k), dict)}
    return data | unwrapped, found


def save_checkpoint(data: object, path: str | Path) -> None:
    """Write what torch can save to `path`; a file that has its name is complete."""
    path = Path(path)
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        torch.save(data, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
