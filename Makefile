# Everything a newcomer needs. `make talk` and `make test` do all the set-up themselves.
PYTHON ?= python3
BIN := .venv/bin
SERVE := .venv/.serve
DEV := .venv/.dev

.PHONY: serve talk test test-fast check bench locks clean

serve: $(SERVE)  ## talk to it: http://127.0.0.1:8787
	$(BIN)/hocket serve

talk: $(SERVE)  ## a spoken conversation over a recording; leaves out/agent.wav, out/score.jsonl, out/score.png
	@mkdir -p out
	$(BIN)/hocket talk examples/conversation.flac --out out/agent.wav --score out/score.jsonl
	$(BIN)/hocket show out/score.jsonl --out out/score.png

test: check $(DEV)  ## all checks and tests, real models included
	requirements/debian.sh
	$(BIN)/hocket models pull talk evaluate voices
	$(BIN)/pytest

test-fast: $(DEV)  ## tests without models, browser and training
	$(BIN)/pytest -n 2 -m "not models and not browser and not training"

check: $(DEV)
	$(BIN)/ruff check src tests benchmarks examples
	$(BIN)/ruff format --check src tests benchmarks examples
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEV)  ## figures of the parts, as JSON in benchmarks/results
	$(BIN)/hocket models pull talk evaluate
	for part in ears voice brain tick; do $(BIN)/python -m benchmarks.$$part --json benchmarks/results/$$part.json; done

locks:  ## pin again what is installed
	requirements/lock.sh

$(SERVE): requirements/serve.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --require-hashes -r requirements/serve.txt
	$(BIN)/python -m pip install -q --no-deps -e .
	@touch $@

# torch is installed apart: its CPU and GPU builds share a version and differ in hash.
$(DEV): $(SERVE) requirements/dev.txt
	$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install -q torch==2.13.0
	@touch $@

clean:
	rm -rf .venv out
