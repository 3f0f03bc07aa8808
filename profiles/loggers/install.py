"""Let this environment's Snakemake find the logger: `python -m profiles.loggers.install`."""

import sysconfig
from pathlib import Path

FOLDER = Path(__file__).resolve().parent

if __name__ == "__main__":
    # A line of a .pth file is a folder that Python looks into; modules there stay where they are.
    path = Path(sysconfig.get_path("purelib")) / "plmbench_loggers.pth"
    path.write_text(f"{FOLDER}\n", encoding="utf-8")
