# Journeyman's four verbs. Each does its own set-up; nothing needs to be activated.
.PHONY: run test check bench setup
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
export PYTHONDONTWRITEBYTECODE := 1

# Try it, or join Slack when .env holds the tokens.
run: $(STAMP)
	@exec $(BIN)/journeyman up

test: $(STAMP)
	@$(BIN)/python -m pytest -n auto

# Everything that can be known without running it: format, lint, types, rooms, schema.
check: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m migrations.check

# make bench BENCH=answers DATA=../data
bench: $(STAMP)
	@$(BIN)/python -m benchmarks.$(BENCH) $(if $(DATA),--data $(DATA)) $(ARGS)

setup: $(STAMP)

# Made anew when what is to be installed changes; torch first, so that a CPU build is taken where one is offered.
$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing Journeyman into .venv (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet -c constraints.txt torch==2.13.0
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e . --group dev
	@touch $(STAMP)
