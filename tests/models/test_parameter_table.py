"""Parameters are counted by role and block: totals by closed formulas, shares as ablations act."""

import re
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from helpers.networks import load_encoder, save_tiny
from plmbench.core.canonical import selected
from plmbench.core.errors import InputError
from plmbench.core.families import Ablation
from plmbench.models.ablations import ablate
from plmbench.models.blueprints import SETTINGS, stated_config
from plmbench.models.hub_networks import library
from plmbench.models.parameter_table import COLUMNS, NOTHING, TOTAL, UNKNOWN, counted
from plmbench.study.families import encoder, families, table
from plmbench.study.registries import methods
from plmbench.study.sizes import KEYS

ROOT = Path(__file__).parents[2]
MODELS = yaml.safe_load((ROOT / "config/models.yaml").read_text())
STATED = [n for n, e in MODELS.items() if "config" in e and "parameters" in e.get("about", {})]
EMBEDDING = {n: e for n, e in MODELS.items() if e["family"] not in methods()}
WITHOUT_WEIGHTS = [n for n, e in EMBEDDING.items() if not table(e["family"])]
SPEC = ROOT.parent / "shared/spec/transformers/parameters.tsv"


def entry_of(name, **changes):
    """Return what the job is handed of a catalogue's entry."""
    entry = MODELS[name] | changes
    rows = [row.settings() for row in table(entry["family"])]
    actions = {"reinit": "reinit", "resample": "shuffle"}
    ablations = {n: {"action": a, "parameters": rows} for n, a in actions.items() if rows}
    stated = entry.get("about", {}).get("parameters")
    return entry | {
        "encoder": encoder(entry["family"]),
        "ablations": ablations,
        "stated": stated,
    }


def rows_of(name, path=None, **changes):
    """Return the table of one model."""
    found = counted(name, entry_of(name, **changes), path)
    return pd.DataFrame(found.rows, columns=COLUMNS), found.shape


@pytest.mark.parametrize("name", STATED)
def test_every_published_network_is_counted_without_its_weights(name, caplog):
    rows, shape = rows_of(name)
    parts, total = rows[rows["role"] != TOTAL], rows.iloc[-1]
    assert parts["parameters"].sum() == total["parameters"]
    assert total["bytes_float32"] == 4 * total["parameters"]
    assert shape == (MODELS[name]["num_layers"] + 1, MODELS[name]["hidden_size"])
    assert not caplog.records  # no other number than the entry states


def block(D, F):
    """Return the parameters of a block of BERT and its kin, as params_formulas.md has them."""
    return 4 * D**2 + 4 * D + 2 * D * F + F + D + 4 * D


def bert(V, D, F, L, P, T=2, pooler=True):
    """Return those of BertModel."""
    return (V + P + T) * D + 2 * D + L * block(D, F) + pooler * (D**2 + D)


def t5(V, D, K, H, F, L, B=32, g=2):
    """Return those of T5's encoder."""
    return V * D + B * H + L * (4 * D * H * K + g * D * F + 2 * D) + D


FORMULAS = {
    "bert_base_chinese": bert(21128, 768, 3072, 12, 512),
    "bert_base_uncased": bert(30522, 768, 3072, 12, 512),
    "prot_bert": bert(30, 1024, 4096, 30, 40000),
    "albert_base_v2": (30000 + 514) * 128 + 256 + 128 * 768 + 768 + block(768, 3072) + 768**2 + 768,
    "t5_small": t5(32128, 512, 64, 8, 2048, 6),
    "ankh_base": t5(144, 768, 64, 12, 3072, 48, 64, 3),
    "gpt2_text": (50257 + 1024) * 768 + 12 * block(768, 3072) + 2 * 768,
    "bart_base": 50265 * 768 + (1026 * 768 + 2 * 768) + 6 * block(768, 3072),  # its encoder
    "esmc_300M": 64 * 960 + 30 * (4 * 960**2 + 3 * 960 * 2560 + 6 * 960) + 960,
}


@pytest.mark.parametrize("name", FORMULAS)
def test_totals_are_those_of_closed_formulas(name):
    rows, _ = rows_of(name)
    assert rows.iloc[-1]["parameters"] == FORMULAS[name]


