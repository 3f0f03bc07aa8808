"""Networks of transformers that read images and texts: every layer is the library's."""

import math
from copy import deepcopy

import numpy as np
import pytest
import torch
from PIL import Image

from helpers.hub_folders import edit_json, hub
from helpers.images import TOWERS, folder_of, picture, sentences
from helpers.networks import ablation
from plmbench.core.errors import InputError
from plmbench.core.examples import packed_image, packed_text
from plmbench.core.families import KEEP, NO_BLOCK
from plmbench.core.poolings import POOLS
from plmbench.hardware.matmul import matmul_for
from plmbench.models.ablations import ablate, ties
from plmbench.models.families import example_for, lengths_of
from plmbench.models.transformers import Transformer

SEEDS, ERRORS = 16, 3.5  # networks; standard errors, as in test_transformers_ablations
PICTURES = [picture(i, size) for i, size in enumerate([(8, 8), (20, 12), (64, 48), (32, 32)])]
EXAMPLES = {
    "image": [packed_image(*image.size, image.tobytes()) for image in PICTURES],
    "text": [packed_text(text) for text in sentences(4, seed=3)],
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("inputs")
    return {kind: folder_of(kind, root / kind) for kind in dict.fromkeys(k for k, *_ in TOWERS)}


@pytest.fixture(scope="module", params=TOWERS, ids=lambda row: "-".join(filter(None, row)))
def load(request, folders):
    kind, modality, part = request.param
    as_read = Transformer.load(kind, folders[kind], part=part, modality=modality)[0]
    return lambda: deepcopy(as_read)


def examples_of(encoder):
    """Return examples of what an encoder reads."""
    return EXAMPLES["image" if encoder.reads == "pixel_values" else "text"]


def layers_of(encoder, tokens):
    """Return float32 [layer, example, token, hidden_size]."""
    kept = []
    encoder.embed([tokens], lambda layer, states: kept.append(states[0]))
    return torch.stack(kept)


def close(found, expected, tolerance=1e-5):
    """Tell whether states [layer, ...] are equal to rounding, in each layer."""
    pairs = zip(found, expected, strict=True)
    return all((f - e).abs().max() <= tolerance * e.abs().mean() for f, e in pairs)


def test_every_layer_is_the_librarys(load):
    encoder = load()
    tokens = encoder.tokenize(examples_of(encoder))
    expected = torch.stack([*encoder.library_states(tokens).values()])
    found = layers_of(encoder, tokens)
    assert len(found) == encoder.num_layers + 1 == 4
    assert torch.equal(found, expected)


@pytest.mark.parametrize("pooling", ["mean", "max", "last"])
def test_an_example_alone_is_as_in_a_batch(load, pooling):
    encoder, pool = load(), POOLS[pooling]
    examples = examples_of(encoder)
    tokens = encoder.tokenize(examples)
    counts, layers = encoder.residues(tokens), layers_of(encoder, tokens)
    assert counts.sum(1).tolist() == lengths_of(encoder, examples)
    together = torch.stack([pool(states, counts, ()) for states in layers])
    for i, example in enumerate(examples):
        one = encoder.tokenize([example])
        alone = [pool(states, encoder.residues(one), ()) for states in layers_of(encoder, one)]
        assert close(together[:, i : i + 1], torch.stack(alone))


def test_swapped_products_change_no_layer(load):
    encoder = load()
    tokens = encoder.tokenize(examples_of(encoder))
    before = layers_of(encoder, tokens)
    encoder.pack(matmul_for(torch.device("cpu")))
    assert close(layers_of(encoder, tokens), before)


def test_patches_count_and_what_stands_before_them_does_not(folders):
    before = {"vit": 1, "deit": 2, "dinov2": 1, "dinov2_registers": 5}
    for kind, number in before.items():
        encoder = Transformer.load(kind, folders[kind], modality="image")[0]
        row = encoder.residues(encoder.tokenize(EXAMPLES["image"][:1]))[0]
        assert row.tolist() == [0] * number + [1] * 16


def test_pixels_are_those_of_the_librarys_processor(folders):
    for kind in ("vit", "dinov2", "clip"):
        part = "vision_model" if kind == "clip" else None
        encoder = Transformer.load(kind, folders[kind], part=part, modality="image")[0]
        processor = hub.AutoImageProcessor.from_pretrained(folders[kind], backend="pil")
        expected = processor(images=PICTURES, return_tensors="pt")["pixel_values"]
        assert torch.equal(encoder.tokenize(EXAMPLES["image"]), expected)


def test_resizing_and_normalising_is_what_the_file_says(folders):
    encoder = Transformer.load("vit", folders["vit"], modality="image")[0]
    image = picture(5, (20, 12))
    small = image.resize((32, 32), Image.Resampling.BILINEAR)
    expected = np.asarray(small, np.float32) / 255
    expected = (expected - np.array([0.4, 0.5, 0.6])) / np.array([0.2, 0.25, 0.3])
    found = encoder.tokenize([packed_image(*image.size, image.tobytes())])[0]
    assert np.allclose(found.permute(1, 2, 0).numpy(), expected, atol=1e-5)


def ledger_of(encoder, arm, seed=0):
    """Ablate an encoder; return the ledger."""
    return ablate(encoder.module, ablation(arm, "transformers"), seed, encoder.decide)


@pytest.mark.parametrize("arm", ["reinit", "resample"])
def test_roles_are_complete_ties_stay_and_embeddings_of_tokens_too(load, arm):
    encoder = load()
    tied = ties(encoder.module)
    before = {name: p.detach().clone() for name, p in encoder.module.named_parameters()}
    ledger = ledger_of(encoder, arm)
    after = dict(encoder.module.named_parameters())
    assert [row["parameter"] for row in ledger] == list(before)
    assert ties(encoder.module) == tied
    kept = {row["parameter"] for row in ledger if row["role"] == "token_embedding"}
    assert kept
    assert all(torch.equal(before[name], after[name]) for name in kept)
    blocks = {row["block"] for row in ledger} - {NO_BLOCK}
    assert blocks == {0, 1, 2}
    for block in blocks:
        roles = {row["role"] for row in ledger if row["block"] == block}
        assert {"mlp", "norm", "attention.out"} <= roles


def spread(networks):
    """Return {name: (numbers, mean, root mean square)} over networks."""
    values = {}
    for network in networks:
        for name, parameter in network.named_parameters():
            numbers = parameter.detach().double().flatten().clone()
            values.setdefault(name, []).append(numbers)
    joined = {name: torch.cat(parts) for name, parts in values.items()}
    return {
        n: (len(v), float(v.mean()), float(v.square().mean().sqrt())) for n, v in joined.items()
    }


def fresh(encoder):
    """Yield networks as the library's own constructor draws them."""
    whole = encoder.network.whole
    for seed in range(SEEDS):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            yield type(whole)(whole.config)


def redrawn(encoder):
    """Yield the module after a reinit under each seed."""
    for seed in range(SEEDS):
        ledger_of(encoder, "reinit", seed)
        yield encoder.module


def test_what_is_redrawn_is_distributed_as_in_the_librarys_fresh_networks(load):
    encoder = load()
    kept = {row["parameter"] for row in ledger_of(encoder, "reinit") if row["action"] == KEEP}
    ours, theirs = spread(redrawn(encoder)), spread(fresh(encoder))
    for name in set(ours) - kept:
        (number, mean, size), (_, other_mean, other) = ours[name], theirs[name]
        deviation = math.sqrt(max(other**2 - other_mean**2, 0))
        if deviation < 1e-6:  # a constant
            assert (mean, size) == pytest.approx((other_mean, other), abs=1e-6), name
            continue
        assert abs(mean - other_mean) < ERRORS * deviation * math.sqrt(2 / number), name
        assert abs(size - other) < ERRORS * deviation / math.sqrt(number), name


def test_a_causal_network_is_seen_as_one_and_others_are_not(load):
    encoder = load()
    causal = type(encoder.network.whole).__name__ in ("GPT2Model", "CLIPTextModel")
    assert encoder.causal == causal
    assert ("causal" in encoder.facts["network"]) == causal


def test_marks_and_padding_of_texts_count_for_nothing(folders):
    encoder = Transformer.load("bert", folders["bert"], modality="text")[0]
    tokens = encoder.tokenize(["the cat", "a dog ran on"])
    assert encoder.residues(tokens).tolist() == [[0, 1, 1, 0, 0, 0], [0, 1, 1, 1, 1, 0]]
    assert encoder.tokenize.longest == 38  # of 40 positions


@pytest.mark.parametrize("length", [1, 3, 5])
def test_a_text_is_cut_to_its_first_tokens(folders, length):
    for kind in ("bert", "gpt2"):
        encoder = Transformer.load(kind, folders[kind], modality="text")[0]
        text = packed_text("the cat sat on\tthe mat %41 and then")
        short = encoder.tokenize.cut(text, length)
        assert encoder.tokenize.lengths([short]) == [length]
        assert text.startswith(short)


WRONG = [
    ("vit", "image", "vision_model", "has no part 'vision_model'; leave `part` out"),
    ("clip", "image", None, "joins several networks; say which in its entry, as part: text_model"),
    ("clip", "text", "vision_model", "CLIPVisionModel reads pixel_values"),
    ("clip", "image", "text_model", "CLIPTextModel reads input_ids"),
    ("bert", "image", None, "has no preprocessor_config.json"),
    ("vit", "text", None, "cannot read its tokenizer|tokenizer is missing"),
    ("vit", "image", "encoder", "ViTModel has no part 'encoder'; it is one part"),
]


@pytest.mark.parametrize(("kind", "modality", "part", "message"), WRONG)
def test_a_folder_of_something_else_is_refused(folders, kind, modality, part, message):
    with pytest.raises(InputError, match=message):
        Transformer.load(kind, folders[kind], part=part, modality=modality)


def test_a_preprocessor_of_another_network_is_refused(tmp_path):
    folder = folder_of("vit", tmp_path / "vit")
    edit_json(
        folder / "preprocessor_config.json",
        lambda content: content.update(size={"height": 48, "width": 48}),
    )
    with pytest.raises(InputError, match="does not take images as preprocessor_config"):
        Transformer.load("vit", folder, modality="image")


@pytest.mark.parametrize("text", ["the [SEP] cat", "a [CLS]"])
def test_a_mark_of_the_tokenizers_within_a_text_is_refused(folders, text):
    encoder = Transformer.load("bert", folders["bert"], modality="text")[0]
    with pytest.raises(InputError, match=r"holds \[(SEP|CLS)\], which is a mark"):
        encoder.tokenize([text])


def test_an_encoder_is_tried_on_an_example_of_its_own(load):
    encoder = load()
    assert encoder.residues(encoder.tokenize([example_for(encoder, "A")])).sum() > 0
