"""What goes wrong leaves nothing half done, and says what to do in one sentence."""

import contextlib
import os
import re
import shutil
import signal
import time

import psutil
import pytest

from helpers.faults import (
    EMBEDDINGS,
    PREDICTIONS,
    change_letter,
    limit_length,
    mistake_ablation,
    mistake_family,
    mistake_layers,
    mistake_rows,
    mistake_wild_type,
    overflow,
    truncate_checkpoint,
    truncate_embeddings,
    truncate_predictions,
)
from helpers.marks import mostly_slow
from helpers.networks import TINY
from helpers.studies import WILD_TYPE, Study, new_study, toy_rows

pytestmark = pytest.mark.runs

SCORES = "results/tables/scores.tsv"
SCORE = "results/scores/toy/first/tiny_carp/pretrained/ridge.tsv"
PATIENCE = 60  # seconds until a job must have started


@pytest.fixture(scope="module")
def undisturbed(once):
    """Return a study that embeds for a second or more, a sequence at a time, after its run."""

    def make(folder):
        config = {
            "tasks": ["toy/first"],
            "models": ["tiny_carp"],
            "weights": ["pretrained"],
            "probes": ["ridge"],
            "controls": [],
            "compute": {"tokens_per_batch": 1},
        }
        new_study(folder, toy_rows(600), ["carp"], **config).run(SCORES)

    return Study(once("undisturbed study", make))


@pytest.fixture
def fresh(undisturbed, tmp_path):
    """Return a copy of the undisturbed study, with its sequences and labels, not yet embedded."""
    study = undisturbed.copy(tmp_path / "a study")
    for folder in ("embeddings", "scores", "predictions", "tables"):
        shutil.rmtree(study.root / "results" / folder)
    return study


