"""From sequences and a checkpoint to an embedding file, on tiny real networks."""

import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
import yaml

import networks
from plmbench.checkpoints import load_checkpoint
from plmbench.embedding import embed_dataset
from plmbench.encoders import load_encoder
from plmbench.errors import InputError
from plmbench.extraction import device_for, pooled
from plmbench.provenance import sha256_of_file
from plmbench.store import open_embeddings, read_ledger

ROOT = Path(__file__).parents[1]
ABLATIONS = yaml.safe_load((ROOT / "config/ablations.yaml").read_text())
FAMILIES = sorted(networks.TINY)
LETTERS = "ACDEFGHIKLMNPQRSTVWYXBZUO#"
CPU = torch.device("cpu")
LENGTHS = [3, 40, 1, 17, 40, 90, 88, 17, 2, 61]
BEFORE = {"esm1": 1, "esm1b": 1, "esm2": 1, "carp": 0}  # tokens before the first residue


def sequences_of(lengths):
    """Return {id: sequence} with random letters, ids in no order."""
    generator = np.random.default_rng(0)
    return {f"P{i * 7 % 10}": "".join(generator.choice(list(LETTERS), n)) for i, n in lengths}


SEQUENCES = sequences_of(enumerate(LENGTHS))


def embed(folder, family, sequences=SEQUENCES, weights="pretrained", **settings):
    """Embed sequences with a tiny network; return the path of the file."""
    table, output = folder / "sequences.tsv", folder / "embeddings" / "x.h5"
    output.parent.mkdir(exist_ok=True)
    rows = [(i, text, text.count("#")) for i, text in sequences.items()]
    pd.DataFrame(rows, columns=["id", "sequence", "masked"]).to_csv(table, sep="\t", index=False)
    ablation = weights.partition("-")[0]
    given = {
        "checkpoint": None
        if family == "onehot"
        else settings.pop("checkpoint", None) or networks.save_tiny(family, folder / "tiny.pt"),
        "names": {"dataset": "letters", "model": "tiny", "weights": weights},
        "network": {"family": family, **networks.TINY.get(family, {})},
        "table": ABLATIONS[ablation][family] if ablation in ABLATIONS else [],
        "poolings": ["mean", "max"],
        "too_long": "error",
        "code": "c0de",
        "compute": {"device": "cpu", "tokens_per_batch": "auto"},
    }
    embed_dataset(table, output, **{**given, **settings})
    return output


def vectors(path, pooling="mean"):
    """Return {id: [layer, dim]}."""
    with open_embeddings(path) as embeddings:
        layers = np.stack([embeddings.layer(pooling, i) for i in range(embeddings.layers)], 1)
        return dict(zip(embeddings.ids, layers, strict=True))


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture(scope="module")
def encoder(family, tmp_path_factory):
    path = networks.save_tiny(family, tmp_path_factory.mktemp(family) / "tiny.pt")
    return load_encoder("tiny", family, path)[0]


def test_residues_are_all_letters_and_no_other_token(family, encoder):
    texts = [*SEQUENCES.values(), LETTERS, "A", "#", "GGG"]
    tokens = encoder.tokenize(texts)
    assert tokens.dtype == torch.int64
    for text, residues in zip(texts, encoder.residues(tokens), strict=True):
        expected = torch.zeros(tokens.shape[1], dtype=torch.bool)
        expected[BEFORE[family] : BEFORE[family] + len(text)] = True
        assert torch.equal(residues, expected)


@pytest.mark.parametrize("letter", "CWX")
def test_last_residue_counts_at_layer_0(encoder, letter):
    """Mean pooling of the layer without context moves by the last letter's own share."""
    texts = ["ACDK", f"ACD{letter}", "ACD"]
    whole, other, short = (pooled(encoder, [t], ["mean"], CPU)["mean"][0, 0] for t in texts)
    assert np.abs(whole - other).max() > 0.01
    assert np.abs(whole - short).max() > 0.01


