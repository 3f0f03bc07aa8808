"""Texts above a network's positions: counted in its own tokens, and cut, left out or refused."""

import pytest

from helpers.images import folder_of
from plmbench.core.errors import InputError
from plmbench.core.examples import packed_text
from plmbench.embed.dataset import measure_of
from plmbench.embed.inputs import read_extraction
from plmbench.embed.settings import Files, Storage
from plmbench.models.transformers import Transformer

TEXTS = {"short": "a cat", "long": "the cat " * 30, "middle": "the dog " * 10}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    folder = folder_of("bert", tmp_path_factory.mktemp("texts") / "bert")
    return Transformer.load("bert", folder, modality="text")[0]


def extraction_of(encoder, folder, policy, max_length=None):
    """Return what is embedded of TEXTS under a policy."""
    rows = [f"{name}\t{packed_text(text.strip())}\t0\n" for name, text in TEXTS.items()]
    (folder / "sequences.tsv").write_text("id\tsequence\tmasked\n" + "".join(rows))
    storage = Storage(["mean"], "all", "float32", "float32", "error", policy)
    limit, measure = measure_of(encoder, max_length)
    return read_extraction(Files(folder / "sequences.tsv", ""), storage, limit, measure)


def test_a_text_above_the_positions_is_an_error_in_tokens(encoder, tmp_path):
    with pytest.raises(InputError, match=r"of 38 tokens: long \(60 tokens\); set .* drop"):
        extraction_of(encoder, tmp_path, "error")


@pytest.mark.parametrize(
    ("max_length", "above", "longest"), [(None, 1, 38), (8, 2, 8), (50, 1, 38)]
)
def test_truncation_keeps_the_first_tokens_and_is_counted(
    encoder, tmp_path, max_length, above, longest
):
    found = extraction_of(encoder, tmp_path, "truncate", max_length)
    assert found.ids[0] == "long"
    assert found.lengths[0] == longest
    assert found.counts["above_max_length"] == above
    assert encoder.residues(encoder.tokenize(found.sequences)).sum(1).tolist() == found.lengths


def test_what_is_dropped_is_named(encoder, tmp_path):
    found = extraction_of(encoder, tmp_path, "drop")
    assert (found.ids, found.dropped) == (["middle", "short"], ["long"])
