"""Write which files each entry script's digest spans: one list per script, in tests/study/code_of.

usage: python -m docs.code_lists   (after a change of imports that is meant)
"""

from pathlib import Path

from plmbench.probe.types import probe_type, probe_types
from plmbench.study.code import SCRIPTS, spanned
from plmbench.study.families import families
from plmbench.study.figures import FIGURES, NUDGES, modules
from plmbench.supervised.methods import methods

LISTS = Path(__file__).resolve().parents[1] / "tests/study/code_of"
PROGRAMS = ("collect_proteins", "convert_esm2")  # scripts that people call, and no rule
TYPES = "plmbench.probe.types.{}"
# Scripts that import a module by the name that a job is handed: what each job's digest adds.
NAMED = {
    "embed": sorted({family.module for family in families().values()}),
    "figures": modules([*FIGURES, *NUDGES]),
    "params": sorted({family.module for family in families().values()}),
    "perturb": sorted({family.module for family in families().values() if family.has_weights}),
    "probe": [TYPES.format(name) for name in probe_types() if not probe_type(name).per_residue],
    "probe_residues": [TYPES.format(n) for n in probe_types() if probe_type(n).per_residue],
    "fit_sequences": [f"plmbench.supervised.methods.{name}" for name in methods()],
    "refit": [TYPES.format(name) for name in probe_types() if not probe_type(name).per_residue],
    "learning_curve": [TYPES.format(n) for n in probe_types() if not probe_type(n).per_residue],
}


def variants():
    """Return {name of a list: (script, modules)}: `embed.carp` is embed for networks of carp."""
    found = {}
    for script in sorted(p.stem for p in SCRIPTS.glob("*.py") if p.stem not in PROGRAMS):
        for module in NAMED.get(script, [""]):
            name = f"{script}.{module.rpartition('.')[2]}" if module else script
            found[name] = (f"{script}.py", [module] if module else [])
    return found


VARIANTS = variants()


def listed(name):
    """Return the files that the digest of a list's jobs spans, one per line."""
    return "".join(f"{file}\n" for file in sorted(spanned(*VARIANTS[name])))


def main():
    """Write every list, and remove those of scripts that are gone."""
    LISTS.mkdir(exist_ok=True)
    for path in LISTS.glob("*.txt"):
        path.unlink()
    for name in VARIANTS:
        (LISTS / f"{name}.txt").write_text(listed(name), encoding="utf-8")


if __name__ == "__main__":
    main()
