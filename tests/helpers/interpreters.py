"""A Python of its own, in an environment that sees what this one has."""

import sys
import sysconfig
import venv


def python_in(folder):
    """Return a Python in a virtual environment in `folder` that sees this one's packages."""
    venv.create(folder, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    (packages / "outer.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "python"
