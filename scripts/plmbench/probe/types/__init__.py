"""Probe types: one module each, which declares its type as PROBE. No list names them.

A new type is a module in this folder and an entry in config/probes.yaml.
"""

from importlib import import_module
from pkgutil import iter_modules

from plmbench.core.errors import InputError
from plmbench.probe.probe_type import ProbeType


def probe_types() -> list[str]:
    """Return the names of the probe types there are."""
    return sorted(module.name for module in iter_modules(__path__))


def probe_type(name: str) -> ProbeType:
    """Return the declaration of a probe type; raises InputError for a name that is none."""
    if name not in (known := probe_types()):
        raise InputError(f"{name!r} is no probe type; known: {', '.join(known)}")
    return import_module(f"plmbench.probe.types.{name}").PROBE
