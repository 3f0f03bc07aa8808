"""Supervised methods: one module each, which declares itself as METHOD. No list names them.

A new method is a module in this folder, a file in config/families that names it, and an entry in
config/models.yaml. METHOD is a ProbeType whose `fit` is given the Sequences beside the folds, as
`source`: the features of its examples are their positions there, see `Sequences`.
"""

from importlib import import_module
from pkgutil import iter_modules

from plmbench.core.errors import InputError
from plmbench.probe.probe_type import ProbeType


def methods() -> list[str]:
    """Return the names of the methods there are."""
    return sorted(module.name for module in iter_modules(__path__))


def method(name: str) -> ProbeType:
    """Return the declaration of a method; raises InputError for a name that is none."""
    if name not in (known := methods()):
        raise InputError(f"{name!r} is no supervised method; known: {', '.join(known)}")
    return import_module(f"plmbench.supervised.methods.{name}").METHOD
