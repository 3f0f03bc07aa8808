"""Networks of transformers: every layer is the library's, whatever stands beside a sequence."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from esm import Alphabet

from helpers import hub_folders, networks
from helpers.hub_esm2 import SETTINGS, SIZES, masked_language_model
from helpers.hub_folders import PARTS, STANDARD, folder_of, hub, network_of
from plmbench.core.errors import InputError
from plmbench.core.poolings import POOLS
from plmbench.hardware.matmul import Product, matmul_for
from plmbench.models.hub_folders import read_weights
from plmbench.models.hub_networks import blocks_of, load_network
from plmbench.models.residue_texts import Letters
from plmbench.models.swapped import WIDENED, SwappedProduct
from plmbench.models.transformers import Transformer

ESM2 = {  # what transformers writes beside its sizes
    "vocab_size": 33,
    "pad_token_id": 1,
    "mask_token_id": 32,
    "intermediate_size": 4 * SIZES["hidden_size"],
    "layer_norm_eps": 1e-5,
}
DRAW = np.random.default_rng(0)
PROTEINS = ["".join(DRAW.choice(STANDARD, length)) for length in (5, 17, 17, 30, 44)]
REAL = Path(__file__).parents[3] / "shared/weights/rxnmapper_albert"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("hub")
    return {kind: folder_of(kind, root / kind) for kind in dict.fromkeys(kind for kind, _ in PARTS)}


@pytest.fixture(scope="module", params=PARTS, ids=lambda pair: "-".join(filter(None, pair)))
def encoder(request, folders):
    kind, part = request.param
    return Transformer.load(kind, folders[kind], part=part)[0]


def layers_of(encoder, tokens):
    """Return float32 [layer, sequence, token, hidden_size]."""
    kept = []
    encoder.embed([tokens], lambda layer, states: kept.append((layer, states[0])))
    assert [layer for layer, _ in kept] == list(range(encoder.num_layers + 1))
    return torch.stack([states for _, states in kept])


def residues_of(encoder, tokens):
    """Return [layer, residue, hidden_size] of one sequence."""
    counts = encoder.residues(tokens)
    return torch.stack([POOLS["residues"](s, counts, ()) for s in layers_of(encoder, tokens)])


def close(found, expected, tolerance=1e-5):
    """Tell whether states [layer, ...] are equal to rounding, in each layer."""
    pairs = zip(found, expected, strict=True)
    return all((f - e).abs().max() <= tolerance * e.abs().mean() for f, e in pairs)


@pytest.mark.parametrize("text", PROTEINS)
def test_every_layer_is_the_librarys(encoder, text):
    tokens = encoder.tokenize([text])
    expected = encoder.library_states(tokens)
    assert torch.equal(layers_of(encoder, tokens), torch.stack([*expected.values()]))


def test_a_sequence_alone_is_as_in_a_batch_of_its_length_and_as_in_a_padded_one(encoder):
    tokens = encoder.tokenize(PROTEINS)
    padded, counts = layers_of(encoder, tokens), encoder.residues(tokens)
    for i, text in enumerate(PROTEINS):
        alone = residues_of(encoder, encoder.tokenize([text]))
        assert alone.shape[1] == len(text)
        together = residues_of(encoder, encoder.tokenize([text] * 3))[:, : len(text)]
        assert close(together, alone)
        rows = torch.stack([POOLS["residues"](s[i : i + 1], counts[i : i + 1], ()) for s in padded])
        assert close(rows, alone)


def test_the_mean_of_a_padded_batch_is_that_over_residues(encoder):
    tokens = encoder.tokenize(PROTEINS)
    last, counts = layers_of(encoder, tokens)[-1], encoder.residues(tokens)
    assert counts.sum(1).tolist() == [len(text) for text in PROTEINS]
    for row, text in zip(POOLS["mean"](last, counts, ()), PROTEINS, strict=True):
        alone = residues_of(encoder, encoder.tokenize([text]))[-1]
        assert close(row[None], alone.mean(0)[None])


def test_swapped_products_change_no_layer(folders):
    for kind, part in PARTS:
        encoder = Transformer.load(kind, folders[kind], part=part)[0]
        tokens = encoder.tokenize(PROTEINS[1:3])
        before = layers_of(encoder, tokens)
        encoder.pack(matmul_for(torch.device("cpu")))
        assert close(layers_of(encoder, tokens), before)
        left = [m for m in encoder.module.modules() if isinstance(m, torch.nn.Linear)]
        swapped = [m for m in encoder.module.modules() if isinstance(m, SwappedProduct)]
        assert swapped
        assert not left


@pytest.mark.parametrize("kind", ["bert", "roberta", "bart"])
def test_a_gelu_after_a_product_is_fused_where_the_class_is_known(kind, folders):
    encoder = Transformer.load(kind, folders[kind])[0]
    encoder.pack(matmul_for(torch.device("cpu")))
    known = [m for m in encoder.module.modules() if type(m).__name__ in WIDENED]
    assert len(known) == encoder.num_layers
    for part in known:
        name, activation = WIDENED[type(part).__name__]
        assert getattr(part, name).product.activation == "gelu"
        assert isinstance(getattr(part, activation), torch.nn.Identity)


FACTS = {
    "bert": ("BertModel", "bidirectional", "after the sum", "no final norm"),
    "albert": ("AlbertModel", "bidirectional", "after the sum", "no final norm"),
    "esm2": ("EsmModel", "bidirectional", "before the sum", "a final norm"),
    "t5": ("T5EncoderModel", "its encoder", "before the sum", "a final norm"),
    "bart": ("BartModel", "its encoder", "after the sum", "no final norm"),
    "gpt2": ("GPT2Model", "causal", "before the sum", "a final norm"),
    "modernbert": ("ModernBertModel", "bidirectional", "before the sum", "a final norm"),
}


@pytest.mark.parametrize("kind", FACTS)
def test_what_a_network_is_is_measured(kind, folders):
    network = Transformer.load(kind, folders[kind])[0].facts["network"]
    assert all(words in network for words in (*FACTS[kind], hub.__version__, "float32"))


def test_albert_has_a_layer_for_each_time_its_one_block_is_applied(folders):
    encoder = Transformer.load("albert", folders["albert"])[0]
    assert encoder.num_layers == 3
    assert len(encoder.blocks) == 1


def test_masked_residues_are_the_mask_of_the_network_or_an_unknown_residue(folders):
    for kind, mask in (("bert", "[MASK]"), ("esm2", "<mask>"), ("t5", "\u2581X")):
        encoder = Transformer.load(kind, folders[kind])[0]
        tokenizer = hub.AutoTokenizer.from_pretrained(folders[kind])
        tokens = encoder.tokenize(["A#C"])
        assert tokenizer.convert_tokens_to_ids(mask) in tokens[0].tolist()
        assert encoder.residues(tokens).sum() == 3


def test_rare_residues_are_written_as_the_network_was_trained(folders):
    for kind, alike in (("bert", True), ("t5", True), ("esm2", False)):
        encoder = Transformer.load(kind, folders[kind])[0]
        assert torch.equal(encoder.tokenize(["AU"]), encoder.tokenize(["AX"])) == alike


LACKING = [  # of each kind: letters it has a token for, and what X, B and a masked residue are
    ("bert", STANDARD, "[MASK] [MASK] [MASK]"),
    ("bert", [*STANDARD, "B"], "[MASK] [MASK] [MASK]"),
    ("roberta", STANDARD, "<mask> None <mask>"),
    ("roberta", [*STANDARD, *"BOUZ"], "<mask> B <mask>"),
    ("bert", [*STANDARD, "X"], "X X [MASK]"),
    ("t5", [*STANDARD, "X"], "\u2581X \u2581X \u2581X"),
    ("t5", STANDARD, "None None None"),
]


@pytest.mark.parametrize(("kind", "letters", "expected"), LACKING)
def test_a_residue_that_a_network_has_no_token_for(kind, letters, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(hub_folders, "LETTERS", letters)
    encoder = Transformer.load(kind, folder_of(kind, tmp_path))[0]
    tokenizer = hub.AutoTokenizer.from_pretrained(tmp_path)
    assert ("X is its mask" in encoder.facts["network"]) == ("X" not in letters and kind != "t5")
    for letter, word in zip("XB#", expected.split(), strict=True):
        if word == "None":
            remedy = "to drop" if letter == "#" else "take the sequences"
            with pytest.raises(InputError, match=f"no token for the letter '{letter}'; .*{remedy}"):
                encoder.tokenize([f"A{letter}C"])
            continue
        found = encoder.tokenize([f"A{letter}C"])
        assert tokenizer.convert_tokens_to_ids(word) in found[0].tolist()
        assert encoder.residues(found).sum() == 3


WRITINGS = [
    ("gpt2", {"prefix": "<|endoftext|>", "line_length": 10}),
    ("gpt2", {"prefix": ""}),
    ("bert", {"rare": ""}),
    ("esm2", {}),
]


@pytest.mark.parametrize(("kind", "writing"), WRITINGS)
def test_an_entry_says_how_residues_are_written(kind, writing, folders):
    encoder = Transformer.load(kind, folders[kind], writing=writing)[0]
    usual = Transformer.load(kind, folders[kind])[0]
    tokens = encoder.tokenize(["ACDEFGHIKLUMNP"])
    assert encoder.residues(tokens).sum() == 14
    assert torch.equal(tokens, usual.tokenize(["ACDEFGHIKLUMNP"])) == (not writing)


def test_a_sequence_above_the_positions_of_a_network_is_refused(folders):
    for kind in ("bert", "esm1b", "bart", "gpt2"):
        encoder = Transformer.load(kind, folders[kind])[0]
        with pytest.raises(InputError, match="positions; set max_length"):
            encoder.embed([encoder.tokenize(["ACDW" * 80])], print)
    Transformer.load("t5", folders["t5"])[0].library_states(torch.ones(1, 200, dtype=torch.int64))


def test_files_in_half_precision_are_computed_in_float32(folders, tmp_path):
    shutil.copytree(folders["bert"], tmp_path / "half")
    network = hub.BertForMaskedLM.from_pretrained(folders["bert"], dtype=torch.bfloat16)
    network.save_pretrained(tmp_path / "half")
    encoder = Transformer.load("half", tmp_path / "half")[0]
    assert "stored as bfloat16" in encoder.facts["network"]
    assert {p.dtype for p in encoder.module.parameters()} == {torch.float32}


def test_shards_are_read_by_their_index(folders, tmp_path):
    shutil.copytree(folders["bert"], tmp_path / "parts")
    (tmp_path / "parts/model.safetensors").unlink()
    network = hub.BertForMaskedLM.from_pretrained(folders["bert"])
    network.save_pretrained(tmp_path / "parts", max_shard_size="40KB")
    assert len(list((tmp_path / "parts").glob("*.safetensors"))) > 1
    whole, parts = (Transformer.load("bert", f)[0] for f in (folders["bert"], tmp_path / "parts"))
    tokens = whole.tokenize(PROTEINS[:1])
    assert torch.equal(layers_of(whole, tokens), layers_of(parts, tokens))


@pytest.mark.skipif(not REAL.exists(), reason="there are no shared weights")
def test_a_real_albert_of_another_language():
    with pytest.raises(InputError, match="no tokens of their own for"):
        Transformer.load("rxnmapper", REAL)
    network = load_network(REAL, "rxnmapper", read_weights(REAL), None)
    letters = Letters({letter: 20 + i for i, letter in enumerate(STANDARD)}, [12], [13])
    encoder = Transformer(network, blocks_of(REAL, network.tower), letters, "float32")
    assert (encoder.num_layers, encoder.hidden_size, len(encoder.blocks)) == (12, 256, 1)
    assert network.zeroed == []
    tokens = encoder.tokenize(PROTEINS[2:3])
    expected = torch.stack([*encoder.library_states(tokens).values()])
    assert torch.equal(layers_of(encoder, tokens), expected)


PAIRS = [f"{letter}{structure}" for letter in STANDARD for structure in "#ap"]


def test_saprots_residues_are_tokens_with_a_letter_for_structure(tmp_path):
    words = ["<cls>", "<pad>", "<eos>", "<unk>", "<mask>", *PAIRS]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    hub.EsmTokenizer(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    network_of("esm2", len(words)).save_pretrained(tmp_path)
    encoder = Transformer.load("saprot", tmp_path, writing={"suffix": "#"})[0]
    found = [words[token] for token in encoder.tokenize(["MKA#"])[0]]
    assert found == ["<cls>", "M#", "K#", "A#", "<mask>", "<eos>"]
    assert encoder.residues(encoder.tokenize(["MKA#"])).tolist() == [[0, 1, 1, 1, 1, 0]]


def test_prostt5s_prefix_stands_before_the_residues(folders, tmp_path):
    folder = shutil.copytree(folders["t5"], tmp_path / "prost")
    tokenizer = hub.AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["<AA2fold>"], special_tokens=True)
    tokenizer.save_pretrained(folder)
    network_of("t5", len(tokenizer)).save_pretrained(folder)
    encoder = Transformer.load("prost", folder, writing={"prefix": "<AA2fold> "})[0]
    tokens = encoder.tokenize(["MK"])
    assert tokenizer.convert_ids_to_tokens(tokens[0])[0] == "<AA2fold>"
    assert encoder.residues(tokens).tolist() == [[0, 1, 1, 0]]
    unknown = "does not know '<none> ', which is written before"
    with pytest.raises(InputError, match=unknown):
        Transformer.load("t5", folders["t5"], writing={"prefix": "<none> "})


def test_esm2_is_the_same_network_through_either_library(tmp_path):
    folder, file = tmp_path / "hub", tmp_path / "fair.pt"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(SETTINGS | ESM2))
    (folder / "vocab.txt").write_text("\n".join(Alphabet.from_architecture("ESM-1b").all_toks))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "EsmTokenizer"}')
    state = masked_language_model()
    torch.save(state, folder / "pytorch_model.bin")
    networks.save_tiny("esm2", file)
    hubs, fairs = Transformer.load("hub", folder)[0], networks.load_encoder("fair", "esm2", file)[0]
    assert hubs.num_layers == SIZES["num_layers"]
    for text in (*PROTEINS, "AC#DEF#"):
        one, other = (layers_of(each, each.tokenize([text])) for each in (hubs, fairs))
        assert close(one, other)


def test_pack_takes_any_kind_of_product(folders):
    encoder = Transformer.load("gpt2", folders["gpt2"])[0]
    encoder.pack(Product)
    assert encoder.module(torch.ones(1, 4, dtype=torch.int64)).last_hidden_state.isfinite().all()
