# Everything that a fresh clone needs is Python 3.11 to 3.13 and make; `make` alone lists the targets.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# The first of these that is 3.11 to 3.13 and can make a virtual environment. `make PYTHON=...` overrides.
PYTHON ?=
PYTHONS := $(strip $(PYTHON) python3 python3.13 python3.12 python3.11 python)
BIN := .venv/bin
STAMP := .venv/.up-to-date

# Texts are UTF-8 whatever the locale; nothing of the caller's Python settings leaks in.
export PYTHONUTF8 := 1
export PYTHONNOUSERSITE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

.PHONY: help setup demo neo4j neo4j-stop test test-all lint format protos bench clean

help: ## this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## build .venv with everything in it (every other target does so by itself)

$(STAMP): pyproject.toml client/pyproject.toml constraints.txt
	@python=; \
	for candidate in $(PYTHONS); do \
	    if "$$candidate" -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then \
	        python=$$candidate; break; \
	    fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "idweave needs Python 3.11, 3.12 or 3.13 with its venv module (on Debian: apt install python3-venv);" >&2; \
	    echo "none of these is one: $(PYTHONS). Name yours with: make PYTHON=/path/to/python3.12 setup" >&2; \
	    exit 1; \
	fi; \
	if ! $(BIN)/python -c 'import sys, pip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then \
	    echo "making .venv with $$("$$python" --version)"; \
	    "$$python" -m venv --clear .venv; \
	fi
	$(BIN)/python -m pip install --quiet --constraint constraints.txt pip hatchling
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --group dev -e . -e client
	@touch $@

demo: $(STAMP) ## start a server, send it the bundled sample, and tell who became whom, and why
	@$(BIN)/idweave demo

NEO4J ?=

neo4j: $(STAMP) ## start Neo4j and its Browser on this machine alone, and say how to connect; its data is in .neo4j (NEO4J=options)
	@$(BIN)/python -m local_neo4j start $(NEO4J)

neo4j-stop: $(STAMP) ## end that Neo4j; its data stays
	@$(BIN)/python -m local_neo4j stop

test: $(STAMP) ## the tests, without the slow ones
	$(BIN)/python -m pytest -m "not slow" -n 3 --dist loadfile

test-all: $(STAMP) ## every test
	$(BIN)/python -m pytest -n 3 --dist loadfile

lint: $(STAMP) ## format, lint, types, generated code: checked, nothing changed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python protos/generate.py --check
	$(BIN)/python protos/document.py --check

format: $(STAMP) ## put the sources in order: what `make lint` would complain of, where a tool can mend it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

protos: $(STAMP) ## regenerate client/idweave/v1 and docs/api.md from protos/
	$(BIN)/python protos/generate.py
	$(BIN)/python protos/document.py

bench: $(STAMP) ## the benchmarks at a small size; results go to benchmarks/results/
	$(BIN)/python -m benchmarks run --size small

clean: ## remove caches and build products; .venv stays (rm -rf .venv for that)
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist out
	find . -path ./.venv -prune -o -type d -name __pycache__ -exec rm -rf {} +