def embed_job(snakemake):
    """Return the process of the running job whose script is embed.py, or None."""
    for process in psutil.Process(snakemake.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended meanwhile
            program, *arguments = process.cmdline() or [""]
            if "python" in program and any(text.endswith("embed.py") for text in arguments):
                return process
    return None


def stopped_in(snakemake, begun):
    """Return the embed job's process, stopped once `begun()` says so."""
    deadline = time.monotonic() + PATIENCE
    while not begun() or not (job := embed_job(snakemake)):
        assert snakemake.poll() is None, snakemake.communicate()[0]
        assert time.monotonic() < deadline, "no embed job in time"
        time.sleep(0.01)
    job.suspend()
    return job


def stopped_while_embedding(study, snakemake):
    """Return the embed job's process, stopped while its file is half written."""
    folder = (study.root / EMBEDDINGS).with_suffix("")
    job = stopped_in(snakemake, lambda: any(folder.glob("*.h5.part")))
    assert any(folder.glob("*.h5.part")), "the job was done before it could be stopped"
    return job


def leftovers(study):
    """Return the files that were never given their name."""
    return list((study.root / "results").rglob("*.part*"))


def completes_alike(study, undisturbed):
    """Check that the next run ends in the undisturbed scores, and leaves nothing half done."""
    study.run(SCORES)
    assert study.read(SCORES) == undisturbed.read(SCORES)
    assert not leftovers(study)


def test_a_killed_embed_job_fails_and_the_next_run_completes_alike(fresh, undisturbed):
    snakemake = fresh.start(SCORES)
    stopped_while_embedding(fresh, snakemake).kill()
    output, _ = snakemake.communicate(timeout=PATIENCE)
    assert snakemake.returncode == 1, output
    assert "Error in rule embed" in output
    assert not (fresh.root / EMBEDDINGS).exists()
    assert fresh.counts(SCORES) == {"embed": 1, "join": 1, "probe": 1, "scores": 1}
    completes_alike(fresh, undisturbed)


@pytest.mark.slow
def test_a_killed_snakemake_is_unlocked_and_the_next_run_completes_alike(fresh, undisturbed):
    snakemake = fresh.start(SCORES)
    job = stopped_while_embedding(fresh, snakemake)
    os.killpg(snakemake.pid, signal.SIGKILL)
    snakemake.communicate(timeout=PATIENCE)
    job.wait(PATIENCE)
    assert not (fresh.root / EMBEDDINGS).exists()
    assert "--unlock" in fresh.fail(SCORES)
    fresh.run("--unlock")
    completes_alike(fresh, undisturbed)


@pytest.mark.slow
def test_a_second_snakemake_is_refused_and_the_first_goes_on(fresh, undisturbed):
    first = fresh.start(SCORES)
    job = stopped_while_embedding(fresh, first)
    assert "Directory cannot be locked" in fresh.fail(SCORES)
    job.resume()
    output, _ = first.communicate(timeout=PATIENCE)
    assert first.returncode == 0, output
    assert fresh.read(SCORES) == undisturbed.read(SCORES)
    assert not leftovers(fresh)


@pytest.mark.slow
def test_ctrl_c_ends_the_jobs_and_the_next_run_completes_alike(fresh, undisturbed):
    snakemake = fresh.start(SCORES)
    job = stopped_while_embedding(fresh, snakemake)
    os.killpg(snakemake.pid, signal.SIGINT)
    job.resume()
    snakemake.communicate(timeout=PATIENCE)
    assert not job.is_running()
    completes_alike(fresh, undisturbed)


@pytest.mark.slow
def test_a_clock_that_goes_back_a_day_is_named_and_loses_nothing(fresh, undisturbed):
    results = [*(fresh.root / "results").rglob("*")]
    for path in results:
        os.utime(path, (time.time() + 86_400,) * 2)
    assert "clock skew" in fresh.fail(SCORES)
    for path in filter(os.path.exists, results):
        os.utime(path)
    completes_alike(fresh, undisturbed)


RESAMPLED = "results/embeddings/toy/tiny_carp/resample-0.h5"
FAULTS = {
    change_letter: (
        "labels",
        "results/labels/toy/first.tsv",
        r"resources/datasets/toy/first\.csv: residues other than \w+: line 62 \('J'\); mend these "
        r"rows, or set the data set's nonstandard_residues to mask or drop",
    ),
    mistake_wild_type: (
        "sequences",
        "results/sequences/toy.tsv",
        rf"{re.escape(WILD_TYPE)}: the wild type has 5 residues, 60 of 60 sequences another "
        r"number: resources/datasets/toy/first\.csv: line 2 \(12\), .* and 55 more; positions can "
        r"only be compared without insertions and deletions: take "
        r"wild_type out of the data set's entry, or mend its slice",
    ),
    mistake_rows: (
        "labels",
        "results/labels/toy/first.tsv",
        r"resources/datasets/toy/first\.csv: holds train 34, test 20; the catalogue says train 34, "
        r"test 21\. Restore the file, or mend the split's rows in config/datasets\.yaml",
    ),
    truncate_checkpoint: (
        "embed",
        EMBEDDINGS,
        r"checkpoint resources/weights/carp\.pt: not a complete checkpoint of tensors \(.*\); "
        r"delete the file and fetch it again",
    ),
    mistake_layers: (
        "embed",
        EMBEDDINGS,
        rf"checkpoint resources/weights/carp\.pt: has num_layers {TINY['carp']['num_layers']}, "
        r"config/models\.yaml says 7 for tiny_carp; is it the file of another model\?",
    ),
    mistake_family: (
        "embed",
        EMBEDDINGS,
        r"checkpoint resources/weights/carp\.pt: lacks cfg, which fair-esm's layout of ESM-2 "
        r"has; it holds .*; is the family of model tiny_carp right\?",
    ),
    overflow: (
        "embed",
        EMBEDDINGS,
        r"layer \d of sequence \w+ is not finite in float32 under pooling 'mean'; nothing was "
        r"stored\. Check the checkpoint, or set dtype to float32",
    ),
    limit_length: (
        "embed",
        EMBEDDINGS,
        r"60 sequence\(s\) above the model's max_length of 10 residues: \w+ \(12 residues\), .*; "
        r"set the data set's long_sequences to one of drop, truncate, keep_ends, windows, "
        r"or take them out",
    ),
    mistake_ablation: (
        "embed",
        RESAMPLED,
        r"table of the family: no row matches parameter 'model\.last_norm\.\w+'; add one to "
        r"config/families/<family>\.yaml, if only with initialiser: keep",
    ),
    truncate_embeddings: (
        "probe",
        SCORE,
        rf"{re.escape(EMBEDDINGS)}: not a complete HDF5 file \(.*\); delete it and run again",
    ),
    truncate_predictions: (
        "compare",
        "results/comparisons/toy/first.arms.tsv",
        rf"{re.escape(PREDICTIONS)}: not a complete HDF5 file \(.*\); delete it and run again",
    ),
}


def made(study, rule, target):
    """Return the files that the job which ends at `target` should not have made."""
    path = study.root / target
    return list(path.with_suffix("").glob("*.h5")) if rule == "embed" else path.exists()


OFTEN = (mistake_wild_type, truncate_checkpoint, limit_length, truncate_embeddings)


@pytest.mark.parametrize("fault", mostly_slow(FAULTS, OFTEN), ids=lambda fault: fault.__name__)
def test_wrong_input_ends_its_job_with_one_sentence(fault, study):
    rule, target, sentence = FAULTS[fault]
    fault(study)
    output = study.fail(target)
    assert re.search(rf"^Error in rule {rule}: (?:toy/\w+: )?{sentence}$", output, re.M), output
    assert "Traceback" not in output
    log = study.read(re.search(rf"^ +log: (results/logs/{rule}/\S+)", output, re.M)[1])
    assert re.search(rf" {sentence}$", log, re.M), log
    assert "Traceback" not in log
    assert not made(study, rule, target)
    assert not leftovers(study)


def test_an_embedding_file_deleted_as_advised_is_made_anew_alike(study):
    before = study.read(SCORE)
    truncate_embeddings(study)
    (study.root / EMBEDDINGS).unlink()
    (study.root / SCORE).unlink()
    study.run(SCORE)
    assert study.read(SCORE) == before
