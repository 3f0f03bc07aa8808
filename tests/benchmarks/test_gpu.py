"""The GPU's benchmark, every step of it on a CPU: tiny networks, all parts, tables, summary."""

import ast
import csv
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from benchmarks.gpu import __main__ as program
from benchmarks.gpu import cards, contenders, correctness, run, speed
from benchmarks.gpu.records import FAILED, RIGHT, SKIPPED, WRONG, Clock, Record
from benchmarks.gpu.scales import DATA, FULL, TINY, data
from benchmarks.hub import HUB
from benchmarks.networks import HUB_NETWORKS
from helpers.cards import CPU, pretend

ROOT = Path(__file__).resolve().parents[2]
QUICK = TINY._replace(most=2, rounds=1)
torch.set_num_threads(1)


@pytest.fixture
def few_threads(monkeypatch):
    monkeypatch.setattr(run, "TINY", QUICK)
    monkeypatch.setattr(program, "BEGUN", time.monotonic())
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # of what runs beside it


def rows_of(path):
    """Return the rows of a table."""
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def bench(tmp_path, scale=QUICK, seconds=600, card=None):
    """Return what the parts share."""
    return run.Bench(card or cards.CpuCard(), Clock(seconds), Record(tmp_path / "x.tsv"), scale)


FEW = ["esm2_tiny", "carp_tiny", "bert_tiny", "t5_tiny", "gpt2_tiny"]


