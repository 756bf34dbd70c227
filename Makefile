PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
CODE := $(wildcard domain ports adapters entrypoints migrations tests benchmarks)
PYTEST_ARGS ?=
prompt ?= Real-time fraud detection for a bank, 2k requests/s, p99 under 80 ms, PCI-DSS, EU only, about $$4k a month, retrain daily, team of 3 who know AWS and Terraform.
m ?=

ifdef UV
install = $(UV) pip install --quiet --python $(BIN)/python --editable "$(1)"
create = $(UV) venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" $(VENV)
else
install = $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable "$(1)"
create = $(PYTHON) -m venv $(VENV)
endif

.DEFAULT_GOAL := help
.PHONY: help design test check bench storm migration clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

design: export MLWRIGHT_DESIGN_PROMPT = $(prompt)
design: $(VENV)/.installed ## Design the system of the README's prompt on the embedded database
	$(BIN)/mlwright design "$$MLWRIGHT_DESIGN_PROMPT" --yes

test: $(VENV)/.installed-dev ## Run every test but the storms, with a real PostgreSQL
	$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

check: $(VENV)/.installed-dev ## Check format, lint, types and import contracts, then run the tests
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy --strict $(CODE)
	$(BIN)/lint-imports
	$(MAKE) test

bench: $(VENV)/.installed-dev ## Run the benchmarks
	$(BIN)/python -m benchmarks

storm: $(VENV)/.installed-dev ## Run the tests that kill and pause processes for minutes
	$(BIN)/python -m pytest -m storm --timeout 1800 $(PYTEST_ARGS)

migration: $(VENV)/.installed-dev ## Write a migration for what changed in the tables: make migration m="Add a column"
	@test -n "$(m)" || { echo 'Say what it does: make migration m="Add a column"' >&2; exit 2; }
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT \
		&& export MLWRIGHT_DATABASE_URL="sqlite:///$$scratch/migration.db" \
		&& $(BIN)/alembic upgrade head && $(BIN)/alembic revision --autogenerate -m "$(m)"

clean: ## Remove the environment and all caches; databases and artifacts stay
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(CODE) -type d -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'mlwright needs Python 3.11 or newer, and $(PYTHON) is not: make PYTHON=/path/to/python3.11 …' >&2; exit 1; }
	$(create)

# The development set-up holds all of the base one, so it satisfies both.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(call install,.)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(call install,.[dev])
	@touch $(VENV)/.installed $@