def test_bert_with_its_language_model_head_has_the_parameters_of_the_seed():
    config = stated_config("bert", MODELS["bert_base_chinese"]["config"])
    with torch.device("meta"):
        network = library().BertForMaskedLM(config)
    counts = {name: p.numel() for name, p in network.named_parameters()}
    D, V = 768, 21128
    embeddings = sum(n for name, n in counts.items() if ".embeddings." in name)
    blocks = sum(n for name, n in counts.items() if ".encoder." in name)
    assert (embeddings, blocks) == (16_622_592, 85_054_464)
    assert sum(counts.values()) == embeddings + blocks + V + D**2 + 3 * D == 102_290_312


def test_a_block_of_albert_is_applied_as_often_as_it_has_layers():
    rows, shape = rows_of("albert_base_v2")
    inside = rows[rows["block"].notna()]
    assert set(inside["block"]) == {1}
    assert set(inside["times_applied"]) == {12}
    assert shape == (13, 768)
    config = MODELS["albert_base_v2"]["config"] | {"num_hidden_groups": 3}
    rows, shape = rows_of("albert_base_v2", config=config)
    inside = rows[rows["block"].notna()]
    assert (set(inside["block"]), set(inside["times_applied"])) == ({1, 2, 3}, {4})
    assert shape == (13, 768)


@pytest.mark.parametrize("family", ["esm1", "esm1b", "esm2", "carp"])
@pytest.mark.parametrize("name", ["reinit", "resample"])
def test_the_shares_are_what_an_ablation_rewrites(family, name, tmp_path):
    path = save_tiny(family, tmp_path / f"{family}_tiny.pt")
    model = next(n for n, e in MODELS.items() if e["family"] == family)
    entry = entry_of(model)
    found = counted(model, entry | {"stated": None}, str(path)).rows
    network, _ = load_encoder("tiny", family, path)
    ledger = ablate(network.module, Ablation.read(entry["ablations"][name]), 0)
    sizes = {n: p.numel() for n, p in network.module.named_parameters()}
    moved = sum(sizes[row["parameter"]] for row in ledger if row["action"] != "keep")
    assert found[-1][f"share_{name}"] == pytest.approx(moved / sum(sizes.values()), abs=1e-12)
    assert found[-1]["source"] == "checkpoint"


def test_what_cannot_be_counted_says_so_and_what_has_no_parameters_has_none():
    rows, shape = rows_of("ankh_large", config=None)
    assert (rows["source"].tolist(), shape) == ([UNKNOWN], (49, 1536))
    rows, shape = rows_of("onehot")
    assert (rows["source"].tolist(), rows["parameters"].tolist()) == ([NOTHING], [0])
    assert shape == (1, 20)


@pytest.mark.parametrize("name", WITHOUT_WEIGHTS)
def test_every_representation_without_weights_is_counted(name):
    entry = selected(entry_of(name), (*KEYS, "encoder", "stated", "ablations"))
    found = counted(name, entry, None)
    assert [row["parameters"] for row in found.rows] == [0]
    encoder, _ = load_encoder(name, entry["family"], **selected(entry, SETTINGS))
    assert found.shape == (encoder.num_layers + 1, encoder.hidden_size)
    if "side" in entry:
        (tokens,) = encoder.tokenize.lengths([encoder.tokenize.example])
        assert found.tokens == tokens


@pytest.mark.parametrize(
    ("name", "config", "words"),
    [
        ("bert_base_uncased", {"model_type": "bert", "hiden_size": 3}, "no setting 'hiden_size'"),
        ("bert_base_uncased", {"model_type": "bort"}, "model_type 'bort' is no class"),
        ("bert_base_uncased", {"vocab_size": 30}, "model_type None is no class"),
        ("esm2_t6_8M_UR50D", {"heads": 3}, "no setting 'heads'"),
        ("carp_38M", {"d_embed": 8, "r": 128}, "needs kernel_size"),
    ],
)
def test_a_wrong_config_is_an_error_that_names_the_setting(name, config, words):
    with pytest.raises(InputError, match=words) as error:
        rows_of(name, config=config)
    assert f"model {name}" in str(error.value)


