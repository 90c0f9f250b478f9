# make run · make test · make tensorboard · make bench · make matrix · make reproduce: each sets up its own .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
unexport PYTHONDONTWRITEBYTECODE # what is compiled once need not be compiled at every start

.PHONY: setup run test check bench matrix reproduce tensorboard clean
setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

run: setup  ## the main job: train both networks on MNIST, check every step
	$(BIN)/backproof run $(ARGS)

test: setup check  ## format, lint, types and tests
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

check: setup
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

bench: setup  ## speed and memory, as ratios measured in one process
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python -m compare.bench $(ARGS)

matrix: setup  ## every known mistake through backproof and through the checks in use today: docs/matrix.*, minutes
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python -m compare.matrix $(ARGS)

reproduce: setup  ## published results, trained again from ten seeds on both sides: docs/reproduced.*, most of an hour
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python -m compare.reproduce $(ARGS)

tensorboard: setup  ## open the logs of the runs
	$(BIN)/tensorboard --logdir runs $(ARGS)

clean:
	rm -rf $(VENV) build dist *.egg-info
