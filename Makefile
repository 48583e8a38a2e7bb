# Everything a person types. Each target that needs the environment makes it first; `setup` is instant when nothing changed.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# Tests run side by side, each in one thread.
WORKERS ?= 2
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.PHONY: help setup demo test test-fast check lint bench bench-quality services services-stop docs lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: $(STAMP) ## create .venv with pinned, hash-checked packages

$(STAMP): locks/dev.txt pyproject.toml
	@sh scripts/make_venv.sh $(VENV)
	@echo "Installing the locked packages into $(VENV) (once; about a minute)"
	@$(PIP) install --quiet --progress-bar off --no-deps --require-hashes -r locks/dev.txt
	@$(PIP) install --quiet --progress-bar off --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: setup ## simulate an insurer and rank its claims, with reasons (about two minutes)
	@$(BIN)/perito simulate simulated --out demo/insurer --seed 1 --overwrite
	@$(BIN)/python main.py --dataset simulated --data demo/insurer --out demo/results

test: lint ## the whole suite, slow tests included
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile

test-fast: setup ## the tests that take a few seconds each at most
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile -m "not slow"

check: test ## ruff, mypy, import-linter and pytest in one

lint: setup ## ruff, mypy strict, import-linter
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup ## measure speed and memory; results go to benchmarks/results/
	@$(BIN)/python -m benchmarks

bench-quality: setup ## rank the real tables in DATA=DIR beside peers; prints and writes docs/quality.md
	@$(BIN)/python -W ignore -m benchmarks.insurer
	@$(BIN)/python -W ignore -m benchmarks.quality "$${DATA:-$${PERITO_DATA:?name the folder of the tables: make bench-quality DATA=DIR}}"

services: setup ## PostgreSQL, MLflow, Prefect and a worker on this machine, without Docker
	@test -f .env || $(BIN)/perito init
	@$(BIN)/perito services start

services-stop: setup ## end them; data stays in .perito/services
	@$(BIN)/perito services stop

docs: setup ## write the generated pages of docs/ anew
	@$(BIN)/python -m scripts.generate_docs

lock: setup ## resolve the newest allowed versions into locks/
	@sh scripts/make_locks.sh $(BIN)

clean: ## remove what make created, but not your results in .perito
	@rm -rf $(VENV) demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