@pytest.mark.parametrize("few", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_all_parts_run_and_the_summary_comes_last(tmp_path, capsys, few_threads, monkeypatch, few):
    networks = {name: QUICK.networks[name] for name in (FEW if few else QUICK.networks)}
    monkeypatch.setattr(run, "TINY", QUICK._replace(networks=networks))
    words = ["--device", "cpu", "--tiny", "--out", str(tmp_path)]
    assert program.main(words) == 0
    rows = rows_of(next(tmp_path.glob("*.tsv")))
    lines = next(tmp_path.glob("*.txt")).read_text().splitlines()
    assert len(lines) <= 40
    assert capsys.readouterr().out.splitlines()[-len(lines) :] == lines
    assert lines[-1].endswith("checks that ran are right")
    assert {row["part"] for row in rows} == {"card", *run.PARTS}
    right = {(row["network"], row["quantity"]) for row in rows if row["verdict"] == RIGHT}
    for network in networks:
        assert {(network, "difference"), (network, "batch of 1")} <= right
    sharing = {row["quantity"] for row in rows if row["part"] == "sharing"}
    assert sharing == {"halved batch", "turns"}
    assert {("ridge", "difference"), ("logistic", "difference"), ("mlp", "difference")} <= right
    speeds = [row for row in rows if row["quantity"] == "residues/s"]
    ours = [row for row in speeds if row["contender"] == "plmbench"]
    timed = {(name, kind) for name, network in networks.items() for kind in network.timed}
    assert len(ours) == 2 * len(timed)
    assert {(row["network"], row["data"]) for row in ours} == timed
    assert {row["contender"] for row in speeds} >= {"plmbench", "library"}
    for name in ("bert_tiny", "t5_tiny"):
        peers = {row["contender"] for row in speeds if row["network"] == name}
        assert peers == {"plmbench", "transformers"}


def test_without_a_gpu_it_says_so_and_ends_well():
    if torch.cuda.is_available() or any(Path(name).exists() for name in program.DEVICES):
        pytest.skip("there is a GPU")
    done = subprocess.run(
        ["make", "gpu", f"PYTHON={sys.executable}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "this machine shows no CUDA GPU" in done.stdout


def test_a_gpu_that_torch_does_not_see_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(program, "DEVICES", (str(tmp_path),))
    message, status = program.without_gpu()
    assert status == 1
    assert "PYTHON=" in message


def test_packages_come_from_a_folder_of_wheels(tmp_path, monkeypatch):
    import zipfile

    with zipfile.ZipFile(tmp_path / "pure_thing-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("pure_thing.py", "VALUE = 7")
    (tmp_path / "built-1-cp311-cp311-linux_x86_64.whl").write_bytes(b"not for a path")
    monkeypatch.setattr(sys, "path", list(sys.path))
    program.importable(tmp_path)
    import pure_thing

    assert pure_thing.VALUE == 7
    assert not any("built-1" in path for path in sys.path)


LEAN = """
import sys
for name in ("pandas", "scipy", "sklearn", "h5py", "pydantic", "yaml", "snakemake", "transformers"):
    sys.modules[name] = None
from benchmarks.gpu.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_it_needs_torch_and_pure_packages_alone(tmp_path):
    words = ["--device", "cpu", "--tiny", "--out", str(tmp_path)]
    words += ["--networks", "esm1_tiny", "bert_tiny"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", LEAN, *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert "halving the batch" in next(tmp_path.glob("*.log")).read_text()
    skipped = [
        row for row in rows_of(next(tmp_path.glob("*.tsv"))) if row["network"] == "bert_tiny"
    ]
    assert {(row["part"], row["verdict"]) for row in skipped} == {
        ("correctness", SKIPPED),
        ("speed", SKIPPED),
    }


def test_packages_that_are_missing_are_named(monkeypatch, capsys):
    monkeypatch.setattr(program, "NEEDED", {"no_such_module": "no-such-package", "torch": "torch"})
    assert program.main(["--device", "cpu", "--tiny"]) == 1
    said = capsys.readouterr().out
    assert "no-such-package;" in said
    assert "WHEELS=" in said


@pytest.mark.parametrize("words", [["--parts", "sped"], ["--networks", "esm9"]])
def test_a_name_that_is_not_there_is_named_with_those_that_are(words, tmp_path, few_threads):
    with pytest.raises(SystemExit, match=f"{words[0]} {words[1]}: is none of "):
        program.main(["--device", "cpu", "--tiny", "--out", str(tmp_path), *words])


def test_a_part_that_breaks_leaves_the_rest(tmp_path, monkeypatch, capsys, few_threads):
    def broken(given):
        raise RuntimeError("illegal memory access\nmore words")

    parts = {"ceilings": (broken, 0.5), "profile": run.PARTS["profile"]}
    monkeypatch.setattr(run, "PARTS", parts)
    assert program.main(["--device", "cpu", "--tiny", "--out", str(tmp_path)]) == 1
    rows = rows_of(next(tmp_path.glob("*.tsv")))
    failed = [row for row in rows if row["verdict"] == FAILED]
    assert [row["note"] for row in failed] == ["RuntimeError: illegal memory access"]
    assert any(row["part"] == "profile" for row in rows)
    assert capsys.readouterr().out.splitlines()[-1] == "1 wrong or failed, 0 right"


def test_what_there_is_no_time_for_is_skipped_with_a_word(tmp_path, few_threads, capsys):
    words = ["--device", "cpu", "--tiny", "--out", str(tmp_path), "--minutes", "0"]
    assert program.main([*words, "--parts", "correctness", "profile", "speed"]) == 0
    rows = rows_of(next(tmp_path.glob("*.tsv")))[1:]
    assert {row["verdict"] for row in rows} == {SKIPPED}
    assert {row["note"] for row in rows} == {"no time is left"}


def test_a_run_that_hangs_is_stopped_and_summed_up(tmp_path, monkeypatch, capsys, few_threads):
    def hangs(given):
        time.sleep(60)

    monkeypatch.setattr(run, "PARTS", {"ceilings": (hangs, 0.5), "speed": run.PARTS["speed"]})
    monkeypatch.setattr(run, "GRACE", 0)
    words = ["--device", "cpu", "--tiny", "--out", str(tmp_path), "--minutes", "0.02"]
    program.main(words)
    notes = [row["note"] for row in rows_of(next(tmp_path.glob("*.tsv")))]
    assert notes[1] == "stopped, all minutes are over"
    assert set(notes[2:]) == {"no time is left"}
    assert capsys.readouterr().out.splitlines()[-1] == "all 0 checks that ran are right"


@pytest.mark.parametrize(
    ("value", "precision", "verdict"),
    [
        (1e-6, "float32", RIGHT),
        (2e-5, "float32", WRONG),
        (float("nan"), "float32", WRONG),
        (0.02, "bfloat16", ""),
        (float("nan"), "bfloat16", WRONG),
        (float("inf"), "float16", WRONG),
    ],
)
def test_a_difference_is_judged(value, precision, verdict):
    assert correctness.judged(value, precision) == verdict


def test_a_network_that_differs_is_wrong(tmp_path, monkeypatch):
    right = correctness.packed

    def wrong(encoder, device, precision):
        found = right(encoder, device, precision)
        if precision == "float32" and encoder.moved:
            found.blocks.packed[1].up.bias = found.blocks.packed[1].up.bias + 1e-2
        return found

    def moved(encoder, device):
        encoder.moved = True
        return encoder

    def built(network):
        encoder = network.encoder()
        encoder.moved = False
        return encoder

    for name, function in (("packed", wrong), ("on_device", moved), ("encoder_of", built)):
        monkeypatch.setattr(correctness, name, function)
    one = bench(tmp_path, QUICK._replace(networks={"esm2": TINY.networks["esm2_tiny"]}))
    correctness.run(one)
    row = one.record.of(quantity="difference", precision="float32")[0]
    assert (row.verdict, row.note) == (WRONG, "worst at layer 2")


def test_a_contender_that_cannot_be_made_is_said(tmp_path, monkeypatch):
    def missing(given, encoder, precision):
        raise ImportError("no such package")

    monkeypatch.setattr(contenders, "CONTENDERS", {"peer": missing})
    one = bench(tmp_path, QUICK._replace(networks={"carp": TINY.networks["carp_tiny"]}))
    speed.run(one)
    assert {row.verdict for row in one.record.of(contender="peer")} == {FAILED}


@pytest.mark.parametrize("kind", DATA)
def test_lengths_are_what_their_name_says(kind):
    lengths = [len(sequence) for sequence in data(FULL, kind, 50)]
    low, high = {"mixed": (50, 1022), "GB1": (56, 56), "long": (800, 1022)}[kind]
    assert low <= min(lengths) <= max(lengths) <= high
    assert lengths == sorted(lengths, reverse=True)


def test_the_networks_are_those_of_the_study_in_full():
    assert set(FULL.networks) == {
        "esm1_t34_670M",
        "esm1b_t33_650M",
        "esm2_t33_650M",
        "carp_640M",
        *HUB_NETWORKS,
    }
    assert {network.build for network in HUB_NETWORKS.values()} == set(HUB.values())
    assert [name for name, network in HUB_NETWORKS.items() if network.timed] == [
        "bert_base",
        "t5_base",
    ]


def test_a_gpus_card_makes_its_calls(monkeypatch, tmp_path):
    asked = pretend(monkeypatch)
    card = cards.CudaCard()
    assert card.file == "pretended_gpu_80gb"
    assert "64 GiB" in card.described()
    assert list(card.precisions) == ["bfloat16", "float16", "float32"]
    card.device = CPU
    monkeypatch.setattr(cards.CudaCard, "activities", cards.CpuCard.activities)
    monkeypatch.setattr(cards.CudaCard, "is_kernel", cards.CpuCard.is_kernel)
    scale = QUICK._replace(networks={"esm1": TINY.networks["esm1_tiny"]})
    one = bench(tmp_path, scale, card=card)
    for name in ("ceilings", "correctness", "probes", "profile", "speed"):
        run.PARTS[name][0](one)
    assert not one.record.of(verdict=FAILED)
    with card.capped("an encoder", 1 << 30, 100) as encoder:
        assert encoder == "an encoder"
    assert set(asked) == set(pretended())


def pretended():
    """Return the calls of torch.cuda that the card makes."""
    tree = ast.parse(Path(cards.__file__).read_text())
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "torch.cuda"
    }


def test_a_job_beside_ours_sees_one_card(tmp_path, monkeypatch):
    one = bench(tmp_path)
    monkeypatch.setitem(os.environ, "CUDA_VISIBLE_DEVICES", "3,1")
    assert one.one_card()["CUDA_VISIBLE_DEVICES"] == "3"
    monkeypatch.delitem(os.environ, "CUDA_VISIBLE_DEVICES")
    assert one.one_card()["CUDA_VISIBLE_DEVICES"] == "0"
