# On a machine with Python 3.11 or later: `make run` sets up and runs the main job, `make test` sets up and tests.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)

.PHONY: run claims test test-slow bench peers lint pages docs clean setup

run: setup
	$(BIN)/restock compare

# Every claim of conf/claim, small: verdicts, and one page in runs/.
claims: setup
	$(BIN)/restock claims

test: setup
	$(BIN)/python -m pytest -n 2

test-slow: setup
	RESTOCK_EXAMPLES=1000 $(BIN)/python -m pytest -n 2 -m ""

bench: setup
	$(BIN)/python benchmarks/bench.py

# Installs other libraries (about 440 MB) beside restock, and runs the same models in them.
peers: setup
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[peers]"
	$(BIN)/python -m benchmarks.peers

# The pages of docs/ that are read off the code.
pages: setup
	$(BIN)/python -m restock.experiments.pages

# The documentation as a site of plain files, in build/site; every lesson is run for its page.
docs: setup
	$(BIN)/python -m restock.experiments.site.building build/site

lint: setup
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[dev]"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Compiles the kernel that `restock compare` of the grocer takes, so that the first answer comes at once.
setup: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[test]"
	$(BIN)/python -m restock.sim.run.warm records late_records shelf_life
	touch $@

clean:
	rm -rf $(VENV) build dist runs
