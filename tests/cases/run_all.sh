#!/usr/bin/env bash
# Run every case of ../shared/cases (or of $CASES) against this working tree: one line per case, and exit 0 when all
# give what is right. Arguments: names of cases to run, all without any.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PYTHONPATH=scripts:tests
exec "${PY:-.venv/bin/python}" -m cases.run_all "$@"
