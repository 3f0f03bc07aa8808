"""What changes a script's digest, and what each script's code reaches."""

import ast
import hashlib
import json
import shutil
from functools import cache

import pytest

from plmbench.core.digests import sha256_of_file, sha256_of_texts
from plmbench.study import code as provenance
from plmbench.study.code import SCRIPTS, code_of, files_of, imported_names


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """Return a copy of scripts/ that `code_of` looks at."""
    folder = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(provenance, "SCRIPTS", folder)
    return folder


def edited(path, old, new):
    """Replace text that is there once or more."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def reached(script):
    """Return the names of the project's modules that a script reaches."""
    pending, seen = [SCRIPTS / script], set()
    while pending:
        path = pending.pop()
        if path not in seen:
            seen.add(path)
            names = imported_names(ast.parse(path.read_text()))
            pending.extend(file for name in names for file in files_of(name, SCRIPTS))
    return {path.stem for path in seen}


def code_of_type(name):
    """Return the digest of a probe job's code."""
    return code_of("probe.py", modules=[f"plmbench.probe.types.{name}"])


def test_code_of_a_module_several_imports_away_changes_the_digest(scripts):
    before = code_of_type("ridge")
    path = scripts / "plmbench/probe/ridge_path.py"
    edited(path, "xp.clip(values, 0.0, None)", "xp.clip(values, 1.0, None)")
    assert code_of_type("ridge") != before


def test_an_edited_probe_type_reruns_no_other_and_neither_does_a_new_one(scripts):
    before = {name: code_of_type(name) for name in ("ridge", "mlp")}
    edited(scripts / "plmbench/probe/types/mlp.py", ">= self.patience", "> self.patience")
    (scripts / "plmbench/probe/types/forest.py").write_text("PROBE = None\n")
    assert code_of_type("ridge") == before["ridge"]
    assert code_of_type("mlp") != before["mlp"]


def test_a_module_that_is_not_imported_changes_nothing(scripts):
    before = code_of("embed.py")
    edited(scripts / "plmbench/core/metrics.py", "np.nan", "0.0")
    assert code_of("embed.py") == before


def test_docstrings_comments_and_layout_change_nothing(scripts):
    before = code_of("probe.py")
    path = scripts / "plmbench/core/metrics.py"
    edited(path, '"""Tell whether there', '"""Say whether there')
    path.write_text(path.read_text().replace("\n\n\n", "\n\n\n\n# a comment\n"))
    assert code_of("probe.py") == before


def test_an_import_inside_a_function_is_followed(scripts):
    (scripts / "toy.py").write_text("def main(job):\n    from plmbench.toys import play\n")
    (scripts / "plmbench/toys.py").write_text("play = 1\n")
    before = code_of("toy.py")
    edited(scripts / "plmbench/toys.py", "1", "2")
    assert code_of("toy.py") != before


def test_no_module_imports_relatively_for_imported_names_would_miss_it():
    for path in SCRIPTS.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text()))
        assert not any(isinstance(node, ast.ImportFrom) and node.level for node in nodes), path


def test_a_renamed_module_changes_the_digest(scripts):
    before = code_of_type("ridge")
    probes = scripts / "plmbench/probe"
    (probes / "ridge_path.py").rename(probes / "tikhonov.py")
    edited(probes / "types/ridge.py", "probe.ridge_path", "probe.tikhonov")
    assert code_of_type("ridge") != before


def test_sha256_of_a_file_is_that_of_its_bytes(tmp_path):
    (tmp_path / "x").write_bytes(b"plmbench")
    assert sha256_of_file(tmp_path / "x") == hashlib.sha256(b"plmbench").hexdigest()


def test_sha256_of_texts_tells_where_one_ends():
    assert sha256_of_texts(["ab", "c"]) != sha256_of_texts(["a", "bc"])
    assert sha256_of_texts(["ab"]) == sha256_of_texts(iter(["ab"]))


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Return a function that gives the digest of a script as another start of Snakemake does."""
    monkeypatch.chdir(tmp_path)

    def start():
        monkeypatch.setattr(provenance, "modules_parsed", cache(provenance.Parsed))
        return code_of("join.py")

    return start


def test_the_next_start_parses_what_has_changed_alone(scripts, started, monkeypatch):
    before, seen = started(), []
    real = provenance.parsed
    monkeypatch.setattr(provenance, "parsed", lambda text: seen.append(text) or real(text))
    assert (started(), seen) == (before, [])
    path = scripts / "plmbench/store/join.py"
    path.write_text(path.read_text() + "UNUSED = 1\n")
    assert started() != before
    assert seen == [path.read_text()]


def test_a_module_kept_by_other_code_is_parsed_again(started, monkeypatch):
    started()
    kept = set(json.loads(provenance.KEPT.read_bytes()))
    monkeypatch.setattr(provenance, "OWN", "another reader")
    started()
    assert len(json.loads(provenance.KEPT.read_bytes())) == 2 * len(kept)


def test_modules_of_code_that_was_edited_often_are_forgotten(started, monkeypatch):
    before = started()
    kept = len(json.loads(provenance.KEPT.read_bytes()))
    monkeypatch.setattr(provenance, "MOST_KEPT", kept - 1)
    monkeypatch.setattr(provenance, "OWN", "another reader")
    assert started() == before
    assert len(json.loads(provenance.KEPT.read_bytes())) == kept
