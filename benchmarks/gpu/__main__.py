"""Find torch and a GPU, then run all parts; imports nothing heavy before it is known what to do."""

import argparse
import sys
import time
from importlib.util import find_spec
from pathlib import Path

BEGUN = time.monotonic()  # the minutes include the start
NO_GPU = "make gpu: this machine shows no CUDA GPU, so nothing was measured ({})"
NO_CUDA = (
    "make gpu: there is a GPU, and {} does not see it ({}); "
    "say make gpu PYTHON=<a python with a CUDA build of torch>"
)
MISSING = (
    "make gpu: {} has no {}; install what is missing, or put its wheels into a folder and say "
    "make gpu WHEELS=<folder>"
)
NEEDED = {  # the module, and the package that has it
    "numpy": "numpy",
    "filelock": "filelock",
    "esm": "fair-esm",
    "sequence_models": "sequence-models",
}
DEVICES = ("/dev/nvidia0", "/dev/dxg", "/dev/kfd")  # NVIDIA's, Windows' for Linux, AMD's


def arguments(words):
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu")
    parser.add_argument("--minutes", type=float, default=7.5, help="for all, the start included")
    parser.add_argument("--out", type=Path, help="a folder for all files it writes")
    parser.add_argument("--wheels", type=Path, help="a folder of wheels for packages not installed")
    parser.add_argument("--parts", nargs="+", metavar="PART", help="of all, in their order")
    parser.add_argument("--networks", nargs="+", metavar="NETWORK", help="of all")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--tiny", action="store_true", help="tiny networks, to try the program")
    return parser.parse_args(words)


def importable(folder):
    """Let wheels of pure Python be imported as they are, after what is installed."""
    sys.path += [str(path) for path in sorted(folder.glob("*-none-any.whl"))]


def without_gpu():
    """Return why there is no GPU to run on, or None where there is one; and the exit status."""
    if not find_spec("torch"):
        reason = "no torch"
    else:
        import torch

        if torch.cuda.is_available():
            return None, 0
        reason = f"torch {torch.__version__}"
    if any(Path(name).exists() for name in DEVICES):
        return NO_CUDA.format(sys.executable, reason), 1
    return NO_GPU.format(reason), 0


def main(words=None):
    """Run, and return the exit status: 0 where all is right or there is no GPU."""
    asked = arguments(words)
    if asked.wheels:
        importable(asked.wheels)
    if asked.device == "cuda":
        message, status = without_gpu()
        if message:
            print(message)
            return status
    missing = [package for module, package in NEEDED.items() if not find_spec(module)]
    if missing:
        print(MISSING.format(sys.executable, ", ".join(missing)))
        return 1
    from benchmarks.gpu.run import run

    return run(asked, BEGUN)


if __name__ == "__main__":
    sys.exit(main())
