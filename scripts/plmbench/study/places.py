"""Where the workflow is: the clone, or what an installation has of it."""

import sysconfig
from pathlib import Path

from plmbench.core.errors import InputError

HERE = Path(__file__).resolve().parents[3]  # the clone, where the package is used from one


def workflow_folder() -> Path:
    """Return the folder with config/: the clone's, or where `pip install` put a copy of it."""
    for folder in (HERE, Path(sysconfig.get_path("data")) / "share" / "plmbench"):
        if (folder / "config" / "datasets.yaml").is_file():
            return folder
    raise InputError(
        "the catalogues config/*.yaml are not there; run plmbench from a clone, or install it by "
        "`pip install .` in one"
    )
