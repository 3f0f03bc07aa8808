"""A release: the files that state its version agree, and its notes are those of the changelog."""

import shutil
import subprocess

import pytest

from docs import release

FILES = ("pyproject.toml", "CITATION.cff", "CHANGELOG.md")
LOG = "# Changelog\n\n## {version}\n\n- One thing.\n\n## 0.0.1 (2020)\n\n- Another.\n"


@pytest.fixture
def clone(tmp_path):
    """Return a repository whose files state one version, and nothing unreleased."""
    for name in FILES:
        shutil.copy(release.ROOT / name, tmp_path)
    version = release.stated(tmp_path)["pyproject.toml"]
    (tmp_path / "CHANGELOG.md").write_text(LOG.format(version=version))
    return tmp_path


def test_the_files_of_the_repository_state_versions():
    found = release.stated(release.ROOT)
    assert found["pyproject.toml"] == found["CITATION.cff"]


def test_files_that_agree_can_be_released(clone):
    assert release.flaws(clone) == []


@pytest.mark.parametrize("name", FILES)
def test_a_version_that_differs_is_named_with_its_file(clone, name):
    version = release.stated(clone)["pyproject.toml"]
    text = (clone / name).read_text()
    (clone / name).write_text(text.replace(version, "9.9.9", 1))
    (flaw,) = release.flaws(clone)
    assert f"{name} says 9.9.9" in flaw


def test_notes_that_are_under_no_version_stand_in_the_way(clone):
    text = (clone / "CHANGELOG.md").read_text()
    (clone / "CHANGELOG.md").write_text(text.replace("## ", "## Unreleased\n\n- New.\n\n## ", 1))
    assert "Unreleased" in release.flaws(clone)[0]


def test_the_tag_holds_the_notes_of_its_version_alone(clone, monkeypatch, capsys):
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "All"]):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True, cwd=clone
        )
    for key, value in {"NAME": "a", "EMAIL": "a@b"}.items():
        monkeypatch.setenv(f"GIT_COMMITTER_{key}", value)
    monkeypatch.setattr(release, "ROOT", clone)
    release.main(check=False)
    version = release.stated(clone)["pyproject.toml"]
    shown = ["git", "tag", "-n99", "--list", f"v{version}"]
    text = subprocess.run(shown, capture_output=True, text=True, check=True, cwd=clone).stdout
    assert "One thing." in text
    assert "Another." not in text
    assert "nothing is pushed" in capsys.readouterr().out
