"""Write which files each entry script's digest spans: one list per script, in tests/study/code_of.

usage: python -m docs.code_lists   (after a change of imports that is meant)
"""

from pathlib import Path

from plmbench.study.code import SCRIPTS, spanned

LISTS = Path(__file__).resolve().parents[1] / "tests/study/code_of"
PROGRAMS = ("collect_proteins", "convert_esm2")  # scripts that people call, and no rule
ENTRIES = sorted(p.stem for p in SCRIPTS.glob("*.py") if p.stem not in PROGRAMS)


def listed(script):
    """Return the files that the digest of a script spans, one per line."""
    return "".join(f"{name}\n" for name in sorted(spanned(f"{script}.py")))


def main():
    """Write the list of every script, and remove those of scripts that are gone."""
    LISTS.mkdir(exist_ok=True)
    for path in LISTS.glob("*.txt"):
        path.unlink()
    for script in ENTRIES:
        (LISTS / f"{script}.txt").write_text(listed(script), encoding="utf-8")


if __name__ == "__main__":
    main()
