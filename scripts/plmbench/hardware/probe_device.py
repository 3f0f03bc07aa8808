"""Where a job that fits probes computes: on the CPU, or on a GPU that it holds as `embed` does."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from plmbench.core.errors import InputError
from plmbench.core.logs import log

if TYPE_CHECKING:
    import torch


@contextmanager
def probe_device(
    compute: Mapping[str, Any], granted: Mapping[str, Any]
) -> "Iterator[torch.device | None]":
    """Hold the GPU that probes compute on while the context lasts; yield the torch.device, or None
    where they compute on the CPU, for which torch is not loaded unless it must tell.

    compute: of the configuration; granted: the resources of a job, whose `gpu`, or `gres` on a
    cluster, says whether it has one.
    """
    asked, device = compute["probe_device"], compute["device"]
    has_one = granted.get("gpu", 0) or "gpu" in str(granted.get("gres", ""))
    if asked == "cpu" or not has_one:
        yield None
        return
    import torch

    from plmbench.hardware.devices import reserved_device
    from plmbench.hardware.memory import use_full_precision

    wanted = "cuda" if asked == "cuda" and not device.startswith("cuda") else device
    use_full_precision()
    with reserved_device(wanted, "compute.probe_device") as found:
        log.info("probes compute on %s", found)
        try:
            yield None if found.type == "cpu" else found
        except torch.OutOfMemoryError:
            raise InputError(
                f"a layer and what its probe makes of it do not fit into the memory of {found}; "
                "set compute.probe_device to cpu, or give the probe a smaller max_residues"
            ) from None
