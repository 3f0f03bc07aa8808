"""Where the probes of a job compute: with numpy on the CPU, or with torch on a GPU."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any


def device_of(
    compute: Mapping[str, Any], granted: Mapping[str, Any]
) -> AbstractContextManager[Any]:
    """Return a context with the torch.device of a job; None for the CPU. See `probe_device`."""
    if compute["probe_device"] == "cpu":
        return nullcontext()
    # By its name: it decides where, and not what, so that a change of it reruns no probe.
    return import_module("plmbench.hardware.probe_device").probe_device(compute, granted)