@pytest.mark.parametrize("tokens_per_batch", [1, 100, 4096, "200"])
def test_batching_does_not_change_embeddings(family, tokens_per_batch, tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    compute = {"device": "cpu", "tokens_per_batch": tokens_per_batch}
    expected = embed(tmp_path / "one", family)
    found = embed(tmp_path / "other", family, compute=compute)
    for pooling in ("mean", "max"):
        one, other = vectors(expected, pooling), vectors(found, pooling)
        assert list(one) == list(other)
        scale = np.mean([np.abs(v).mean(1) for v in one.values()], 0)
        for name in one:
            assert (np.abs(one[name] - other[name]).max(1) <= 1e-5 * scale).all()


def test_each_id_has_its_own_sequences_embedding(family, encoder, tmp_path):
    found = vectors(embed(tmp_path, family))
    assert set(found) == set(SEQUENCES)
    for name, text in SEQUENCES.items():
        alone = pooled(encoder, [text], ["mean"], CPU)["mean"][:, 0]
        assert np.allclose(found[name], alone, atol=1e-4)


def test_file_records_where_it_comes_from(family, tmp_path):
    path = embed(tmp_path, family, weights="reinit-7")
    with h5py.File(path) as file:
        assert file["lengths"][:].tolist() == sorted(LENGTHS, reverse=True)
        found = dict(file.attrs)
    assert found.pop("checkpoint_sha256") == sha256_of_file(tmp_path / "tiny.pt")
    assert len(found.pop("sequences_sha256")) == 64
    assert f"torch {torch.__version__}" in found.pop("versions")
    assert found == {
        "schema": 1,
        "layers": 4,
        "dataset": "letters",
        "model": "tiny",
        "weights": "reinit-7",
        "ablation": "reinit",
        "seed": 7,
        "poolings": "mean max",
        "too_long": "error",
        "cut_sequences": 0,
        "masked_letters": sum(text.count("#") for text in SEQUENCES.values()),
        "code": "c0de",
        "device": "cpu",
        "precision": "float32",
    }


@pytest.mark.parametrize("weights", ["pretrained", "reinit-0", "resample-3"])
def test_same_run_gives_the_same_bytes(family, weights, tmp_path):
    checkpoint = networks.save_tiny(family, tmp_path / "shared.pt")
    first = embed(tmp_path, family, weights=weights, checkpoint=checkpoint).read_bytes()
    assert embed(tmp_path, family, weights=weights, checkpoint=checkpoint).read_bytes() == first


def test_ablated_embeddings_carry_their_ledger(family, tmp_path):
    pretrained = embed(tmp_path, family)
    expected = vectors(pretrained)
    assert read_ledger(pretrained) == []
    ablated = embed(tmp_path, family, weights="resample-0")
    names = [name for name, _ in networks.random_network(family).named_parameters()]
    assert [row["parameter"] for row in read_ledger(ablated)] == names
    found = vectors(ablated)
    assert all(not np.allclose(found[n][3], expected[n][3], atol=0.01) for n in found)


@pytest.mark.parametrize(("policy", "kept"), [("truncate", "ACDE"), ("ends", "ACWY")])
def test_sequences_above_the_limit_are_cut_and_recorded(policy, kept, tmp_path):
    network = {"family": "onehot", "limit": 4}
    sequences = {"long": "ACDEFGHIKLMNPQRSTVWY", "short": "ACD"}
    path = embed(tmp_path, "onehot", sequences, "none", network=network, too_long=policy)
    composition = {letter for letter, share in zip(LETTERS, vectors(path)["long"][0]) if share}  # noqa: B905
    assert composition == set(kept)
    with open_embeddings(path) as embeddings:
        assert embeddings.attributes["cut_sequences"] == 1
        assert embeddings.attributes["too_long"] == policy


def test_sequence_above_the_limit_is_refused_by_default(tmp_path):
    network = {"family": "esm1b", "limit": 80, **networks.TINY["esm1b"]}
    with pytest.raises(InputError, match=r"limit of 80 residues: P5 \(90 residues\), P2 \(88 res"):
        embed(tmp_path, "esm1b", network=network)
    assert list((tmp_path / "embeddings").iterdir()) == []


def test_flat_pooling_of_unequal_lengths_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"'flat'.*1 to 90 residues"):
        embed(tmp_path, "onehot", weights="none", poolings=["flat"])
    assert list((tmp_path / "embeddings").iterdir()) == []


