# The commands of Longshore. Needs python3 (3.11 to 3.14), git and make; `check` and `bench` also need node 20 or later,
# and `build` uses it to compile the layers where there is no Python 3.13.
# The first call sets up what it needs under this folder; a second call finds it done.

PYTHON ?= python3
PYTEST_FLAGS ?= -n 3 --dist loadfile --no-loadscope-reorder
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
SAMPLE := events/samples/contacts.csv

export SAM_CLI_TELEMETRY := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# `sam build` runs the Makefiles of the layers, which call uv.
export PATH := $(CURDIR)/$(BIN):$(PATH)

LOCK = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock" --quiet $(UPGRADE)

INSTALLED := $(VENV)/.installed
NODE_INSTALLED := node_modules/.installed
MACHINES := $(wildcard statemachines/*.asl.json)

.PHONY: help run up test check lint types template machines bench build lock clean
.NOTPARALLEL:
.DEFAULT_GOAL := help

help:  ## Print this list
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: $(INSTALLED)  ## Import a bundled sample on the embedded AWS, without an account
	$(BIN)/longshore import $(SAMPLE) --template contact

up: $(INSTALLED)  ## Start the embedded AWS and keep it running until Ctrl-C
	$(BIN)/longshore up

test: $(INSTALLED)  ## Run the tests
	@$(BIN)/pytest $(PYTEST_FLAGS)

check: lint types template machines test  ## Run what .ci/run runs: style, types, template, state machines, tests

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(INSTALLED)
	$(BIN)/mypy

template: $(INSTALLED)
	$(BIN)/sam validate --lint --region eu-west-1

machines: $(patsubst statemachines/%,build/%.checked,$(MACHINES))

# asl-validator reads JSON: a quoted "${Placeholder}" becomes an ARN and a bare one a number, as `sam deploy` would do it.
build/%.asl.json.checked: statemachines/%.asl.json $(NODE_INSTALLED)
	@mkdir -p build
	@sed -E -e 's/"\$$\{([A-Za-z]+)\}"/"arn:aws:lambda:eu-west-1:123456789012:function:\1"/g' \
		-e 's/\$$\{[A-Za-z]+\}/60/g' $< > build/$*.asl.json
	node_modules/.bin/asl-validator --json-path build/$*.asl.json
	@touch $@

bench: $(INSTALLED)  ## Measure; prints a table and writes build/bench.json
	$(BIN)/python -m tests.benchmarks

# Without node the layers are built too, see layers/compile_layer.py.
build: $(INSTALLED)  ## Make what Lambda runs (arm64, python3.13) in .aws-sam/build
	-@if command -v npm > /dev/null; then $(MAKE) --no-print-directory $(NODE_INSTALLED); fi
	$(BIN)/sam build

lock: $(INSTALLED)  ## Write the lock files after a change of pyproject.toml; UPGRADE=--upgrade takes the newest versions
	$(LOCK) pyproject.toml --extra local --extra dev -o requirements.lock
	$(LOCK) pyproject.toml --constraint requirements.lock -o layers/dependencies/requirements.txt
	$(LOCK) --group bench -o tests/benchmarks/requirements.lock

clean:  ## Remove everything that these commands made
	rm -rf $(VENV) node_modules build .aws-sam .longshore .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || \
		{ echo "Longshore needs Python 3.11 to 3.14; say which: make PYTHON=/path/to/python3.13" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@awk '/^[a-z]/ { keep = /^uv==/ } keep' requirements.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r $(VENV)/uv.lock
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline --editable .
	@touch $@

$(NODE_INSTALLED): package.json package-lock.json
	@command -v npm > /dev/null || { echo "make check needs node 20 or later with npm, for the state machine validator" >&2; exit 1; }
	npm ci --no-fund --no-audit --loglevel=error
	@touch $@
