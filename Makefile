# The commands that people and CI share. `make demo` and `make test` prepare their own environment;
# a second run finds it and installs nothing.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)

ifdef UV
CREATE  := $(UV) venv --quiet --python $(PYTHON) $(VENV)
INSTALL := $(UV) pip install --quiet --compile-bytecode --python $(BIN)/python
else
CREATE  := $(PYTHON) -m venv $(VENV)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

.PHONY: demo test lint bench lock picture clean

demo: $(VENV)/.ready
	@$(BIN)/paperbot demo

test: $(VENV)/.ready-dev
	@$(BIN)/pytest

lint: $(VENV)/.ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: $(VENV)/.ready-dev
	@$(BIN)/python -m benchmarks

# The pictures in docs/, drawn by the program itself.
picture: $(VENV)/.ready-dev
	@$(BIN)/python docs/picture.py
	@$(BIN)/python docs/slack_pictures.py
	@$(BIN)/python docs/email_pictures.py

$(BIN)/python:
	@echo "making $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "paperbot needs Python 3.11 or newer; name one with: make demo PYTHON=python3.12")'
	@$(CREATE)

$(VENV)/.ready: requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing ..."
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@echo "installing what the tests need ..."
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

# Every dependency with its hashes, for every system; no index host is written down.
LOCK := uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml
lock:
	$(LOCK) --extra build --extra postgres --extra charts -o requirements.lock
	$(LOCK) --extra build --extra postgres --extra charts --extra dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
