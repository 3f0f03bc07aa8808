"""Versions that a result may depend on."""

import platform
from importlib.metadata import version

LIBRARIES = ("torch", "fair-esm", "sequence-models", "numpy", "h5py")


def versions() -> str:
    """Return the versions that a result may depend on, as text."""
    found = [f"python {platform.python_version()}"]
    return ", ".join(found + [f"{name} {version(name)}" for name in LIBRARIES])
