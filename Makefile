# Two commands: `make site` builds the sites of the samples and a library, `make test` runs every check. Both set up all they need.
.DEFAULT_GOAL := site
SHELL := /bin/sh
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --constraint constraints.txt
EVENTS ?= 1000000
# Sizes between which `make bench` compares the memory of builds, for example "1000000 3000000"; none by default.
SIZES ?=
# Other interpreters that must give the same bytes: those on the path that run, and pyenv's.
PYTHONS ?= $(shell for p in python3.11 python3.12 python3.13 $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.1[123].*/bin/python; \
	do $$p -c "" 2>/dev/null && command -v $$p; done)

# Where tests write their many small sites: in memory, if 4 GB of it are there for files.
SCRATCH ?= $(shell [ "$$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $$4 }')" -gt 4000000 ] 2>/dev/null && echo /dev/shm)

.PHONY: site test check format golden bench bench-peers bench-flow screenshots clean

site: $(VENV)/.site
	$(BIN)/replayglass build samples/paper --out build/site
	$(BIN)/replayglass build samples/flow --out build/flow
	@# Its recorded ledger was edited: the site says so, and so does the exit code.
	$(BIN)/replayglass build samples/flow-diverged --out build/flow-diverged; test $$? -eq 1
	@# Five runs, and the difference of two of them; the first page of build/site leads there.
	$(BIN)/python samples/library.py build/library
	@echo "open build/library/index.html, build/site/index.html, build/flow/index.html or build/flow-diverged/index.html"

test: $(VENV)/.test
	.ci/browser
	$(MAKE) --no-print-directory check
	REPLAYGLASS_PYTHONS="$(PYTHONS)" TMPDIR="$(SCRATCH)" $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --cov --cov-report=term

# The checks that run nothing of ours.
check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Accept the site that is built now as the expected one; look at the difference before committing it.
golden: $(VENV)/.test
	$(BIN)/python -m pytest tests/test_golden.py tests/test_documents.py tests/test_detection.py --update-golden

bench: $(VENV)/.test
	$(BIN)/python -m bench --events $(EVENTS) --sizes $(SIZES)

bench-peers: $(VENV)/.test
	$(BIN)/python -m bench.peers --events $(EVENTS)

bench-flow: $(VENV)/.test
	$(BIN)/python -m bench.flowmachine

# The pictures of docs/gallery.md; look at them before committing them.
screenshots: $(VENV)/.test site
	.ci/browser
	PYTHONPATH=tests $(BIN)/python -m gallery build docs/gallery

$(VENV)/.venv:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.site: $(VENV)/.venv pyproject.toml constraints.txt
	$(PIP) --editable .
	touch $@

$(VENV)/.test: $(VENV)/.venv pyproject.toml constraints.txt
	$(PIP) --editable '.[dev]'
	touch $@ $(VENV)/.site

clean:
	rm -rf $(VENV) .venv-* build/site build/flow build/flow-diverged build/library .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage
