# One short recipe per task. `make digest` and `make test` install what they need, once, and work offline after that.
.PHONY: help digest test lint format types lock docs bench proof torture live clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHON

help:  ## list the recipes
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

digest: $(VENV)/.ready-to-run  ## write a digest from the example sources and say where it is
	@LOCALDIGEST_STORE=$${LOCALDIGEST_STORE:-.cache/store.sqlite3} $(BIN)/localdigest run examples/mistral-week.toml

test: $(VENV)/.ready-to-test lint types .cache/llama-rpc/VERSION  ## check style and types, and run every test
	$(BIN)/python -m pytest

# A device for the tests of placement, where there is no GPU.
.cache/llama-rpc/VERSION: $(VENV)/.ready-to-test
	@./scripts/make-llama-build.sh rpc

proof: $(VENV)/.ready-to-test  ## show with the system's own tools that nothing leaves but what is asked for
	$(BIN)/python scripts/proof.py

bench: $(VENV)/.ready-to-test .cache/llama-server/VERSION  ## measure the engine against llama_cpp.Llama and llama-server
	$(BIN)/python bench/bench_engine.py --server .cache/llama-server/llama-server $(BENCH)

.cache/llama-server/VERSION: $(VENV)/.ready-to-test
	@./scripts/make-llama-build.sh server

torture: $(VENV)/.ready-to-test  ## kill runs and stores hundreds of times, for some minutes: nothing may be lost
	$(BIN)/python -m pytest -m torture -s $(TORTURE)

live: $(VENV)/.ready-to-test  ## ask each site that has an adapter for one page, as it is today
	$(BIN)/python -m pytest -m live -s -rs tests/test_sites_live.py

lint: $(VENV)/.ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready-to-test
	$(BIN)/mypy

format: $(VENV)/.ready-to-test  ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.ready-to-test  ## write the pages that are made from the code
	$(BIN)/python scripts/make_docs.py

lock: $(VENV)/.ready-to-test  ## choose the newest allowed versions anew
	./scripts/lock.sh

clean:  ## remove what was installed and made here; digests in output/ stay
	rm -rf $(VENV) .cache build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.ready-to-run: pyproject.toml requirements/run.lock
	@[ -e $(VENV)/.ready-to-test ] && [ $(VENV)/.ready-to-test -nt pyproject.toml ] || ./scripts/make-venv.sh requirements/run.lock
	@touch $@

$(VENV)/.ready-to-test: pyproject.toml requirements/test.lock
	@./scripts/make-venv.sh requirements/test.lock
	@touch $@
