# Every path is relative: this works in a folder whose name has spaces.
PYTHON ?= python3
ARGS ?=
# Processes that share the tests (for two cores: more than half of what they do is waiting), each with a PostgreSQL and a Redis of its own; 0: none, the tests run in pytest's.
WORKERS ?= 6
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -e
# What an installed posko is made of besides its Python, which is read in place.
BUILT_FROM := pyproject.toml $(shell find posko/web deploy -name node_modules -prune -o -type f \
	\( -path 'posko/web/*' -o -name '*.py' \) -print 2>/dev/null)

# Each start of a role, and each worker's look at the tests, would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check audit bench shots schema web clean

help: ## print this
	@echo "make TARGET [ARGS='...'] [PYTHON=python3.12]"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-6s %s\n", $$1, $$2 }' Makefile

demo: .venv/.stamp-run ## a whole election day on this machine, with a PostgreSQL and a Redis of its own
	@$(BIN)/posko demo $(ARGS)

test: .venv/.stamp-test ## every test (ARGS='-k rollup' for some of them)
	@$(BIN)/pytest -n $(WORKERS) $(ARGS)

check: .venv/.stamp-dev ## format, lint, types, imports, every test, the pages' types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict posko
	$(BIN)/lint-imports
	$(BIN)/pytest -n $(WORKERS) $(ARGS)
	@command -v npm >/dev/null || { echo "make check needs Node >= 20.19 with npm for the pages; demo and test do not."; exit 1; }
	@test -d posko/web/node_modules || npm --prefix posko/web ci --ignore-scripts
	npm --prefix posko/web run check

audit: .venv/.stamp-dev ## known weaknesses in what is installed (asks pypi.org and registry.npmjs.org)
	$(BIN)/pip-audit --skip-editable
	npm --prefix posko/web audit

bench: .venv/.stamp-test ## how much it takes, and how fast (ARGS=--full: everything, in a quarter of an hour)
	@$(BIN)/python -m tests.bench $(ARGS)

shots: .venv/.stamp-test ## a picture of every screen, in three sizes and two themes, in build/shots (wants chromium)
	@$(BIN)/python -m tests.shots $(ARGS)

schema: .venv/.stamp-test ## write sql/schema.sql anew from the migrations
	@$(BIN)/python -m tests.schema

web: .venv/.stamp-run ## build the pages again
	rm -rf posko/static
	$(INSTALL) .

clean: ## remove what was built; the demo's data stays
	rm -rf .venv posko/static posko/web/node_modules build dist *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find posko tests deploy -name __pycache__ -prune -exec rm -rf {} +

.venv/.stamp-venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "posko needs Python 3.11 or later, and '$(PYTHON)' is not one. Name another: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "'$(PYTHON)' has no venv module. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@echo "== making .venv"
	@$(PYTHON) -m venv .venv
	@touch $@

# A larger install contains the smaller ones.
.venv/.stamp-run: $(BUILT_FROM) | .venv/.stamp-venv
	@echo "== installing posko into .venv; the first time takes a minute"
	$(INSTALL) .
	@touch $@

.venv/.stamp-test: $(BUILT_FROM) | .venv/.stamp-venv
	@echo "== installing posko and what its tests need into .venv; the first time takes a minute"
	$(INSTALL) '.[test]'
	@touch .venv/.stamp-run $@

.venv/.stamp-dev: $(BUILT_FROM) | .venv/.stamp-venv
	@echo "== installing posko, its tests and its linters into .venv; the first time takes a minute"
	$(INSTALL) '.[dev]'
	@touch .venv/.stamp-run .venv/.stamp-test $@
