# Every verb sets up what it needs; `make` alone lists them.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# Tests start some hundred servers: without bytecode each of them would compile everything once more.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help serve test coverage lint types contracts data openapi bench fuzz fmt lock clean

help: ## list the verbs
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.venv/ready: requirements.lock requirements-dev.lock pyproject.toml
	@echo "==> creating .venv and installing locked dependencies (once, about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

serve: .venv/ready ## build the release if needed and serve on 127.0.0.1:$(PORT)
	@exec $(BIN)/preclear serve --port $(PORT)

test: .venv/ready ## run every test
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

coverage: .venv/ready ## what of rules/ its own tests do not reach: nothing; about 6 minutes
	$(BIN)/python -m coverage run -m pytest tests/rules tests/margin tests/law tests/costs tests/http_calculators
	$(BIN)/python -m coverage report

lint: .venv/ready ## ruff, formatting included
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready ## mypy, strict
	$(BIN)/mypy

contracts: .venv/ready ## data -> rules -> api, nothing points back
	$(BIN)/lint-imports

data: .venv/ready ## build the release from data/curated
	@$(BIN)/preclear build

openapi: .venv/ready ## write openapi/openapi.json
	@$(BIN)/preclear openapi

bench: .venv/ready ## print the benchmark ratios
	@$(BIN)/preclear build
	@for b in benchmarks/bench_*.py; do echo "== $$b"; $(BIN)/python $$b || exit 1; done

fuzz: .venv/ready ## schemathesis with a large budget, about 25 minutes
	PRECLEAR_FUZZ_EXAMPLES=500 $(BIN)/python -m pytest tests/conformance

fmt: .venv/ready ## format the code
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: .venv/ready ## renew the hash-locked dependency files
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml requirements-build.in -o requirements-dev.lock

clean: ## remove the environment and what was built; the journal, its keys and the pepper stay
	rm -rf .venv var/releases .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage *.egg-info
