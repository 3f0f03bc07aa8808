"""Texts and images that a network of transformers would take for something else, in silence."""

import json
import shutil

import pytest

from helpers.hub_folders import edit_json
from helpers.images import folder_of, picture
from plmbench.core.errors import InputError
from plmbench.core.examples import packed_image, packed_text
from plmbench.models.transformers import Transformer


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("folders")
    return {kind: folder_of(kind, root / kind) for kind in ("vit", "bert", "clip", "gpt2")}


def roles(folder, **tokens):
    """Have a folder's tokenizer say which tokens have which roles."""
    edit_json(folder / "tokenizer_config.json", lambda content: content.update(tokens))


def loaded(folder, modality, part=None):
    return Transformer.load("mine", folder, modality=modality, part=part)[0]


END = {"unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}  # as CLIP's and GPT-2's have it


@pytest.mark.parametrize(
    ("kind", "part", "around"), [("clip", "text_model", 2), ("gpt2", None, 0), ("bert", None, 2)]
)
def test_a_mark_counts_for_nothing_also_where_it_stands_for_the_unknown(
    kind, part, around, folders, tmp_path
):
    folder = shutil.copytree(folders[kind], tmp_path / kind)
    if kind != "bert":
        roles(folder, **END)
    encoder = loaded(folder, "text", part)
    tokens = encoder.tokenize([packed_text("a dog and the cat")])
    assert encoder.residues(tokens).sum() == tokens.shape[1] - around
    if kind != "bert":
        with pytest.raises(InputError, match="is a mark of the tokenizer's and no text"):
            encoder.tokenize([packed_text("a <|endoftext|> dog")])


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["漢字", "a dog", "😀"], "2 of 3 texts hold nothing that the tokenizer knows"),
        (["русский", "кот"], "2 of 2 texts hold nothing that the tokenizer knows"),
        (["\u200b", "the"], "1 of 2 texts hold nothing that the tokenizer knows"),
        (["a dog 漢字", "the cat"], ""),
    ],
)
def test_texts_of_nothing_known_are_counted(texts, said, folders, caplog):
    encoder = loaded(folders["bert"], "text")
    encoder.tokenize.lengths([packed_text(text) for text in texts])
    assert [said in each.getMessage() for each in caplog.records] == ([True] if said else [])


SIZES = {"square": (32, 32), "wide": (50, 40), "thin": (400, 2)}


@pytest.mark.parametrize(
    ("settings", "sizes", "message"),
    [
        ({"do_resize": False}, ["wide"], "(40, 50) rows and columns of pixels"),
        ({"do_resize": False}, ["square", "wide"], "several sizes rows and columns of pixels"),
        ({"do_resize": False}, ["square"], ""),
        ({"size": {"shortest_edge": 32}}, ["wide"], "(32, 40) rows and columns of pixels"),
        ({"size": {"shortest_edge": 32}}, ["square"], ""),
        ({}, ["square", "wide", "thin"], ""),
        ({"rescale_factor": 0}, ["square"], "makes all pixels alike"),
        ({"image_std": [0, 0, 0]}, ["square"], "are not finite"),
    ],
)
def test_images_that_the_preprocessor_does_not_bring_to_one_size_are_refused(
    settings, sizes, message, folders, tmp_path
):
    folder = shutil.copytree(folders["vit"], tmp_path / "vit")
    file = folder / "preprocessor_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | settings))
    pictures = [picture(i, SIZES[size]) for i, size in enumerate(sizes)]

    def run():
        encoder = loaded(folder, "image")
        tokens = encoder.tokenize([packed_image(*p.size, p.tobytes()) for p in pictures])
        encoder.embed([tokens], lambda layer, states: None)

    if not message:
        run()
        return
    with pytest.raises(InputError) as caught:
        run()
    assert message in str(caught.value)