def test_an_entry_that_states_another_number_is_warned_of(caplog):
    rows_of("carp_600k", about={"parameters": 607_631})
    assert "about.parameters is 607,631, and its network has 607,630" in caplog.text


def test_every_family_with_weights_is_in_the_catalogue_with_sizes():
    counted_families = {MODELS[name]["family"] for name in STATED}
    assert counted_families == {name for name, family in families().items() if family.has_weights}


BERT = {"hidden_size": 192, "intermediate_size": 416, "num_hidden_layers": 3}
BERT |= {"num_attention_heads": 4, "vocab_size": 331, "max_position_embeddings": 141}
T5 = {"vocab_size": 331, "d_model": 192, "d_kv": 40, "num_heads": 4, "d_ff": 416, "num_layers": 3}
ESM = BERT | {"position_embedding_type": "rotary", "emb_layer_norm_before": False}
VISION = {"hidden_size": 224, "intermediate_size": 480, "num_hidden_layers": 2}
VISION |= {"num_attention_heads": 4, "image_size": 40, "patch_size": 5}
MEASURED = {  # the networks of which parameters.tsv has every parameter
    "BertModel": ("BertModel", "bert", BERT),
    "RobertaModel": ("RobertaModel", "roberta", BERT | {"type_vocab_size": 2}),
    "AlbertModel": ("AlbertModel", "albert", BERT | {"embedding_size": 72}),
    "EsmModel/rotary": ("EsmModel", "esm", ESM),
    "EsmModel/absolute": (
        "EsmModel",
        "esm",
        ESM | {"position_embedding_type": "absolute", "emb_layer_norm_before": True},
    ),
    "T5EncoderModel": ("T5EncoderModel", "t5", T5),
    "T5Model": ("T5Model", "t5", T5 | {"num_decoder_layers": 2}),
    "T5Model/gated": (
        "T5Model",
        "t5",
        T5 | {"num_decoder_layers": 2, "feed_forward_proj": "gated-gelu"},
    ),
    "BartModel": (
        "BartModel",
        "bart",
        {"vocab_size": 331, "d_model": 192, "encoder_layers": 3, "decoder_layers": 2}
        | {"encoder_attention_heads": 4, "decoder_attention_heads": 4}
        | {"encoder_ffn_dim": 416, "decoder_ffn_dim": 480, "max_position_embeddings": 141},
    ),
    "GPT2Model": (
        "GPT2Model",
        "gpt2",
        {"vocab_size": 331, "n_embd": 192, "n_layer": 3, "n_head": 4, "n_positions": 141}
        | {"n_inner": 416},
    ),
    "ModernBertModel": ("ModernBertModel", "modernbert", BERT | {"pad_token_id": 0}),
    "ViTModel": ("ViTModel", "vit", VISION),
    "CLIPModel": (
        "CLIPModel",
        "clip",
        {"projection_dim": 88, "text_config": BERT, "vision_config": VISION},
    ),
    "EsmcModel": ("EsmcModel", "esmc", BERT),
}


@pytest.mark.skipif(not SPEC.exists(), reason="needs ../shared")
@pytest.mark.parametrize("name", MEASURED)
def test_every_parameter_is_one_of_the_measured_rows(name):
    kind, model_type, settings = MEASURED[name]
    with torch.device("meta"):
        network = getattr(library(), kind)(
            stated_config(name, settings | {"model_type": model_type})
        )
    groups = {}
    for parameter, value in network.named_parameters(remove_duplicate=False):
        pattern = re.sub(r"\.\d+(?=\.)", ".n", parameter)
        shape = "x".join(map(str, value.shape)) or "scalar"
        groups.setdefault((pattern, shape), []).append(parameter)
    rows = pd.read_csv(SPEC, sep="\t", dtype=str, keep_default_na=False)
    rows = rows[rows["model"] == name]
    shapes = rows["shape_in_the_measured_network"].where(rows["shape"] != "scalar", "scalar")
    patterns = [re.sub(r"\.\d+(?=\.)", ".n", text) for text in rows["name_pattern"]]
    expected = {}
    for key, tensors in zip(zip(patterns, shapes, strict=True), rows["tensors"], strict=True):
        expected[key] = expected.get(key, 0) + int(tensors)
    assert {key: len(names) for key, names in groups.items()} == expected
