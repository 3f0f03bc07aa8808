"""Made-up proteins that tests of training share."""

import random

import pytest


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return FASTA files of made-up proteins of three amino acids, to learn from and held out."""
    folder, draw = tmp_path_factory.mktemp("data"), random.Random(0)
    paths = [folder / "data.fasta", folder / "held_out.fasta"]
    for path, count in zip(paths, (60, 20), strict=True):
        made = ["".join(draw.choices("AVL", k=draw.randint(30, 90))) for _ in range(count)]
        path.write_text("".join(f">{i}\n{s}\n" for i, s in enumerate(made)))
    return paths
