# Works with GNU make 3.81 and newer, as root and as a plain user. Needs Python 3.11 or newer.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long check docs bench lock scanners

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.labrecords-ready
# Scanners ask for other versions of what the product uses, so each lives by itself.
SCANNERS := .venv-scanners
# More words for the command behind a target: make test ARGS="-k centrifugation"
ARGS ?=

help:
	@echo "labrecords: what make can do"
	@echo
	@echo "  make setup   the virtual environment in $(VENV), from the hashed requirements.lock"
	@echo "  make demo    set up, play three published runs, write and verify their PDFs, serve the site"
	@echo "  make test    set up, run all tests            (ARGS=\"-k words\" chooses)"
	@echo "  make test-long  30,000 random acts, of the steps, of custody and of people signing in, compared with models: half on each database, about 50 min on two cores"
	@echo "  make check   format, lint, types, house rules"
	@echo "  make docs    the pages of docs/ that follow from the code"
	@echo "  make scanners  semgrep and wapiti, each in a folder of its own, for tests/security"
	@echo "  make bench   the figures: medians and ratios"
	@echo "  make lock    resolve requirements.lock anew   (ARGS=--upgrade moves every version)"
	@echo
	@echo "After make setup the command is $(BIN)/labrecords (try --help)."

setup: $(STAMP)
	@:

# The first Python that is new enough; PYTHON=... overrides. Each is asked, since a name on PATH may be a dead shim.
$(STAMP): pyproject.toml requirements.lock
	@python=; \
	for candidate in "$(PYTHON)" python3 python3.13 python3.12 python3.11 python3.14 /usr/bin/python3; do \
	  [ -n "$$candidate" ] || continue; \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    python=$$("$$candidate" -c 'import sys; print(sys._base_executable)'); break; \
	  fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 or newer is needed. On Debian or Ubuntu: apt-get install -y python3 python3-venv" >&2; \
	  exit 1; \
	fi; \
	rm -f $(STAMP); set -e; \
	keep=no; \
	if $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then keep=yes; fi; \
	if command -v uv >/dev/null 2>&1; then \
	  echo "Setting up $(VENV) with uv and $$python"; \
	  if [ $$keep = no ]; then uv venv --quiet --clear --no-python-downloads --python "$$python" $(VENV); fi; \
	  VIRTUAL_ENV="$(CURDIR)/$(VENV)"; export VIRTUAL_ENV; \
	  uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock; \
	  uv pip install --quiet --no-deps --no-build-isolation --editable .; \
	else \
	  echo "Setting up $(VENV) with pip and $$python (about a minute; faster where uv is installed)"; \
	  if ! "$$python" -c 'import venv, ensurepip' 2>/dev/null; then \
	    echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install -y python3-venv" >&2; \
	    exit 1; \
	  fi; \
	  if [ $$keep = no ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	    "$$python" -m venv --clear $(VENV); \
	  fi; \
	  pip="$(BIN)/python -m pip --quiet --disable-pip-version-check --no-input"; \
	  $$pip install --require-hashes --requirement requirements.lock; \
	  $$pip install --no-deps --no-build-isolation --editable .; \
	fi; \
	$(BIN)/python -m compileall -qq labrecords || true; \
	touch $(STAMP)

demo: setup
	$(BIN)/labrecords demo $(ARGS)

# A file of tests stays on one core, and files start in the order of their names: those with few long tests not last.
test: setup
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

test-long: setup scanners
	LABRECORDS_TEST_ACTS=5000 LABRECORDS_TEST_KILLS=200 LABRECORDS_TEST_RESTARTS=20 LABRECORDS_TEST_SCAN=120 $(BIN)/python -m pytest \
	  --numprocesses 2 --dist load -o faulthandler_timeout=0 tests/any_order tests/any_custody tests/any_session tests/crash tests/security $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/house

docs: setup
	$(BIN)/python docs/generate.py

bench: setup
	$(BIN)/python -m benchmarks $(ARGS)

scanners: $(SCANNERS)/semgrep/.ready $(SCANNERS)/wapiti/.ready
	@:

$(SCANNERS)/%/.ready: tests/security/%.lock $(STAMP)
	@set -e; python=$$($(BIN)/python -c 'import sys; print(sys._base_executable)'); \
	if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --clear --no-python-downloads --python "$$python" $(SCANNERS)/$*; \
	  VIRTUAL_ENV="$(CURDIR)/$(SCANNERS)/$*" uv pip sync --quiet --require-hashes tests/security/$*.lock; \
	else \
	  "$$python" -m venv --clear $(SCANNERS)/$*; \
	  $(SCANNERS)/$*/bin/python -m pip --quiet --disable-pip-version-check --no-input install \
	    --require-hashes --requirement tests/security/$*.lock; \
	fi; \
	touch $@

# Names, versions, markers and hashes only: no index address gets into the file.
lock:
	@command -v uv >/dev/null 2>&1 || { echo "make lock needs uv: python3 -m pip install uv" >&2; exit 1; }
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate \
	  --quiet --output-file requirements.lock $(ARGS)
