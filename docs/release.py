"""Make the tag of a release, with the notes of CHANGELOG.md. Nothing is pushed.

usage: python -m docs.release [--check]   (--check makes no tag)
"""

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
SECTION = re.compile(r"^## (\S+)[^\n]*\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def notes_of(changelog: str) -> dict[str, str]:
    """Return {version: its notes} of a changelog, the newest first."""
    return {version: notes.strip() for version, notes in SECTION.findall(changelog)}


def stated(root: Path) -> dict[str, str]:
    """Return {file: the version that it states}."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    notes = notes_of((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    newest = next((version for version in notes if version != "Unreleased"), "none")
    return {
        "pyproject.toml": project["version"],
        "CITATION.cff": str(citation.get("version", "none")),
        "CHANGELOG.md": newest,
    }


def flaws(root: Path) -> list[str]:
    """Return what stands in the way of a release, a sentence each."""
    found = stated(root)
    if len(set(found.values())) > 1:
        versions = ", ".join(f"{file} says {version}" for file, version in found.items())
        return [f"the versions differ: {versions}; write the same one in each"]
    unreleased = notes_of((root / "CHANGELOG.md").read_text(encoding="utf-8")).get("Unreleased")
    if unreleased:
        return ["CHANGELOG.md has notes under Unreleased; put them under the version"]
    return []


def main(check: bool) -> None:
    """Check that a release can be made, and make its tag."""
    if found := flaws(ROOT):
        sys.exit("\n".join(found))
    version = stated(ROOT)["pyproject.toml"]
    notes = notes_of((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))[version]
    if not check:
        words = ["git", "tag", "--annotate", f"v{version}", "--cleanup=verbatim", "--file=-"]
        subprocess.run(words, input=f"v{version}\n\n{notes}\n", text=True, check=True, cwd=ROOT)  # noqa: S603
    print(f"v{version}: {'can be tagged' if check else 'tagged; nothing is pushed'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="make no tag")
    main(parser.parse_args().check)
