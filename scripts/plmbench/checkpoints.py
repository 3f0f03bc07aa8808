"""Checkpoints: read without running code that may hide in them."""

import argparse

import torch

from plmbench.errors import InputError, first_line
from plmbench.provenance import sha256_of_file


def load_checkpoint(path, sha256=None):
    """Return what a checkpoint file holds, tensors on the CPU, and the file's sha256.

    Only tensors, plain containers and the `argparse.Namespace` of fair-esm are let in
    (`weights_only=True`). Raises InputError that names the file if it is not there, is truncated,
    altered, or holds anything else.
    """
    try:
        found = sha256_of_file(path)
    except OSError as error:
        raise InputError(f"checkpoint {path}: cannot be read ({error.strerror})") from error
    if sha256 and found != sha256:
        raise InputError(
            f"checkpoint {path}: truncated or altered; its sha256 is {found}, expected {sha256}. "
            "Delete the file and fetch it again"
        )
    try:
        with torch.serialization.safe_globals([argparse.Namespace]):
            data = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch, pickle and zipfile each have their own for a broken file
        reason = first_line(error)
        raise InputError(
            f"checkpoint {path}: not a complete checkpoint of tensors "
            f"({type(error).__name__}: {reason}); delete the file and fetch it again"
        ) from error
    if not isinstance(data, dict):
        raise InputError(
            f"checkpoint {path}: holds a {type(data).__name__}, not a network's settings and "
            "tensors by name; is it the file that the library of its family writes?"
        )
    return data, found