def test_flat_pooling_keeps_every_residue(tmp_path):
    path = embed(tmp_path, "onehot", {"x": "AC", "y": "YX"}, "none", poolings=["flat"])
    x, y = (vectors(path, "flat")[name].reshape(2, 20) for name in "xy")
    assert x.nonzero()[1].tolist() == [0, 1]
    assert [row.nonzero()[0].tolist() for row in y] == [[19], []]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_named_and_leave_no_file(family, value, tmp_path):
    path = networks.save_tiny(family, tmp_path / "broken.pt")
    data, _ = load_checkpoint(path)
    state = data["model_state_dict" if family == "carp" else "model"]
    name = next(n for n in state if "layers.1." in n and n.endswith(("fc2.bias", "conv.bias")))
    state[name][:] = value
    torch.save(data, path)
    with pytest.raises(InputError, match=r"layer 2 of sequence P5 is not finite"):
        embed(tmp_path, family, checkpoint=path)
    assert list((tmp_path / "embeddings").iterdir()) == []


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
@pytest.mark.parametrize("text", ["cuda", "cuda:1"])
def test_gpu_that_is_not_there_is_refused(text):
    with pytest.raises(InputError, match=rf"'{text}', this machine shows 0 CUDA.*auto or cpu"):
        device_for(text)


def test_auto_is_a_device_that_is_there():
    device = device_for("auto")
    assert torch.ones(2, device=device).sum() == 2
    assert device.type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert device_for("cpu") == CPU


SHORT_OF_MEMORY = """
import logging, resource, sys
import networks, numpy as np, torch
from plmbench import extraction
from plmbench.encoders import load_encoder

torch.set_num_threads(1)
logging.basicConfig(level="INFO", stream=sys.stdout, format="%(message)s")
checkpoint, family, megabytes, count, length = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
cpu, encoder = torch.device("cpu"), load_encoder("tiny", family, checkpoint)[0]
extraction.keep_freed_memory()
extraction.pooled(encoder, ["ACDEF"] * 2, ["mean"], cpu)
texts = [("ACDEFGHIKLMNPQRSTVWY" * length)[i : i + length] for i in range(count)]
ids = [f"P{i}" for i in range(count)]
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + megabytes * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
found = extraction.pooled_in_halves(encoder, ids, texts, ["mean"], cpu)["mean"]
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
expected = extraction.pooled(encoder, texts, ["mean"], cpu)["mean"]
print("layers", *found.shape, "off by", np.abs(found - expected).max() / np.abs(expected).mean())
"""


def short_of_memory(folder, family, *numbers):
    """Run a batch in a process that may take so many megabytes more than it has."""
    path = networks.save_tiny(family, folder / "tiny.pt")
    command = [sys.executable, "-W", "ignore", "-c", SHORT_OF_MEMORY, path, family]
    environment = {"PYTHONPATH": f"{ROOT / 'scripts'}:{ROOT / 'tests'}", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*command, *map(str, numbers)], env=environment, capture_output=True, text=True, timeout=300
    )


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on a process's memory")
@pytest.mark.parametrize("family", ["esm1b", "carp"])
def test_batch_that_does_not_fit_is_halved_and_gives_the_same_result(family, tmp_path):
    done = short_of_memory(tmp_path, family, 80, 400, 400)
    assert done.returncode == 0, done.stderr
    assert "out of memory with 400 sequences, halving the batch" in done.stdout
    words = done.stdout.splitlines()[-1].split()
    assert words[:6] == ["layers", "4", "400", "32", "off", "by"]
    assert float(words[6]) <= 1e-5


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on a process's memory")
@pytest.mark.parametrize("family", ["esm2", "carp"])
def test_sequence_that_does_not_fit_alone_is_named(family, tmp_path):
    done = short_of_memory(tmp_path, family, 1, 2, 1020)
    assert done.returncode != 0
    assert "InputError: sequence P0 of 1,020 residues does not fit into the memory" in done.stderr
