# make run        set up and run the demo, then print its table; VERBOSE=1: with every line of Snakemake
# make report     bundle figures, tables and the workflow of the last run into results/report.html
# make test       set up and run every fast check; make test-runs: whole runs; make test-slow: the slow tests
# make bench      time extraction and probes against their peers, and the planning of large studies
# make gpu        check and time everything on a CUDA GPU, in 8 minutes; OUT=folder, WHEELS=folder
# make series     run every shipped network on small tasks, 15 to 25 minutes: what docs/scaling.md shows
# make readme     run the demo, the series, the architectures and the reference rows, write README's generated parts
# make pins       solve envs/ on conda-forge, write what came out to envs/*.linux-64.pin.txt; needs conda and a network
# make release    check that all files state one version, and tag it with the notes of CHANGELOG.md
# make lock       pin the newest versions that requirements.in allows
# Options: PYTHON=python3.12, CORES=8

PYTHON ?= python3
CORES ?= $(shell $(PYTHON) -c 'import os; print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())')
# Modules, not the scripts in .venv/bin, whose first line breaks on a path with a space.
RUN := .venv/bin/python -m
SNAKEMAKE := $(RUN) snakemake --cores $(CORES)

.PHONY: run report test test-runs test-slow lint bench gpu series readme pins lock release
.DELETE_ON_ERROR:

# The demo's networks are small: one a core is faster than one on all cores.
run: .venv/ready
	$(if $(VERBOSE),,PYTHONPATH=profiles/loggers) $(SNAKEMAKE) $(if $(VERBOSE),,--logger brief) --set-threads embed=1 --resources gpu=$(CORES)
	@echo
	@cat results/tables/overview.md
	@echo
	@echo "the study:  results/study.html"
	@echo "tables:     results/tables/"
	@echo "figures:    results/figures/"

report: .venv/ready
	$(SNAKEMAKE) --report results/report.html

test: lint
	$(RUN) pytest -n $(CORES) --dist worksteal

test-runs: .venv/ready
	$(RUN) pytest -n $(CORES) --dist worksteal -m 'runs and not slow'

test-slow: .venv/ready
	$(RUN) pytest -m slow

lint: .venv/ready
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) snakefmt --check Snakefile rules workflow
	$(RUN) snakemake --lint
	PYTHONPATH=scripts .venv/bin/python -c 'from importlinter.cli import lint_imports_command as lint; lint()' --no-cache
	$(RUN) mypy

bench: .venv/ready
	$(RUN) benchmarks.extraction
	$(RUN) benchmarks.architectures
	$(RUN) benchmarks.parts
	$(RUN) benchmarks.probes
	$(RUN) benchmarks.grid

# Needs no environment of its own: a python with a CUDA build of torch, .venv's by default.
gpu: GPU_PYTHON := $(if $(filter file,$(origin PYTHON)),$(firstword $(wildcard .venv/bin/python) $(PYTHON)),$(PYTHON))
gpu:
	"$(GPU_PYTHON)" -m benchmarks.gpu $(if $(OUT),--out "$(OUT)") $(if $(WHEELS),--wheels "$(WHEELS)")

# Every shipped network: what docs/scaling.md shows.
series: .venv/ready
	$(SNAKEMAKE) --directory results/series --configfile config/series.yaml

readme: run series
	$(SNAKEMAKE) --directory results/reference --config 'models=[onehot]' 'checkpoints=[]' \
	  'tasks=[gb1/sampled, gb1/low_vs_high, gb1/two_vs_rest]' 'controls=[]' \
	  'probes=[ridge, ridge_flip, ridge_as_published]'
	$(SNAKEMAKE) --directory results/architectures --configfile config/architectures.yaml
	$(RUN) docs.generate

.venv/ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "plmbench needs Python 3.11 or newer, $(PYTHON) is " + sys.version.split()[0] + "; say make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(RUN) pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@$(RUN) profiles.loggers.install
	@touch $@

# Not embed: Snakemake makes an environment from its pin file alone, without what pip adds to it.
pins:
	@command -v conda >/dev/null || { echo "make pins needs conda, and a way to conda-forge" >&2; exit 1; }
	rm -rf .pins
	for name in probe report; do \
	  CONDA_SUBDIR=linux-64 conda env create --quiet --file envs/$$name.yaml --prefix .pins/$$name && \
	  conda list --explicit --md5 --prefix .pins/$$name > .pins/$$name.txt || exit 1; \
	done
	for name in probe report; do mv .pins/$$name.txt envs/$$name.linux-64.pin.txt; done
	rm -rf .pins

lock:
	rm -rf .venv-lock
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --requirement requirements.in
	( echo "# Made by 'make lock' from requirements.in; what torch needs beyond this (CUDA) pip adds."; \
	  .venv-lock/bin/python -m pip freeze | sed 's/+cpu$$//' ) > requirements.lock
	rm -rf .venv-lock

release: .venv/ready
	$(RUN) docs.release
