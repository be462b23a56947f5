# Needs Python 3.11 or newer with venv, and nothing else: all tools are installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
ARGS ?=

# uv is to use our .venv and its Python, whatever else is active or installed.
export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv
export UV_PYTHON := $(CURDIR)/$(BIN)/python
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV

.DEFAULT_GOAL := help
.PHONY: help install run test test-slow lint format bench clean

help: ## Show this list
	@echo 'Usage: make TARGET [PYTHON=python3.12] [ARGS="more arguments"]'
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 14

install: $(INSTALLED) ## Install everything into .venv (the other targets do this themselves)

run: $(INSTALLED) ## Start the server and the demo mesh; Ctrl-C stops all of it
	@$(BIN)/tulle dev --demo $(ARGS)

test: $(INSTALLED) ## Run the tests, real Envoys included (under 5 minutes)
	$(BIN)/pytest $(ARGS)

test-slow: $(INSTALLED) ## Run the tests that take longer
	$(BIN)/pytest -m slow --timeout 1800 $(ARGS)

lint: $(INSTALLED) ## Check style, types and who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy manage.py meshcore tests $(wildcard bench/*.py)
	$(BIN)/lint-imports

format: $(INSTALLED) ## Rewrite the sources as lint wants them
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(INSTALLED) ## Measure the figures in README (needs wrk; ARGS="--quick", "--long", "--consul PATH")
	@command -v wrk >/dev/null || { echo 'bench needs wrk; on Debian: apt install wrk' >&2; exit 1; }
	@set -e; for name in reads writes propagation; do \
		echo "== $$name"; $(BIN)/python -m bench.$$name $(ARGS); \
	done
	@echo '== acl'; $(BIN)/python -m bench.acl $(filter --quick,$(ARGS))

clean: ## Remove .venv and all caches; .tulle, which holds data, stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find meshcore tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# The stamp is newer than the lock file as long as nothing is to be installed.
$(INSTALLED): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo '$(PYTHON) is missing or older than 3.11; name a newer one: make PYTHON=python3.12 ...' >&2; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '$(PYTHON) has no venv; on Debian and Ubuntu: apt install python3-venv' >&2; \
		exit 1; }
	@test -x $(BIN)/python || { echo 'Making .venv ...'; $(PYTHON) -m venv .venv; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	@test -x $(BIN)/uv || { echo 'Installing uv ...'; $(BIN)/python -m pip install --progress-bar on uv; }
	@echo 'Installing what pyproject.toml and uv.lock name (a few minutes the first time) ...'
	@$(BIN)/uv sync --frozen --inexact
	@touch $@
