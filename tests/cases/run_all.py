"""Run cases and print one line each: right, or what is not; exit 1 where one is not right."""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cases.case import CASES, run_case
from cases.files import FILES
from cases.runs import RUNS

ALL = [*FILES, *(f"workflow/{name}" for name in RUNS)]
JOBS = 2  # cases at a time


def flaw_of(name):
    """Return what is not right in a case; "" where all is."""
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        try:
            if name in FILES:
                run_case(FILES[name], name, room / "study")
            else:
                RUNS[name.removeprefix("workflow/")](room, CASES / name)
        except Exception as error:  # whatever goes wrong in a case is said beside its name
            return f"{type(error).__name__}: {error}"
    return ""


def main(names):
    """Run the cases; return the exit status."""
    if not CASES.is_dir():
        sys.exit(f"there is no folder {CASES}; name the folder of cases as CASES")
    if unknown := set(names) - set(ALL):
        sys.exit(f"no case is called {', '.join(sorted(unknown))}; there are {', '.join(ALL)}")
    names, wrong = names or ALL, 0
    with ThreadPoolExecutor(JOBS) as pool:
        for name, flaw in zip(names, pool.map(flaw_of, names), strict=True):
            wrong += bool(flaw)
            print(f"{name}: {'NOT RIGHT' if flaw else 'right'}", flush=True)
            if flaw:
                print("    " + flaw[-3000:].replace("\n", "\n    "), flush=True)
    print(f"{len(names) - wrong} of {len(names)} cases are right")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
