"""Convert a folder of transformers with ESM-2 into a checkpoint in fair-esm's layout.

python scripts/convert_esm2.py <folder with config.json and pytorch_model.bin> <file.pt>
"""

import argparse
import sys
from pathlib import Path

from plmbench.core.errors import InputError
from plmbench.models.conversions import convert_esm2


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds config.json and pytorch_model.bin")
    parser.add_argument("target", type=Path, help="the checkpoint to write")
    parser.add_argument("--sha256", help="that of pytorch_model.bin; another file is refused")
    return parser.parse_args(words)


def main(options: argparse.Namespace) -> None:
    """Write the checkpoint, and say what it was made from."""
    digest = convert_esm2(options.folder, options.target, options.sha256)
    print(f"{options.target}: from tensors with sha256 {digest}")


if __name__ == "__main__":
    try:
        main(arguments())
    except InputError as error:
        sys.exit(f"error: {error}")
